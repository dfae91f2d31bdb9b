"""Labels in a tree, judged at either level: as they are (leaf), or as the label they are all part of (parent)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.domain.task import Task
from core.errors import BugError
from core.evaluation.metrics import Floats


class Level(StrEnum):
    """At which level labels are told apart: each as it is, or by the topmost label above it."""

    LEAF = "leaf"
    PARENT = "parent"


def top_of(label_id: int, parent_of: Mapping[int, int | None]) -> int:
    """Return the topmost label above `label_id`; itself where it has no parent. A circle ends where it began."""
    seen = {label_id}
    while (above := parent_of.get(label_id)) is not None and above not in seen:
        seen.add(above)
        label_id = above
    return label_id


def parents_of(label_ids: Sequence[int], parent_of: Mapping[int, int | None]) -> tuple[tuple[int, ...], list[int]]:
    """Return the ids of the topmost labels, in the order they first occur, and for each label the index of its own."""
    tops = [top_of(label_id, parent_of) for label_id in label_ids]
    order = tuple(dict.fromkeys(tops))
    return order, [order.index(top) for top in tops]


def roll_up(probabilities: ArrayLike, parents: Sequence[int], task: Task = Task.SINGLE) -> Floats:
    """Return the probabilities (N, P) of the parents.

    Of a single label, the sum: its children exclude one another. Of many labels, the largest: children of one parent
    go together too often to be taken for independent, as a noisy-or would (it calls ten children at 0.1 a parent at
    0.65), and the largest is what any of them needs to be given.

    Parameters
    ----------
    probabilities
        (N, K).
    parents
        K indexes of the parents, 0 to P - 1, each of which occurs.
    """
    p = np.asarray(probabilities, np.float64)
    if p.ndim != 2 or p.shape[1] != len(parents):
        raise BugError(f"probabilities {p.shape} with {len(parents)} parents")
    rolled = np.zeros((len(p), max(parents, default=-1) + 1))
    for k, parent in enumerate(parents):
        rolled[:, parent] = (
            rolled[:, parent] + p[:, k] if task is Task.SINGLE else np.maximum(rolled[:, parent], p[:, k])
        )
    return np.minimum(rolled, 1.0) if task is Task.SINGLE else rolled


def roll_up_truth(y: NDArray[Any], parents: Sequence[int], task: Task = Task.SINGLE) -> NDArray[Any]:
    """Return the truth at the parents' level: (N,) indexes, or (N, P) bool that say whether any child is given."""
    index = np.asarray(parents, np.int64)
    if task is Task.SINGLE:
        return np.asarray(index[np.asarray(y, np.int64)])
    rolled = np.zeros((len(y), max(parents, default=-1) + 1), bool)
    for k, parent in enumerate(parents):
        rolled[:, parent] |= np.asarray(y[:, k], bool)
    return rolled


def roll_up_given(
    given: NDArray[np.bool_], rolled: Floats, parents: Sequence[int], task: Task = Task.SINGLE
) -> NDArray[np.bool_]:
    """Return which parents are given (N, P): the most probable of `rolled` (N, P), or each of which a child is given.

    The most probable child may be of another parent than the most probable one: the sums decide.
    """
    if task is Task.MULTI:
        return np.asarray(roll_up_truth(given, parents, task))
    chosen = np.zeros(rolled.shape, bool)
    chosen[np.arange(len(rolled)), rolled.argmax(axis=1)] = True
    return chosen
