"""What a training tells while it runs: frozen events, the only thing a window or a command line sees of it.

Every event is one line of JSON (`to_json`), read back by `from_json` to the same event; the run's ``metrics.jsonl`` and
``coverslip train --events`` are such lines. Keys that have shipped are not renamed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from core.domain.runs import RunState
from core.errors import BugError
from core.translation import mark, tr


@dataclass(frozen=True, slots=True)
class EpochScores:
    """How well a network did on one split in one epoch.

    `loss` is the mean cross-entropy (on val without label smoothing and class weights, so that it can be compared
    between runs); the others are in [0, 1]. On train they are of the augmented images, as seen. With many labels an
    image, `accuracy` is the share of images with every label right, both it and `macro_f1` at one half (thresholds are
    tuned at the end), and `mean_average_precision` is what epochs of val are compared by; else it is None.
    """

    loss: float
    accuracy: float
    macro_f1: float
    mean_average_precision: float | None = None

    @property
    def score(self) -> float:
        """What epochs are compared by; larger is better."""
        return self.macro_f1 if self.mean_average_precision is None else self.mean_average_precision


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins, or goes on where `resumed`."""

    run_id: int
    backbone: str
    labels: tuple[str, ...]
    train_images: int
    val_images: int
    test_images: int
    device: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Preparing:
    """Work before or after the epochs: `done` of `total` steps (None: unknown) of `stage`, a marked text."""

    stage: str
    done: int
    total: int | None
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage of training begins: ``head``, ``last_stages`` or ``whole``.

    `first_epoch` is the number of its first epoch, counted over the whole run from 1; the head is epoch 0.
    """

    stage: str
    first_epoch: int
    epochs: int
    steps_per_epoch: int


@dataclass(frozen=True, slots=True)
class StepDone:
    """One step of the optimiser. `step` counts from 1 within the epoch; `loss` is what was minimised."""

    epoch: int
    step: int
    steps: int
    loss: float
    learning_rate: float
    images_per_second: float


@dataclass(frozen=True, slots=True)
class EpochDone:
    """One epoch with its validation. `best`: the best so far. The rate is of training alone, without validation."""

    stage: str
    epoch: int
    train: EpochScores
    val: EpochScores
    learning_rate: float
    images_per_second: float
    seconds: float
    best: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know, such as a smaller batch; `code` is a key of `NOTICE_TEXTS`."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence for the user, in the language in use."""
        return tr(NOTICE_TEXTS[self.code], **self.params)


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run ended in `state`; `best_epoch` is 0 for the head and None where nothing was reached.

    `metrics` is ``{"val": {name: {"value", "low", "high"}}}`` of a finished run, else empty.
    """

    run_id: int
    state: RunState
    best_epoch: int | None
    seconds: float
    images_per_second: float
    metrics: Mapping[str, Any] = field(default_factory=dict)


TrainEvent = RunStarted | Preparing | StageStarted | StepDone | EpochDone | Notice | RunEnded

NOTICE_TEXTS: Final[dict[str, str]] = {
    "splits_assigned": mark(
        "The images had no splits, so they were assigned: {train} to train, {val} to val, {test} to test. "
        "This can be undone."
    ),
    "label_not_in_val": mark("No image of “{label}” is in val, so its quality cannot be judged while training."),
    "batch_halved": mark(
        "The memory of the device was too small for {before} images at once; it goes on with {after} at once "
        "and the same effective batch."
    ),
    "early_stop": mark("Macro-F1 on val has not improved for {patience} epochs; the stage ended early."),
    "early_stop_ranking": mark(
        "Mean average precision on val has not improved for {patience} epochs; the stage ended early."
    ),
    "threshold_not_tuned": mark(
        "Too few images of val have the label “{label}”, or lack it, to tune its threshold: it stays at 0.5."
    ),
    "images_skipped": mark("{count} images cannot be read and are left out."),
    "continues_from": mark("The run goes on after epoch {epoch}, step {step}."),
    "starts_again": mark("The run had not reached its first checkpoint and starts again."),
}

_EVENTS: Final[dict[str, type[Any]]] = {
    "run_started": RunStarted,
    "preparing": Preparing,
    "stage_started": StageStarted,
    "step_done": StepDone,
    "epoch_done": EpochDone,
    "notice": Notice,
    "run_ended": RunEnded,
}
_NAMES: Final = {kind: name for name, kind in _EVENTS.items()}


def to_json(event: TrainEvent) -> dict[str, Any]:
    """Return the event as a JSON object with its name under ``event``."""
    return {"event": _NAMES[type(event)], **asdict(event)}


def from_json(value: Mapping[str, Any]) -> TrainEvent:
    """Read what `to_json` wrote.

    Raises
    ------
    BugError
        Where it is not such an object.
    """
    kind = _EVENTS.get(str(value.get("event")))
    names = {item.name for item in fields(kind)} if kind else set()
    if kind is None or not names <= set(value):
        raise BugError(f"not an event of a training: {dict(value)!r}")
    arguments = {name: value[name] for name in names}
    if kind is EpochDone:
        arguments |= {name: EpochScores(**value[name]) for name in ("train", "val")}
    elif kind is RunStarted:
        arguments["labels"] = tuple(value["labels"])
    elif kind is RunEnded:
        arguments["state"] = RunState(value["state"])
    event: TrainEvent = kind(**arguments)
    return event
