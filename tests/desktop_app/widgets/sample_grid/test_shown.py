"""Whether samples are shown is answered by id, however they are ordered and whatever their numbers."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.widgets.sample_grid.state import GridState

IDS = st.lists(st.integers(0, 40) | st.integers(2**40, 2**40 + 5), unique=True, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shown=IDS, then=IDS, asked=st.lists(IDS, max_size=3))
def test_all_shown_agrees_with_the_ids_in_the_grid(qapp, shown, then, asked):
    state = GridState()
    for ids in (shown, then):
        state.set_ids(np.array(ids, np.int64))
        for some in (*asked, ids, [-1]):
            assert state.all_shown(np.array(some, np.int64)) is (set(some) <= set(ids))
