import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.query import SampleQuery
from core.domain.sample_ids import SampleIds

LISTS = st.lists(st.integers(1, 2**40), max_size=30)


@given(LISTS)
def test_they_are_the_numbers_they_were_made_of(numbers):
    ids = SampleIds(numbers)
    assert (list(ids), len(ids), ids) == (numbers, len(numbers), tuple(numbers))
    assert tuple(numbers) == ids
    assert hash(ids) == hash(tuple(numbers))
    assert np.asarray(ids).tolist() == numbers
    assert ids[:2] == tuple(numbers[:2])


@given(LISTS, LISTS)
def test_two_are_equal_where_their_numbers_are(one, other):
    assert (SampleIds(one) == SampleIds(other)) == (one == other)
    assert SampleQuery(ids=SampleIds(one)) == SampleQuery(ids=tuple(one))


def test_they_do_not_change_with_what_they_were_made_of():
    numbers = np.array([1, 2, 3])
    ids = SampleIds(numbers)
    numbers[0] = 9
    assert ids == (1, 2, 3)
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(ids)[0] = 9
