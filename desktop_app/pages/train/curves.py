"""The numbers behind the curves, collected from a run's events; no widget."""

from __future__ import annotations

from collections.abc import Iterable

from core.training.events import EpochDone, Notice, RunEnded, RunStarted, StageStarted, StepDone, TrainEvent


class Curves:
    """Everything a run has told so far that can be drawn.

    Attributes
    ----------
    step_epochs, step_losses, step_rates
        For each step: where it lies on the axis of epochs, its loss, its learning rate.
    epochs
        The epochs done.
    notices
        What the user should know, in words.
    """

    def __init__(self, events: Iterable[TrainEvent] = ()) -> None:
        self.step_epochs: list[float] = []
        self.step_losses: list[float] = []
        self.step_rates: list[float] = []
        self.epochs: list[EpochDone] = []
        self.notices: list[str] = []
        self.stage: StageStarted | None = None
        self.started: RunStarted | None = None
        self.ended: RunEnded | None = None
        self.last_step: StepDone | None = None
        self.version = 0
        for event in events:
            self.take(event)

    def take(self, event: TrainEvent) -> None:
        """Take one event in."""
        self.version += 1
        match event:
            case StepDone():
                self.step_epochs.append(event.epoch - 1 + event.step / event.steps)
                self.step_losses.append(event.loss)
                self.step_rates.append(event.learning_rate)
                self.last_step = event
            case EpochDone():
                self.epochs.append(event)
            case StageStarted():
                self.stage = event
            case RunStarted():
                self.started = event
            case RunEnded():
                self.ended = event
            case Notice():
                self.notices.append(event.message)
            case _:
                pass

    @property
    def total_epochs(self) -> int:
        """How many epochs the run has at the most, as far as is known; 0 before the first stage."""
        return self.stage.first_epoch - 1 + self.stage.epochs if self.stage else 0

    @property
    def smooth_losses(self) -> list[float]:
        """The steps' losses as an exponential moving average: what an eye follows."""
        smoothed: list[float] = []
        for loss in self.step_losses:
            smoothed.append(0.9 * smoothed[-1] + 0.1 * loss if smoothed else loss)
        return smoothed
