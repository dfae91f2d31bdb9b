"""Where a training is: everything it needs to go on to the same result, and the best it has reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor

from core.training.events import EpochScores


@dataclass(frozen=True, slots=True)
class Place:
    """A point between two steps.

    Attributes
    ----------
    stage
        Index of the stage in the plan.
    epoch
        Epochs finished before the one it is in, over the whole run.
    step
        Steps finished in this epoch.
    pieces
        Into how many pieces a batch is cut.
    stale
        Epochs of this stage since the score on val last improved.
    score
        What the next epoch must beat: the score on val, and among equals the lower loss (negated).
    """

    stage: int = 0
    epoch: int = 0
    step: int = 0
    pieces: int = 1
    stale: int = 0
    score: tuple[float, float] = (-1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A place with the tensors that belong to it; plain numbers, tensors and containers of these all through."""

    place: Place
    model: Mapping[str, Tensor]
    optimiser: Mapping[str, Any] = field(default_factory=dict)
    scaler: Mapping[str, Any] = field(default_factory=dict)
    tally: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Best:
    """The best epoch so far (0 is the head alone), its scores on val, and the network's weights, on the CPU."""

    epoch: int
    val: EpochScores
    weights: Mapping[str, Tensor]

    @property
    def score(self) -> tuple[float, float]:
        """What epochs are compared by; larger is better."""
        return score_of(self.val)


class Keeper(Protocol):
    """Keeps what a training hands it, durably; `best` always comes before the `last` that counts on it."""

    def keep_best(self, best: Best) -> None:
        """Keep the best epoch in place of the one before."""

    def keep_last(self, snapshot: Snapshot) -> None:
        """Keep the place to go on from; its tensors may change as soon as this returns."""


def score_of(scores: EpochScores) -> tuple[float, float]:
    """Return what epochs are compared by; larger is better."""
    return scores.score, -scores.loss
