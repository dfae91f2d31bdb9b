"""Which real images an export is proven on: of every label, from the smallest to the largest."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.query import USABLE_SAMPLES
from core.domain.samples import Sample, SampleTable
from core.domain.task import Task
from core.errors import UnreadableImage, UserError
from core.images.formats import Raw
from core.images.preprocess import Preprocess
from core.images.reader import ImageReader
from core.store.labels import labels
from core.store.multilabel import label_matrix
from core.store.project import Project
from core.store.samples import sample_table, samples_by_id
from core.store.sources import sources
from core.store.task import project_task

PROOF_IMAGES: Final = 240
_CANDIDATES_PER_LABEL: Final = 1000


class ProofImages:
    """The images of a project to prove an export on.

    The choice depends on the project alone: the same project is proven on the same images.

    Raises
    ------
    UserError
        ``export_no_images`` where not a single one can be read, at once.
    """

    def __init__(self, project: Project, preprocess: Preprocess) -> None:
        found = sources(project)
        self._reader = ImageReader(found)
        self._preprocess = preprocess
        self._candidates = _candidates(project)
        if next(self._read(), None) is None:
            raise UserError("export_no_images", path=next((source.root for source in found.values()), "–"))

    @property
    def expected(self) -> int:
        """How many there will be, unless some can no longer be read."""
        return min(PROOF_IMAGES, len(self._candidates))

    def __iter__(self) -> Iterator[Raw]:
        """Yield up to `PROOF_IMAGES` whole images, as `Preprocess.image` does; one that cannot be read is replaced."""
        for count, image in enumerate(self._read(), 1):
            yield image
            if count == PROOF_IMAGES:
                return

    def _read(self) -> Iterator[Raw]:
        for sample in self._candidates:
            try:
                yield self._preprocess.image(self._reader.raw(sample.source_id, sample.path))
            except UnreadableImage:
                continue


def _candidates(project: Project) -> list[Sample]:
    """Return samples in the order in which they are wanted: the labels by turns, sizes spread evenly."""
    table = sample_table(project, USABLE_SAMPLES)
    generator = np.random.default_rng(0)
    chosen = _by_label(project, table)
    quota = -(-PROOF_IMAGES // max(1, len(chosen)))
    queues = []
    for ids in chosen:
        if len(ids) > _CANDIDATES_PER_LABEL:
            ids = generator.choice(ids, _CANDIDATES_PER_LABEL, replace=False)
        queues.append(_spread(samples_by_id(project, ids), quota))
    by_turns = (sample for turn in zip_longest(*queues) for sample in turn if sample is not None)
    return list({sample.id: sample for sample in by_turns}.values())  # an image of many labels only once


def _by_label(project: Project, table: SampleTable) -> list[NDArray[np.int64]]:
    """Return the ids of the samples of each label, and of those without."""
    if project_task(project) is Task.SINGLE:
        return [table.ids[table.label_ids == label_id] for label_id in np.unique(table.label_ids)]
    has_label = label_matrix(project, table.ids, [label.id for label in labels(project)])
    ids = [table.ids[rows] for rows in (*has_label.T, ~has_label.any(axis=1))]
    return [found for found in ids if len(found)]


def _spread(samples: list[Sample], quota: int) -> list[Sample]:
    """Return `samples` with `quota` of evenly spread sizes, both extremes among them, before the others."""
    by_size = sorted(samples, key=lambda sample: (sample.width * sample.height, sample.id))
    first = np.unique(np.linspace(0, len(by_size) - 1, min(quota, len(by_size))).round().astype(int)).tolist()
    chosen = set(first)
    return [by_size[i] for i in first] + [sample for i, sample in enumerate(by_size) if i not in chosen]
