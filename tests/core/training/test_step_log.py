import torch

from core.training import step_log
from core.training.step_log import StepLog


def test_steps_are_read_in_a_bunch_and_in_order():
    log = StepLog(3, 10)
    for number in range(4):
        log.add(number, torch.tensor(float(number)), 0.1 * number, 8)
    events = log.flush()
    assert [(e.epoch, e.step, e.steps, e.loss) for e in events] == [(3, n + 1, 10, float(n)) for n in range(4)]
    assert log.images == 32
    assert log.seconds > 0
    assert log.flush() == []


def test_reading_is_due_after_many_steps_or_some_time(monkeypatch):
    log = StepLog(1, 10**6)
    assert not log.due
    monkeypatch.setattr(step_log, "_READ_EVERY_S", 1e9)
    for number in range(step_log._READ_EVERY_STEPS):
        assert not log.due
        log.add(number, torch.tensor(0.0), 0.1, 1)
    assert log.due
    log.flush()
    log.add(0, torch.tensor(0.0), 0.1, 1)
    monkeypatch.setattr(step_log, "_READ_EVERY_S", 0.0)
    assert log.due
