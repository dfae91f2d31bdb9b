from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.backbones.device import DeviceKind
from core.errors import UserError
from core.training import loop, step_log
from core.training.control import Request
from core.training.events import EpochDone, Notice, StageStarted, StepDone
from core.training.loop import fit
from core.training.plan import StageName
from core.training.step import comfortable_pieces
from tests.core.training.tiny import (
    CPU,
    MemoryKeeper,
    TrainControl,
    run_fit,
    tiny_config,
    tiny_model,
    tiny_sets,
)


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first) and first.keys() == second.keys()


def epochs(events):
    return [(e.stage, e.epoch, e.train, e.val, e.learning_rate, e.best) for e in events if isinstance(e, EpochDone)]


def ask_after(request, epoch, step=None):
    def watch(event, control):
        met = isinstance(event, EpochDone) if step is None else isinstance(event, StepDone) and event.step >= step
        if met and event.epoch == epoch:
            getattr(control, request)()

    return watch


@pytest.fixture(autouse=True)
def every_step_told_at_once(monkeypatch):
    monkeypatch.setattr(step_log, "_READ_EVERY_S", 0.0)


def test_a_training_learns_what_can_be_learned():
    fit = run_fit(tiny_config(epochs=12, strategy="whole", augmentation="none", stage_decay=1))
    done = epochs(fit.events)
    assert fit.result.request is Request.CONTINUE
    assert len(done) == 12
    assert fit.result.best.val.macro_f1 > 0.9
    assert fit.result.images_per_second > 0


def test_every_step_is_told_once_with_the_rate_it_had():
    steps = [e for e in run_fit().events if isinstance(e, StepDone)]
    assert [(e.epoch, e.step) for e in steps] == [(epoch, step) for epoch in range(1, 5) for step in range(1, 6)]
    rates = [e.learning_rate for e in steps]
    assert max(rates) == 0.03
    assert rates[-1] < rates[5]
    assert all(np.isfinite(e.loss) for e in steps)


def test_the_model_ends_as_its_best_epoch():
    fit = run_fit()
    assert same(fit.model.state_dict(), fit.result.best.weights)
    assert fit.result.best.epoch == max(e.epoch for e in fit.events if isinstance(e, EpochDone) and e.best)


def test_the_best_is_kept_before_the_last_that_counts_on_it():
    keeper = run_fit().keeper
    assert keeper.order[0] == "best"  # the head alone
    for position, kind in enumerate(keeper.order[1:], start=1):
        if kind == "best":
            assert keeper.order[position + 1] == "last"


def test_the_whole_network_learns_after_its_last_stages():
    fit = run_fit(tiny_config(strategy="whole", epochs=5))
    stages = [(e.stage, e.first_epoch, e.epochs) for e in fit.events if isinstance(e, StageStarted)]
    assert stages == [(StageName.LAST_STAGES, 1, 1), (StageName.WHOLE, 2, 4)]


def test_frozen_stages_do_not_change_and_statistics_nowhere():
    before = tiny_model().state_dict()
    after = run_fit(tiny_config(stages=1)).keeper.last[-1].model
    frozen = [name for name in before if name.startswith(("body.0", "body.1"))]
    statistics = [name for name in before if "running" in name or "tracked" in name]
    assert all(torch.equal(before[name], after[name]) for name in frozen + statistics)
    assert not torch.equal(before["body.2.0.1.weight"], after["body.2.0.1.weight"])
    assert not torch.equal(before["head.weight"], after["head.weight"])


def test_the_same_seed_gives_the_same_training_and_another_another():
    first, second, other = run_fit(), run_fit(), run_fit(tiny_config(seed=8))
    assert epochs(first.events) == epochs(second.events)
    assert same(first.result.best.weights, second.result.best.weights)
    assert epochs(first.events) != epochs(other.events)


