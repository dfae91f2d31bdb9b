"""What a project knows of its samples' labels, as arrays: what suggestions learn from, and whom they are for.

Left out of it altogether are samples that are excluded, unreadable or missing, and those that a person marked as
uncertain or ungradable: nothing is learnt from them, and nothing is suggested for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label
from core.domain.query import USABLE_SAMPLES
from core.domain.sample_ids import SampleIds
from core.domain.samples import SampleTable
from core.domain.task import Task
from core.progress import Progress
from core.store.labels import labels
from core.store.multilabel import label_matrix
from core.store.multilabel import labelled as labelled_now
from core.store.project import Project
from core.store.samples import digests, sample_ids, sample_table
from core.store.task import project_task


@dataclass(frozen=True, slots=True)
class LabelledPool:
    """The usable samples of a project and their labels.

    Attributes
    ----------
    labels
        All K labels of the project, in its order.
    independent
        Whether several labels may hold at once.
    table
        N usable samples.
    keys
        N content keys, by which their features are found.
    held
        (N, K) bool, which labels each has.
    labelled
        (N,) whether somebody said which.
    """

    labels: tuple[Label, ...]
    independent: bool
    table: SampleTable
    keys: list[str]
    held: NDArray[np.bool_]
    labelled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.table)

    def known_rows(self) -> NDArray[np.int64]:
        """Return the indexes of the labelled samples."""
        return np.flatnonzero(self.labelled).astype(np.int64)

    def open_rows(self) -> NDArray[np.int64]:
        """Return the indexes of the samples without a label."""
        return np.flatnonzero(~self.labelled).astype(np.int64)

    def used_labels(self) -> NDArray[np.int64]:
        """Return the indexes of the labels that some sample has."""
        return np.flatnonzero(self.held[self.labelled].any(axis=0)).astype(np.int64)


def read_pool(project: Project, progress: Progress | None = None) -> LabelledPool:
    """Read all of it; for a million samples that takes seconds, so never on the GUI thread.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    token = (progress or Progress()).token
    with project.db.reading_until(lambda: token.cancelled):
        table = sample_table(project, USABLE_SAMPLES)
        every = tuple(labels(project))
        keys = [digest or f"sample {key}" for digest, key in zip(digests(project, table.ids), table.ids, strict=True)]
        independent = project_task(project) is Task.MULTI
        held, labelled = read_labels(project, table.ids, every)
    return LabelledPool(every, independent, table, keys, held, labelled)


def read_labels(
    project: Project, ids: NDArray[np.int64], every: Sequence[Label]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which of the labels samples have (n, K), and which samples are labelled (n,), as of now."""
    return label_matrix(project, ids, [label.id for label in every]), labelled_now(project, ids)


def updated_pool(
    project: Project, pool: LabelledPool, touched: NDArray[np.int64] | None
) -> tuple[LabelledPool, NDArray[np.bool_]] | None:
    """Bring a pool up to date after an edit; None where samples came in, so that it has to be read anew.

    Parameters
    ----------
    touched
        (m,) ids of the samples that an edit changed; None where only the list of labels changed.

    Returns
    -------
    tuple
        The pool as it is now, and which samples (N,) of the one before are still in it.
    """
    every = tuple(labels(project))
    ids = pool.table.ids
    keep = np.ones(len(ids), dtype=np.bool_)
    held, labelled = _columns(pool, every), pool.labelled.copy()
    if touched is not None:
        usable = sample_ids(project, replace(USABLE_SAMPLES, ids=SampleIds(touched)))
        if not np.isin(usable, ids).all():
            return None
        keep = ~np.isin(ids, np.setdiff1d(touched, usable))
        where = np.flatnonzero(np.isin(ids, usable))
        held[where], labelled[where] = read_labels(project, ids[where], every)
    if keep.all():
        return replace(pool, labels=every, held=held, labelled=labelled), keep
    keys = [key for key, stays in zip(pool.keys, keep.tolist(), strict=True) if stays]
    return replace(
        pool, labels=every, table=pool.table.take(keep), keys=keys, held=held[keep], labelled=labelled[keep]
    ), keep


def _columns(pool: LabelledPool, every: Sequence[Label]) -> NDArray[np.bool_]:
    """Return which labels are held, by the labels as they are now: each label's column is found by its id."""
    column = {label.id: i for i, label in enumerate(pool.labels)}
    held = np.zeros((len(pool), len(every)), dtype=np.bool_)
    for i, label in enumerate(every):
        if label.id in column:
            held[:, i] = pool.held[:, column[label.id]]
    return held
