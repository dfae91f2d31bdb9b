import pytest

from core.errors import Cancelled
from core.progress import CancelToken, Progress


def test_the_first_and_the_last_step_are_always_reported():
    seen = []
    progress = Progress(seen.append, interval_s=1000)
    assert list(progress.track(range(50), "Reading")) == list(range(50))
    assert [(r.stage, r.done, r.total) for r in seen] == [("Reading", 0, 50), ("Reading", 50, 50)]


def test_a_cancelled_token_stops_the_work_at_the_next_step():
    token = CancelToken()
    progress = Progress(token=token)
    done = []
    with pytest.raises(Cancelled):
        for item in progress.track(range(10), "Reading"):
            done.append(item)
            if item == 3:
                token.cancel()
    assert done == [0, 1, 2, 3]


def test_what_was_cancelled_before_it_began_never_begins():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Progress(token=token).begin("Reading")


def test_work_of_unknown_length_is_reported_without_a_total():
    seen = []
    progress = Progress(seen.append, interval_s=0)
    list(progress.track(iter("ab"), "Walking"))
    assert [(r.done, r.total, r.seconds_left) for r in seen] == [(0, None, None), (1, None, None), (2, None, None)]


def test_the_time_left_is_estimated_from_the_pace():
    seen = []
    progress = Progress(seen.append, interval_s=0)
    progress.begin("Reading", 4)
    progress.advance(2)
    assert seen[-1].seconds_left is not None
    assert seen[-1].seconds_left >= 0
