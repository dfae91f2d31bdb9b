"""What the checks of a data set look at: its usable samples, what is known of them, and how to see them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SampleTable
from core.embeddings.labelled import LabelledPool
from core.images.reader import ImageReader
from core.store.project import Project
from core.store.sources import sources

if TYPE_CHECKING:
    from core.embeddings.bank import PoolFeatures
    from core.embeddings.neighbours import Neighbours
    from core.quality.facts.image_facts import ImageFacts


@dataclass(frozen=True, slots=True)
class QualityData:
    """N usable samples: readable, here, neither excluded nor marked as uncertain or ungradable.

    Attributes
    ----------
    table
        Their ids, paths, labels, groups and splits.
    keys
        N content keys.
    label_names, label_ids
        K labels, in the project's order.
    given
        (N,) int64, index of the label; -1 where there is none, and everywhere where labels are independent.
    held
        (N, K) bool, which labels each has.
    labelled
        (N,) whether somebody said which labels it has.
    independent
        Whether several labels may hold at once.
    features
        Where their features are; None where no check needs them.
    neighbours
        The nearest samples of each, by features.
    facts
        What is measured of the images themselves; None where no check needs it.
    duplicates
        Clusters of rows that show the same, once the check for duplicates has looked.
    reader
        To decode single images again.
    """

    table: SampleTable
    keys: list[str]
    label_names: tuple[str, ...]
    label_ids: NDArray[np.int64]
    given: NDArray[np.int64]
    held: NDArray[np.bool_]
    labelled: NDArray[np.bool_]
    independent: bool
    reader: ImageReader
    features: PoolFeatures | None = None
    neighbours: Neighbours | None = None
    facts: ImageFacts | None = None
    duplicates: tuple[tuple[int, ...], ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    @property
    def groups(self) -> NDArray[np.int64]:
        """(N,) group ids, -1 where there is none."""
        return self.table.group_ids

    @property
    def splits(self) -> NDArray[np.int8]:
        """(N,) codes of the splits, by `SPLIT_CODES`."""
        return self.table.splits

    def digest(self, row: int) -> str:
        """Return the content digest of a sample; empty where its file was never read."""
        key = self.keys[row]
        return "" if key == f"sample {self.table.ids[row]}" else key


def quality_data(project: Project, pool: LabelledPool) -> QualityData:
    """Return what checks look at, for a pool that was read from the project; without what has to be made for them."""
    given = np.full(len(pool), -1, dtype=np.int64)
    if not pool.independent and pool.held.size:
        has = pool.held.any(axis=1)
        given[has] = pool.held[has].argmax(axis=1)
    return QualityData(
        table=pool.table,
        keys=pool.keys,
        label_names=tuple(label.name for label in pool.labels),
        label_ids=np.array([label.id for label in pool.labels], dtype=np.int64),
        given=given,
        held=pool.held,
        labelled=pool.labelled,
        independent=pool.independent,
        reader=ImageReader(sources(project)),
    )
