"""What a project asks of its images: one label each, or any number of labels."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from numpy.typing import NDArray


class Task(StrEnum):
    """How many labels an image can have.

    It decides the training loss, how a probability is read, and every number of the evaluation.
    """

    SINGLE = "single"
    """Exactly one label per image: the probabilities of an image sum to 1 (softmax)."""

    MULTI = "multi"
    """Any number of labels per image, none included: each label is a question of its own (sigmoid)."""


Truth = NDArray[Any]
"""The labels N samples have: (N,) int64, the index of each one's label, or (N, K) bool, which of K labels each has."""


def task_of(truth: Truth) -> Task:
    """Return the task that `truth` is the truth of."""
    return Task.MULTI if truth.ndim == 2 else Task.SINGLE
