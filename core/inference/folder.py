"""A folder of images through a model: decoding in a pool of threads while the network runs.

One thing must stay true: an image that cannot be read is a row with its reason, and never stops the others.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import Source
from core.errors import UserError
from core.images.intensity import Window
from core.images.reader import ImageReader
from core.inference.predictor import Predictor, batch_limit
from core.inference.results import PredictionTable
from core.inference.walk import ImageFiles, image_files
from core.progress import Progress
from core.translation import mark

_SOURCE: Final = 0
# Images are held back so that those of one size meet; as many pixels (0.1 GB) and as many images at most.
_HELD_PIXELS: Final = 32_000_000
_HELD_IMAGES: Final = 256

_Image = NDArray[np.uint8]


def predict_source(
    predictor: Predictor, root: Path, *, progress: Progress | None = None, workers: int | None = None
) -> PredictionTable:
    """Classify every image under `root`, or `root` itself where it is a file.

    Parameters
    ----------
    workers
        Threads that decode; None: one per core, at most 8.

    Returns
    -------
    PredictionTable
        One row per file that looks like an image, sorted by path.

    Raises
    ------
    UserError
        ``predict_source_missing`` or ``predict_no_images``.
    Cancelled
        Where the user stopped it.
    """
    progress = progress or Progress()
    progress.begin(mark("Looking for images"))
    found = image_files(root, progress)
    table = PredictionTable.empty(found.folder, found.paths, predictor.labels)
    runner = _Runner(predictor, table, progress)
    progress.begin(mark("Predicting"), len(table))
    for row, decoded in _decoded(found, predictor.window, workers or min(8, os.cpu_count() or 1)):
        runner.take(row, decoded)
    runner.finish()
    return table


@dataclass(slots=True)
class _Runner:
    """Holds decoded images until enough of one size are there, runs them, and fills in the table."""

    predictor: Predictor
    table: PredictionTable
    progress: Progress
    held: dict[tuple[int, ...], list[tuple[int, _Image]]] = field(default_factory=dict)
    held_pixels: int = 0
    held_images: int = 0

    def take(self, row: int, decoded: _Image | UserError) -> None:
        """Take one decoded image, or why there is none."""
        self.progress.checkpoint()
        if isinstance(decoded, UserError):
            self.table.errors[row] = decoded.message
            self.progress.advance()
            return
        size = decoded.shape
        bucket = self.held.setdefault(size, [])
        bucket.append((row, decoded))
        self.held_pixels += size[0] * size[1]
        self.held_images += 1
        if len(bucket) >= batch_limit(size[0], size[1]):
            self._run(size)
        while self.held_pixels > _HELD_PIXELS or self.held_images > _HELD_IMAGES:
            self._run(max(self.held, key=lambda held: len(self.held[held])))

    def finish(self) -> None:
        """Run what is still held."""
        while self.held:
            self._run(next(iter(self.held)))

    def _run(self, size: tuple[int, ...]) -> None:
        bucket = self.held.pop(size)
        self.held_pixels -= len(bucket) * size[0] * size[1]
        self.held_images -= len(bucket)
        rows = [row for row, _ in bucket]
        images = [image for _, image in bucket]
        try:
            self.table.probabilities[rows] = self.predictor.predict(images).probabilities
        except UserError:
            self._run_one_by_one(rows, images)
        self.progress.advance(len(rows), detail=self.table.paths[rows[-1]])

    def _run_one_by_one(self, rows: Sequence[int], images: Sequence[_Image]) -> None:
        """Find out which image the network cannot take, an immense one for instance, and keep the others."""
        for row, image in zip(rows, images, strict=True):
            try:
                self.table.probabilities[row] = self.predictor.predict([image]).probabilities[0]
            except UserError as error:
                self.table.errors[row] = error.message


def _decoded(found: ImageFiles, window: Window | None, workers: int) -> Iterator[tuple[int, _Image | UserError]]:
    """Yield every row with its image, decoded ahead of the reader by as much as memory allows."""
    reader = ImageReader({_SOURCE: Source(_SOURCE, "folder", str(found.folder))})

    def decode(path: str) -> _Image | UserError:
        try:
            return found.problems.get(path) or reader.rgb8(_SOURCE, path, window)
        except UserError as error:
            return error

    ahead, largest = workers + 1, 1
    waiting: deque[tuple[int, Future[_Image | UserError]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    try:
        rows = iter(enumerate(found.paths))
        while True:
            while len(waiting) < ahead and (following := next(rows, None)) is not None:
                waiting.append((following[0], pool.submit(decode, following[1])))
            if not waiting:
                return
            row, future = waiting.popleft()
            decoded = future.result()
            if not isinstance(decoded, UserError):
                largest = max(largest, decoded.shape[0] * decoded.shape[1])
                ahead = min(max(_HELD_PIXELS // largest, workers + 1), 8 * workers)
            yield row, decoded
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