def test_torchs_own_randomness_is_left_as_it_was():
    before = torch.random.get_rng_state()
    run_fit(tiny_config(epochs=1))
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize(
    ("watch", "met"),
    [
        (ask_after("pause", 2), 0),
        (ask_after("pause", 1, step=2), 2),
        (ask_after("pause", 2, step=5), 5),
        (ask_after("pause", 3, step=1), 1),
    ],
    ids=["between epochs", "within the first epoch", "at the last step of an epoch", "in a later epoch"],
)
@pytest.mark.parametrize("strategy", ["staged", "whole"])
def test_a_paused_training_goes_on_to_the_same_result_bit_for_bit(watch, met, strategy):
    config = tiny_config(strategy=strategy, epochs=5)
    through = run_fit(config)
    paused = run_fit(config, watch=watch)
    assert paused.result.request is Request.PAUSE
    assert paused.keeper.last[-1].place.step == met
    resumed = run_fit(config, best=paused.keeper.best[-1], resume=paused.keeper.last[-1], model=tiny_model(seed=5))
    assert resumed.result.request is Request.CONTINUE
    assert epochs(paused.events) + epochs(resumed.events) == epochs(through.events)
    assert same(resumed.result.best.weights, through.result.best.weights)
    assert same(resumed.keeper.last[-1].model, through.keeper.last[-1].model)


def test_a_training_killed_between_best_and_last_goes_on_to_the_same_result():
    through = run_fit()
    # The files of a kill right after a new best: `last` still holds the epoch before.
    best = next(best for best in through.keeper.best if best.epoch > 1)
    resumed = run_fit(best=best, resume=through.keeper.last[best.epoch - 2])
    assert epochs(resumed.events) == epochs(through.events)[best.epoch - 1 :]
    assert same(resumed.result.best.weights, through.result.best.weights)


def test_a_long_epoch_is_kept_within_and_goes_on_from_there(monkeypatch):
    through = run_fit()
    monkeypatch.setattr(loop, "_KEEP_EVERY_S", -1.0)
    often = run_fit()
    within = next(snapshot for snapshot in often.keeper.last if (snapshot.place.epoch, snapshot.place.step) == (2, 3))
    best = [best for best in often.keeper.best if best.epoch <= 2][-1]
    resumed = run_fit(best=best, resume=within)
    assert epochs(resumed.events) == epochs(through.events)[2:]
    assert same(resumed.result.best.weights, through.result.best.weights)


def test_the_steps_before_a_pause_are_all_told(monkeypatch):
    monkeypatch.setattr(step_log, "_READ_EVERY_S", 1e9)
    monkeypatch.setattr(step_log, "_READ_EVERY_STEPS", 3)
    paused = run_fit(watch=ask_after("pause", 1, step=1))
    place = paused.keeper.last[-1].place
    told = [e.step for e in paused.events if isinstance(e, StepDone) and e.epoch == place.epoch + 1]
    assert told == list(range(1, place.step + 1))


def test_stopping_keeps_the_best_epoch_so_far():
    fit = run_fit(watch=ask_after("stop", 2, step=1))
    assert fit.result.request is Request.STOP
    assert fit.result.best.epoch <= 1
    assert same(fit.model.state_dict(), fit.result.best.weights)


def test_cancelling_ends_at_once_and_keeps_nothing_more():
    fit = run_fit(watch=ask_after("cancel", 2, step=1))
    assert fit.result.request is Request.CANCEL
    assert [snapshot.place.epoch for snapshot in fit.keeper.last] == [1]


def test_closing_the_generator_ends_its_thread():
    train, held_out = tiny_sets()
    events = fit(tiny_model(), train, held_out, tiny_config(), TrainControl(), device=CPU, keeper=MemoryKeeper())
    while not isinstance(next(events), StepDone):
        pass
    events.close()


def test_a_stage_that_no_longer_improves_ends_early():
    fit = run_fit(tiny_config(learning_rate=1e-8, epochs=20, patience=2, strategy="whole"))
    notices = [e.code for e in fit.events if isinstance(e, Notice)]
    assert notices.count("early_stop") >= 1
    assert len(epochs(fit.events)) < 20


