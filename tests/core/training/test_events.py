import json
import string
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.runs import RunState
from core.errors import BugError
from core.training.events import (
    NOTICE_TEXTS,
    EpochDone,
    EpochScores,
    Notice,
    Preparing,
    RunEnded,
    RunStarted,
    StageStarted,
    StepDone,
    from_json,
    to_json,
)

count = st.integers(0, 10**6)
number = st.floats(0, 1e9)
text = st.text(max_size=20)
scores = st.builds(EpochScores, number, number, number)
metrics = st.dictionaries(text, st.dictionaries(text, number, max_size=3), max_size=3)
events = st.one_of(
    st.builds(RunStarted, count, text, st.lists(text).map(tuple), count, count, count, text, st.booleans()),
    st.builds(Preparing, text, count, st.none() | count, st.none() | number),
    st.builds(StageStarted, text, count, count, count),
    st.builds(StepDone, count, count, count, number, number, number),
    st.builds(EpochDone, text, count, scores, scores, number, number, number, st.booleans()),
    st.builds(Notice, st.sampled_from(sorted(NOTICE_TEXTS)), st.dictionaries(text, count | text, max_size=3)),
    st.builds(RunEnded, count, st.sampled_from(list(RunState)), st.none() | count, number, number, metrics),
)


@given(events)
def test_an_event_survives_a_line_of_json(event):
    assert from_json(json.loads(json.dumps(to_json(event)))) == event


def test_an_event_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        StageStarted("head", 0, 1, 1).epochs = 2  # type: ignore[misc]


@pytest.mark.parametrize("value", [{}, {"event": "unheard_of"}, {"event": "step_done", "epoch": 1}])
def test_what_is_no_event_is_refused(value):
    with pytest.raises(BugError):
        from_json(value)


@pytest.mark.parametrize("code", sorted(NOTICE_TEXTS))
def test_every_notice_fills_its_text(code):
    names = [name for _, name, _, _ in string.Formatter().parse(NOTICE_TEXTS[code]) if name]
    message = Notice(code, dict.fromkeys(names, 7)).message
    assert "{" not in message
    assert message.endswith(".")
