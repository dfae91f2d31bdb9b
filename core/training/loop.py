"""The training loop: a generator of events that knows a network, images and a control, and no project and no file.

Whoever drains it decides the pace; between any two steps it can be paused, stopped or cancelled. All randomness is
drawn from (seed, epoch, step), so a run that goes on from a snapshot ends, on the CPU, bit for bit where it would have
ended without the break.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import torch
from torch import Tensor

from core.backbones.classifier import Classifier
from core.backbones.device import Device, DeviceKind
from core.domain.task import Task
from core.errors import UserError
from core.training.class_weights import class_weights, positive_weights
from core.training.config import TrainConfig
from core.training.control import Request, TrainControl
from core.training.data import BatchPlan, HeldOut, TrainSet, ahead
from core.training.events import EpochDone, EpochScores, Notice, StageStarted, StepDone, TrainEvent
from core.training.loss import Loss
from core.training.optimiser import build_optimiser, set_rate
from core.training.plan import Draw, StagePlan, plan_stages, rate_factor, steps_per_epoch, stream_seed
from core.training.scores import EpochTally, held_out_logits, logit_scores
from core.training.snapshot import Best, Keeper, Place, Snapshot, score_of
from core.training.step import Stepper, comfortable_pieces, learning
from core.training.step_log import StepLog

_KEEP_EVERY_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class FitResult:
    """How a fit ended.

    Attributes
    ----------
    request
        `CONTINUE` where it ran to its end, else the request that ended it.
    best
        The best epoch; after `CONTINUE` and `STOP` the model holds its weights.
    images_per_second
        Of training alone, over the epochs of this call; 0 where there was none.
    """

    request: Request
    best: Best
    images_per_second: float


class _Asked(Exception):
    """Leaves the loop at a safe point, because the control asked for it."""


def fit(
    model: Classifier,
    train: TrainSet,
    held_out: HeldOut,
    config: TrainConfig,
    control: TrainControl,
    *,
    device: Device,
    keeper: Keeper,
    best: Best | None = None,
    resume: Snapshot | None = None,
) -> Generator[TrainEvent, None, FitResult]:
    """Train a classifier through the stages of its plan.

    Parameters
    ----------
    model
        With a head that is at its best already (see `core.embeddings.quick_head`); trained in place.
    held_out
        What epochs are judged on, and the best is chosen by; at least one image.
    keeper
        Is handed the best and the last state as they come.
    best
        The best so far: of the head, or of the run that is resumed. Without it the model is judged first.
    resume
        The state to go on from; `best` must come with it.

    Raises
    ------
    UserError
        ``training_out_of_memory`` or ``training_diverged``.
    """
    device.use_threads()
    device.place(model)
    if best is None:
        logits = held_out_logits(model, held_out, device, config.batch_size, lambda: None)
        best = Best(0, logit_scores(logits, held_out.y), copied_weights(model))
        keeper.keep_best(best)
    fitting = _Fitting(model, train, held_out, config, control, device, keeper, best)
    request = yield from fitting.run(resume)
    model.load_state_dict(fitting.best.weights)
    model.eval()
    return FitResult(request, fitting.best, fitting.rate)


class _Fitting:
    """The state of one `fit`."""

    def __init__(
        self,
        model: Classifier,
        train: TrainSet,
        held_out: HeldOut,
        config: TrainConfig,
        control: TrainControl,
        device: Device,
        keeper: Keeper,
        best: Best,
    ) -> None:
        self.best = best
        self._model = model
        self._held_out = held_out
        self._config = config
        self._control = control
        self._device = device
        self._keeper = keeper
        self._n_labels = model.head.out_features
        self._batches = BatchPlan(
            train,
            config.batch_size,
            config.augmentation_strengths,
            config.seed,
            pin=device.kind is DeviceKind.CUDA,
            memory_format=device.memory_format,
        )
        self._steps = steps_per_epoch(len(train), config.batch_size)
        self._task = train.task
        self._loss = _loss(train, self._n_labels, config, device)
        pieces = comfortable_pieces(config.batch_size, config.size, device)
        self._place = Place(pieces=pieces, score=best.score)
        self._tally = EpochTally(self._n_labels, device.torch_device, self._task)
        self._kept_s = time.monotonic()
        self._images = 0
        self._seconds = 0.0

    @property
    def rate(self) -> float:
        """Images per second of training so far."""
        return self._images / self._seconds if self._seconds else 0.0

    def run(self, resume: Snapshot | None) -> Generator[TrainEvent, None, Request]:
        """Go through the stages, from the start or from a snapshot."""
        plans = plan_stages(self._config, len(self._model.stages))
        if resume is not None:
            self._place = resume.place
        first_epoch = 1
        try:
            for index, plan in enumerate(plans):
                if index >= self._place.stage:
                    yield from self._stage(index, plan, first_epoch, resume)
                    resume = None
                first_epoch += plan.epochs
        except _Asked:
            return self._control.request
        return Request.CONTINUE

    def _stage(
        self, index: int, plan: StagePlan, first_epoch: int, resume: Snapshot | None
    ) -> Generator[TrainEvent, None, None]:
        self._model.freeze(len(self._model.stages) - plan.learning)
        if resume is None:
            # A stage starts from the best there is, not from where the last one happened to end.
            self._model.load_state_dict(self.best.weights)
            self._place = replace(self._place, stage=index, epoch=first_epoch - 1, step=0, stale=0)
        else:
            self._model.load_state_dict(resume.model)
        optimiser = build_optimiser(self._model, self._config)
        stepper = Stepper(self._model, optimiser, self._loss, self._config, self._device, pieces=self._place.pieces)
        if resume is not None:
            optimiser.load_state_dict(dict(resume.optimiser))
            stepper.scaler.load_state_dict(dict(resume.scaler))
            self._tally.restore(resume.tally)
        yield StageStarted(plan.name, first_epoch, plan.epochs, self._steps)
        end = first_epoch + plan.epochs - 1
        while self._place.epoch < end:
            if 0 < self._config.patience <= self._place.stale:
                code = "early_stop_ranking" if self._task is Task.MULTI else "early_stop"
                yield Notice(code, {"patience": self._config.patience})
                return
            yield from self._epoch(plan, stepper, self._place.epoch - (first_epoch - 1))

    def _epoch(self, plan: StagePlan, stepper: Stepper, done: int) -> Generator[TrainEvent, None, None]:
        """Train one epoch, judge it, and keep what is to be kept; `done` epochs of the stage came before."""
        epoch, started_s = self._place.epoch + 1, time.perf_counter()
        rate, images_per_second = yield from self._train(epoch, plan.epochs, stepper, done)
        train = self._tally.scores()
        val = self._judge(stepper)
        better = score_of(val) > self._place.score
        seconds = time.perf_counter() - started_s
        self._finish_epoch(epoch, val, better, stepper)
        yield EpochDone(plan.name, epoch, train, val, rate, images_per_second, seconds, better)

    def _judge(self, stepper: Stepper) -> EpochScores:
        def check() -> None:
            self._check(stepper, judging=True)

        batch = max(1, self._config.batch_size // stepper.pieces)
        logits = held_out_logits(self._model, self._held_out, self._device, batch, check)
        return logit_scores(logits, self._held_out.y)

    def _finish_epoch(self, epoch: int, val: EpochScores, better: bool, stepper: Stepper) -> None:
        # A lower loss alone makes an epoch the best of its equals, but is no reason to go on.
        stale = 0 if val.score > self._place.score[0] else self._place.stale + 1
        self._place = replace(self._place, epoch=epoch, step=0, stale=stale)
        if better:
            self.best = Best(epoch, val, copied_weights(self._model))
            self._place = replace(self._place, score=self.best.score)
            self._keeper.keep_best(self.best)
        self._tally = EpochTally(self._n_labels, self._device.torch_device, self._task)
        self._keep_last(stepper)

    def _train(
        self, epoch: int, epochs: int, stepper: Stepper, done: int
    ) -> Generator[TrainEvent, None, tuple[float, float]]:
        """Train the rest of one epoch; returns the last rate of the head and the images per second."""
        learning(self._model)
        order = self._batches.rows(epoch)
        log = StepLog(epoch, self._steps)
        steps = range(self._place.step, self._steps)
        rate = self._set_rate(stepper, done, max(0, self._place.step - 1), epochs)
        with closing(ahead(partial(self._batches.load, order), steps)) as batches:
            for step, (pixels, y) in zip(steps, batches, strict=True):
                if self._control.request is not Request.CONTINUE:
                    yield from self._checked(log.flush(), epoch)
                    self._check(stepper)
                rate = self._set_rate(stepper, done, step, epochs)
                loss = self._step(stepper, pixels, y, epoch, step)
                log.add(step, loss, rate, len(y))
                yield from _taken(stepper.notices)
                if log.due:
                    yield from self._checked(log.flush(), epoch)
                    self._keep_now_and_then(stepper)
        yield from self._checked(log.flush(), epoch)
        self._images += log.images
        self._seconds += log.seconds
        return rate, log.images / log.seconds if log.images else 0.0

    def _step(self, stepper: Stepper, pixels: Tensor, y: Tensor, epoch: int, step: int) -> Tensor:
        device = self._device.torch_device
        target = y.to(device, non_blocking=True)
        images = self._batches.finish(pixels.to(device, non_blocking=True), epoch, step)
        seed = stream_seed(Draw.NETWORK, self._config.seed, epoch, step)
        loss, logits = stepper.step(images, target, seed)
        self._tally.add(loss, logits, target)
        self._place = replace(self._place, step=step + 1, pieces=stepper.pieces)
        return loss

    def _set_rate(self, stepper: Stepper, done: int, step: int, epochs: int) -> float:
        position = done * self._steps + step
        return set_rate(stepper.optimiser, rate_factor(position, epochs * self._steps, self._config.warmup))

    def _check(self, stepper: Stepper, *, judging: bool = False) -> None:
        """Leave the loop if that is asked for, keeping the place for a pause."""
        match self._control.request:
            case Request.CONTINUE:
                return
            case Request.STOP if judging:
                return  # the epoch that is being judged may be the best
            case Request.PAUSE:
                self._keep_last(stepper)
        raise _Asked

    def _keep_now_and_then(self, stepper: Stepper) -> None:
        # An epoch may take hours; after a kill, some minutes of it are to be done again.
        if time.monotonic() - self._kept_s > _KEEP_EVERY_S:
            self._keep_last(stepper)

    def _keep_last(self, stepper: Stepper) -> None:
        self._keeper.keep_last(
            Snapshot(
                place=self._place,
                model=self._model.state_dict(),
                optimiser=stepper.optimiser.state_dict(),
                scaler=stepper.scaler.state_dict(),
                tally=self._tally.state(),
            )
        )
        self._kept_s = time.monotonic()

    def _checked(self, steps: list[StepDone], epoch: int) -> Iterator[StepDone]:
        for step in steps:
            if step.loss != step.loss or step.loss == float("inf"):
                raise UserError("training_diverged", epoch=epoch - 1, rate=self._config.learning_rate)
            yield step


def _taken(notices: list[Notice]) -> Iterator[Notice]:
    while notices:
        yield notices.pop(0)


def _loss(train: TrainSet, n_labels: int, config: TrainConfig, device: Device) -> Loss:
    if train.task is Task.MULTI:
        weights = positive_weights(train.y, config.class_weights)
    else:
        weights = class_weights(train.y, n_labels, config.class_weights)
    placed = None if weights is None else torch.from_numpy(weights).to(device.torch_device)
    return Loss(train.task, placed, config.label_smoothing)


def copied_weights(model: Classifier) -> dict[str, Tensor]:
    """Return a copy of the weights on the CPU."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}