def test_a_run_that_ended_its_stage_early_does_so_after_a_break_too():
    config = tiny_config(learning_rate=1e-8, epochs=20, patience=2, seed=3)
    through = run_fit(config)
    last = through.keeper.last[-1]
    resumed = run_fit(config, best=through.keeper.best[-1], resume=last)
    assert epochs(resumed.events) == []


class Greedy(nn.Module):
    """Runs out of memory above a number of images."""

    def __init__(self, inner, limit):
        super().__init__()
        self.inner, self.limit = inner, limit

    def forward(self, x):
        if len(x) > self.limit:
            raise torch.OutOfMemoryError("out of memory")
        return self.inner(x)


def greedy(limit):
    model = tiny_model(dropout=0.0)
    model.body[0] = nn.Sequential(Greedy(model.body[0], limit))
    return model


def test_a_batch_that_does_not_fit_is_halved_and_said_so():
    fit = run_fit(model=greedy(3))
    notices = [e.params for e in fit.events if isinstance(e, Notice) and e.code == "batch_halved"]
    assert notices == [{"before": 8, "after": 4}, {"before": 4, "after": 2}]
    assert fit.result.request is Request.CONTINUE
    assert fit.keeper.last[-1].place.pieces == 4


@pytest.mark.parametrize(
    ("batch", "size", "pieces"), [(32, 32, 1), (32, 128, 2), (32, 224, 8), (16, 128, 1), (4, 1024, 1), (9, 1024, 2)]
)
def test_on_a_cpu_a_batch_is_cut_into_what_its_cache_holds(batch, size, pieces):
    assert comfortable_pieces(batch, size, CPU) == pieces


def test_a_gpu_takes_the_whole_batch_while_it_fits():
    assert comfortable_pieces(32, 224, replace(CPU, kind=DeviceKind.CUDA)) == 1


def test_halves_make_the_same_step_as_the_whole():
    config = tiny_config(epochs=1, class_weights="balanced")
    whole, halves = run_fit(config, model=greedy(99)), run_fit(config, model=greedy(4))
    steps = [[e.loss for e in fit.events if isinstance(e, StepDone)] for fit in (whole, halves)]
    assert steps[0] == pytest.approx(steps[1], rel=1e-5)


def test_a_network_that_never_fits_is_a_plain_error():
    with pytest.raises(UserError) as caught:
        run_fit(model=greedy(0))
    assert caught.value.code == "training_out_of_memory"


def test_another_error_in_the_network_is_not_taken_for_memory():
    model = tiny_model()
    model.body[0] = nn.Sequential(nn.Linear(7, 7))
    with pytest.raises(RuntimeError, match="shape"):
        run_fit(model=model)


def test_a_loss_that_is_no_number_is_told_with_the_rate():
    train, held_out = tiny_sets()
    broken = replace(train, std=(0.0, 0.5, 0.5))
    with pytest.raises(UserError) as caught:
        run_fit(sets=(broken, held_out))
    assert caught.value.code == "training_diverged"


def test_fewer_images_than_pieces_are_taken_one_by_one():
    few = tiny_sets(train=3)
    through = run_fit(tiny_config(epochs=1), sets=few)
    place = replace(through.keeper.last[-1].place, epoch=0, pieces=8, score=(-1.0, 0.0))
    begin = replace(through.keeper.last[-1], place=place)
    again = run_fit(tiny_config(epochs=1), sets=few, best=through.keeper.best[0], resume=begin)
    assert [e.step for e in again.events if isinstance(e, StepDone)] == [1]


def test_fewer_images_than_a_batch_make_one_step():
    fit = run_fit(tiny_config(batch_size=64, epochs=2))
    assert [e.step for e in fit.events if isinstance(e, StepDone)] == [1, 1]
