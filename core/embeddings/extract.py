"""The embeddings of a project's samples: from the cache what is known, through the backbone what is new."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.backbones.classifier import Classifier
from core.backbones.device import Device
from core.domain.samples import SampleTable
from core.embeddings.pipeline import Block, embed_images
from core.embeddings.store import EmbeddingStore
from core.images.formats import Raw
from core.images.preprocess import Preprocess
from core.images.reader import ImageReader
from core.progress import Progress
from core.store.project import Project
from core.store.samples import digests
from core.store.sources import sources

KEEP_EVERY_S: Final = 15.0
"""How often finished work is written: what a killed pass loses at most."""


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The features of some samples.

    Attributes
    ----------
    features
        (N, F) float32; NaN in the rows of images that could not be read.
    readable
        (N,) whether the row's image could be read.
    problems
        Why not, by row.
    computed
        How many images went through the backbone now; the others came from the cache.
    """

    features: NDArray[np.float32]
    readable: NDArray[np.bool_]
    problems: dict[int, str] = field(default_factory=dict)
    computed: int = 0


def embed_project(
    project: Project,
    table: SampleTable,
    classifier: Classifier,
    preprocess: Preprocess,
    device: Device,
    progress: Progress,
    *,
    keep_every_s: float = KEEP_EVERY_S,
) -> Embeddings:
    """Return the features of the samples of `table`, in its order; only the images that are new cost anything.

    Parameters
    ----------
    classifier
        The backbone to embed with; it is neither moved nor changed.

    Raises
    ------
    UserError
        ``disk_full``; what was finished before is kept.
    Cancelled
        The user stopped; what was finished is kept, and the next call goes on from there.
    """
    store = EmbeddingStore(project.cache_dir, classifier.fingerprint(), preprocess, classifier.spec.features)
    keys = [digest or f"sample {key}" for digest, key in zip(digests(project, table.ids), table.ids, strict=True)]
    features = np.full((len(table), classifier.spec.features), np.nan, dtype=np.float32)
    known = store.load(keys, features)
    # Files that are the same byte by byte are embedded once: `same` is the first row with the row's content.
    first: dict[str, int] = {}
    same = np.array([first.setdefault(key, row) for row, key in enumerate(keys)], dtype=np.int64)
    missing = np.flatnonzero(~known & (same == np.arange(len(keys))))
    reader = ImageReader(sources(project))

    def read(index: int) -> Raw:
        row = int(missing[index])
        return preprocess.image(reader.raw(int(table.source_ids[row]), table.paths[row]))

    problems: dict[int, str] = {}
    if len(missing):
        keeper = _Keeper(store, keys, features, keep_every_s)
        with closing(embed_images(read, len(missing), classifier, preprocess, device, progress)) as blocks:
            problems = _collect(blocks, missing, features, keeper)
        store.tidy()
    return _embeddings(features, same, problems, computed=len(missing))


def _embeddings(
    features: NDArray[np.float32], same: NDArray[np.int64], problems: dict[int, str], computed: int
) -> Embeddings:
    """Give every row what the first row with its content, `same` (N,), was given."""
    if not np.array_equal(same, np.arange(len(same))):
        features = features[same]
    problems = {row: problems[origin] for row, origin in enumerate(same.tolist()) if origin in problems}
    readable = np.ones(len(features), dtype=np.bool_)
    readable[list(problems)] = False
    return Embeddings(features, readable, problems, computed)


class _Keeper:
    """Writes finished rows to the store, every now and then."""

    def __init__(self, store: EmbeddingStore, keys: list[str], features: NDArray[np.float32], every_s: float) -> None:
        self._store, self._keys, self._features, self._every_s = store, keys, features, every_s
        self._rows: list[int] = []
        self._kept_s = time.monotonic()

    def add(self, rows: NDArray[np.int64]) -> None:
        """Take note of rows whose features are in place."""
        self._rows += rows.tolist()
        if time.monotonic() - self._kept_s >= self._every_s:
            self.flush()

    def flush(self) -> None:
        """Write what has not been written."""
        if self._rows:
            self._store.add([self._keys[row] for row in self._rows], self._features[self._rows])
        self._rows = []
        self._kept_s = time.monotonic()


def _collect(
    blocks: Iterable[Block], missing: NDArray[np.int64], features: NDArray[np.float32], keeper: _Keeper
) -> dict[int, str]:
    """Put the blocks' features into place; returns the problems by row."""
    problems: dict[int, str] = {}
    try:
        for block in blocks:
            rows = missing[block.indexes]
            features[rows] = block.features
            problems.update({int(missing[index]): reason for index, reason in block.problems.items()})
            keeper.add(rows)
    finally:
        # Also where the user stopped: what is done need not be done again.
        keeper.flush()
    return problems
