import pytest

from core.errors import Cancelled
from core.progress import Progress
from core.training.control import Request, TrainControl


def test_nothing_is_asked_at_first():
    assert TrainControl().request is Request.CONTINUE


def test_a_pause_that_was_not_met_can_be_taken_back():
    control = TrainControl()
    control.pause()
    assert control.request is Request.PAUSE
    control.resume()
    assert control.request is Request.CONTINUE


def test_a_stronger_request_replaces_a_weaker_one_and_never_the_other_way_round():
    control = TrainControl()
    control.pause()
    control.stop()
    control.pause()
    assert control.request is Request.STOP
    control.cancel()
    control.stop()
    control.resume()
    assert control.request is Request.CANCEL


@pytest.mark.parametrize("ask", [TrainControl.pause, TrainControl.stop, TrainControl.cancel])
def test_any_request_ends_the_work_around_the_epochs(ask):
    control = TrainControl()
    progress = Progress(token=control.token)
    progress.checkpoint()
    ask(control)
    with pytest.raises(Cancelled):
        progress.checkpoint()


def test_cancelling_the_token_cancels_the_training():
    control = TrainControl()
    control.token.cancel()
    assert control.request is Request.CANCEL
