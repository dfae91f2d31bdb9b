import threading

import pytest

from core.errors import Cancelled, UserError
from core.training.background import told
from core.training.control import FinishToken, Request, TrainControl
from core.training.events import Preparing


def drain(steps):
    events = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as ended:
            return events, ended.value


def count_to(n):
    def work(progress):
        progress.begin("Counting", n)
        for _ in range(n):
            progress.advance()
        return n

    return work


def test_work_is_told_and_its_result_returned():
    events, result = drain(told(count_to(3), TrainControl()))
    assert result == 3
    assert events[0] == Preparing("Counting", 0, 3, None)
    assert (events[-1].stage, events[-1].done) == ("Counting", 3)


def test_an_error_of_the_work_arrives_where_it_is_drained():
    def work(progress):
        raise UserError("disk_full", path="here")

    with pytest.raises(UserError):
        drain(told(work, TrainControl()))


@pytest.mark.parametrize("request_", ["pause", "stop", "cancel"])
def test_any_request_ends_the_work(request_):
    control = TrainControl()
    getattr(control, request_)()
    with pytest.raises(Cancelled):
        drain(told(count_to(3), control))


@pytest.mark.parametrize(("request_", "ends"), [("stop", False), ("pause", True), ("cancel", True)])
def test_work_after_the_epochs_is_not_ended_by_the_stop_that_led_to_it(request_, ends):
    control = TrainControl()
    getattr(control, request_)()
    steps = told(count_to(3), control, FinishToken(control))
    if ends:
        with pytest.raises(Cancelled):
            drain(steps)
    else:
        assert drain(steps)[1] == 3


def test_the_token_of_the_finish_cancels_the_training():
    control = TrainControl()
    FinishToken(control).cancel()
    assert control.request is Request.CANCEL


def test_leaving_early_ends_the_work_and_its_thread():
    ended = threading.Event()

    def work(progress):
        progress.begin("Waiting", None)
        try:
            while True:
                progress.checkpoint()
        except Cancelled:
            ended.set()
            raise

    steps = told(work, TrainControl())
    next(steps)
    steps.close()
    assert ended.is_set()
