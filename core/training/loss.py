"""What is minimised: cross-entropy where an image has one label, one yes-or-no question a label where it has many.

One thing must stay true: the sum over the pieces of a batch, divided by its mass, is the loss of the whole batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from core.domain.task import Task


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss of a run.

    Attributes
    ----------
    weights
        (K,): how much each label counts, or, of a `MULTI` task, how much its presence does against its absence.
    smoothing
        Share of the target that is spread: over all labels, or, of a `MULTI` task, over yes and no (0.05: 0.975 and
        0.025).
    """

    task: Task
    weights: Tensor | None
    smoothing: float

    def mass(self, y: Tensor) -> Tensor | int:
        """Return what the summed loss of targets `y` is divided by."""
        if self.task is Task.MULTI or self.weights is None:
            return len(y)
        return (y * self.weights).sum() if y.ndim == 2 else self.weights[y].sum()

    def summed(self, logits: Tensor, y: Tensor) -> Tensor:
        """Return the loss summed over the samples; of a `MULTI` task the mean over the labels of each.

        Parameters
        ----------
        logits
            (B, K) float32.
        y
            (B,) label indexes, or (B, K) float32: shares of the labels that sum to 1 (`SINGLE`), or of yes (`MULTI`).
        """
        if self.task is Task.SINGLE:
            return functional.cross_entropy(
                logits, y, weight=self.weights, label_smoothing=self.smoothing, reduction="sum"
            )
        target = y * (1 - self.smoothing) + self.smoothing / 2
        loss = functional.binary_cross_entropy_with_logits(logits, target, pos_weight=self.weights, reduction="none")
        return torch.sum(loss.mean(dim=1))
