"""A folder of images through a model.

Two things must stay true: an image that cannot be read, or that the network cannot take, is a row with its reason and
never stops the others; and memory does not grow with the number of images.

On CPUs each thread decodes an image and runs it, with a session that uses that thread alone: every core is busy with
one image, and none waits for another. On a GPU the threads only decode, and images of one size run together.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.images.formats import Raw
from core.images.reader import ImageReader
from core.inference.gather import Gatherer
from core.inference.predictor import Predictor
from core.inference.providers import CPU
from core.inference.results import PredictionTable
from core.inference.walk import ImageFiles, image_files
from core.progress import Progress
from core.translation import mark

_SOURCE: Final = 0
# Fewer images than this are not worth opening the model a second time.
_WORTH_A_SESSION: Final = 8
_T = TypeVar("_T")


def predict_source(
    predictor: Predictor,
    root: Path | str,
    *,
    progress: Progress | None = None,
    workers: int | None = None,
    network: bool = False,
) -> PredictionTable:
    """Classify every image in a folder, a ZIP or at an address, or `root` itself where it is a file.

    Parameters
    ----------
    workers
        Threads that decode, and on a CPU also run the network; None: one per core.
    network
        Whether the network may be used for this, where `root` is an address.

    Returns
    -------
    PredictionTable
        One row per file that looks like an image, sorted by path.

    Raises
    ------
    UserError
        ``predict_source_missing``, ``predict_no_images``, or what is wrong with a ZIP or a server.
    Cancelled
        Where the user stopped it.
    """
    progress = progress or Progress()
    progress.begin(mark("Looking for images"))
    found = image_files(root, progress, network=network)
    table = PredictionTable.empty(found.folder, found.paths, predictor.labels, predictor.metadata.thresholds)
    workers = workers or os.cpu_count() or 1
    progress.begin(mark("Predicting"), len(table))
    if predictor.provider == CPU:
        _run_one_by_one(predictor, found, table, progress, workers)
    else:
        _run_together(predictor, found, table, progress, workers)
    return table


def _run_one_by_one(
    predictor: Predictor, found: ImageFiles, table: PredictionTable, progress: Progress, workers: int
) -> None:
    """Have every thread take an image all the way."""
    alone = predictor.single_threaded() if len(table) >= _WORTH_A_SESSION else predictor
    read = _reading(found, predictor)

    def answer(path: str) -> NDArray[np.float32] | UserError:
        image = read(path)
        if isinstance(image, UserError):
            return image
        try:
            probabilities: NDArray[np.float32] = alone.predict([image]).probabilities[0]
        except UserError as error:
            return error
        return probabilities

    for row, answered in _in_order(answer, found.paths, workers, lambda _: 8 * workers):
        table.fill(row, answered)
        progress.advance(detail=table.paths[row])


def _run_together(
    predictor: Predictor, found: ImageFiles, table: PredictionTable, progress: Progress, workers: int
) -> None:
    """Have the threads decode, and run images of one size in batches."""
    gatherer = Gatherer(predictor, table, progress)
    read = _reading(found, predictor)

    def ahead(image: Raw | UserError) -> int:
        return 8 * workers if isinstance(image, UserError) else gatherer.room_for(image, workers)

    for row, image in _in_order(read, found.paths, workers, ahead):
        gatherer.take(row, image)
    gatherer.finish()


def _reading(found: ImageFiles, predictor: Predictor) -> Callable[[str], Raw | UserError]:
    """Return what reads one path as the model takes it, or says why it cannot."""
    reader = ImageReader({_SOURCE: found.source})
    preprocess = predictor.preprocess

    def read(path: str) -> Raw | UserError:
        try:
            return found.problems.get(path) or preprocess.image(reader.raw(_SOURCE, path))
        except UserError as error:
            return error

    return read


def _in_order(
    work: Callable[[str], _T], paths: list[str], workers: int, ahead: Callable[[_T], int]
) -> Iterator[tuple[int, _T]]:
    """Yield every row with its result, in order, while a pool of threads works ahead.

    Parameters
    ----------
    ahead
        From a result, how many may be under way from now on.
    """
    waiting: deque[tuple[int, Future[_T]]] = deque()
    rows = iter(enumerate(paths))
    allowed = workers + 1
    pool = ThreadPoolExecutor(workers, thread_name_prefix="predict")
    try:
        while True:
            while len(waiting) < allowed and (following := next(rows, None)) is not None:
                waiting.append((following[0], pool.submit(work, following[1])))
            if not waiting:
                return
            row, future = waiting.popleft()
            result = future.result()
            allowed = max(workers + 1, ahead(result))
            yield row, result
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
