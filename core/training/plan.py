"""The plan of a training: which part of the network learns, for how long, and at which rate.

All of it is a pure function of the configuration and of the number of the step, so that a resumed run needs to
remember only where it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from core.training.config import Strategy, TrainConfig

_LAST_STAGES_FIRST: Final = 2
_LOWEST_RATE: Final = 0.01


class StageName(StrEnum):
    """The stages a training may have, in their order."""

    HEAD = "head"
    LAST_STAGES = "last_stages"
    WHOLE = "whole"


class Draw(StrEnum):
    """What randomness is drawn for; each purpose has a stream of its own."""

    ORDER = "order"
    AUGMENT = "augment"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage after the head: for `epochs` epochs the head and the `learning` deepest backbone stages learn."""

    name: StageName
    epochs: int
    learning: int


def plan_stages(config: TrainConfig, backbone_stages: int) -> tuple[StagePlan, ...]:
    """Return the stages after the head; none under the strategy ``head``.

    Under ``whole`` the last stages learn alone for the first fifth of the epochs: the gradients that a young head
    sends down would otherwise undo what the shallow stages know (Howard and Ruder 2018).
    """
    match config.strategy:
        case Strategy.HEAD:
            return ()
        case Strategy.STAGED:
            return (StagePlan(StageName.LAST_STAGES, config.epochs, min(config.stages, backbone_stages)),)
        case Strategy.WHOLE:
            first = config.epochs // 5
            whole = StagePlan(StageName.WHOLE, config.epochs - first, backbone_stages)
            last = StagePlan(StageName.LAST_STAGES, first, min(_LAST_STAGES_FIRST, backbone_stages))
            return (last, whole) if first else (whole,)


def rate_factor(step: int, steps: int, warmup: float) -> float:
    """Return the share of the peak rate at `step` (from 0) of `steps`: a linear rise, then half a cosine down."""
    rising = round(steps * warmup)
    if step < rising:
        return (step + 1) / rising
    fallen = (step - rising) / max(1, steps - rising)
    return _LOWEST_RATE + (1 - _LOWEST_RATE) * 0.5 * (1 + math.cos(math.pi * min(1.0, fallen)))


def steps_per_epoch(images: int, batch_size: int) -> int:
    """Return how many whole batches an epoch has; one smaller batch where the images do not fill a single one.

    What is left over is left out of this epoch: which images these are changes with every epoch's order.
    """
    return max(1, images // batch_size)


def stream_seed(purpose: Draw, seed: int, epoch: int, step: int = 0) -> int:
    """Return the seed (0 to 2**63 - 1) of one purpose in one step; equal arguments give equal seeds, for ever."""
    key = (list(Draw).index(purpose), seed, epoch, step)
    return int(np.random.SeedSequence(key).generate_state(1, np.uint64)[0] >> np.uint64(1))
