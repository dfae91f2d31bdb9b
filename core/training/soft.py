"""Learning from how readers voted: where three of four say one label, the target is three quarters of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.domain.task import Task
from core.store.project import Project
from core.store.readings import soft_labels
from core.training.dataset import Dataset


def with_soft_labels(project: Project, dataset: Dataset) -> Dataset:
    """Return the dataset with the shares of its readers' votes (N, K); where nobody read, its labels as they are.

    Only what is learnt changes: the truth that a run is judged by stays the labels of the project.
    """
    votes = soft_labels(project, dataset.table.ids, [label.id for label in dataset.labels])
    return dataset.with_soft(shares(votes, dataset))


def shares(votes: NDArray[np.float64], dataset: Dataset) -> NDArray[np.float32]:
    """Return the targets (N, K): `votes` (N, K), or the labels where they are NaN or all for labels outside the run.

    Of one label an image, each row sums to 1.
    """
    if dataset.task is Task.MULTI:
        return np.where(np.isnan(votes), dataset.y, votes).clip(0, 1).astype(np.float32)
    total = np.nansum(votes, axis=1, keepdims=True)
    hard = np.eye(len(dataset.labels))[dataset.y]
    known = ~np.isnan(votes).any(axis=1, keepdims=True) & (total > 0)
    return np.where(known, np.divide(votes, total, out=np.zeros_like(votes), where=total > 0), hard).astype(np.float32)
