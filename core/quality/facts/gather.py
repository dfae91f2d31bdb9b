"""One pass over the images, each read and decoded once, that finds out all that the checks need to know of their files.

What is known is kept by content: only new images cost anything, and a pass that was stopped or killed goes on where it
was. Threads do the work, as the decoders let go of the interpreter.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import Final

import numpy as np

from core.domain.samples import SampleTable
from core.error_texts.table import ERROR_TEXTS
from core.errors import UnreadableImage
from core.images.reader import ImageReader
from core.progress import CancelToken, Progress
from core.quality.facts.bank import FactsBank, Measured
from core.quality.facts.image_facts import ImageFacts
from core.quality.facts.measured import measure_image
from core.store.project import Project
from core.store.samples import file_states
from core.store.sources import sources
from core.translation import mark

KEEP_EVERY_S: Final = 10.0
KEEP_ROWS: Final = 4_096
"""What is written at a time, and lost at most by a kill."""
_AT_A_TIME: Final = 4
_MAX_WORKERS: Final = 16

Outcome = tuple[int, Measured | str]
"""Index, and what was found or why nothing was."""


def gather_facts(
    project: Project,
    table: SampleTable,
    keys: Sequence[str],
    progress: Progress,
    *,
    keep_every_s: float = KEEP_EVERY_S,
) -> ImageFacts:
    """Return the facts of the samples of `table`, in its order.

    Parameters
    ----------
    keys
        N content keys; images with the same one are decoded once.

    Raises
    ------
    UserError
        ``disk_full``; what was finished before is kept, nothing half-written.
    Cancelled
        The user stopped; what was finished is kept, and the next call does the rest.
    """
    bank = FactsBank(project.cache_dir)
    rows = bank.rows(keys)
    first: dict[str, int] = {}
    for index in np.flatnonzero(rows < 0).tolist():
        first.setdefault(keys[index], index)
    missing = list(first.values())
    problems: dict[int, str] = {}
    if missing:
        reader = ImageReader(sources(project))

        def measure(index: int) -> Measured:
            return measure_image(reader, int(table.source_ids[index]), table.paths[index])

        keeper = _Keeper(bank, keys, keep_every_s)
        with closing(_outcomes(missing, measure, progress.token)) as outcomes:
            progress.begin(mark("Looking at images"), len(missing))
            problems = _collect(outcomes, keeper, progress)
        rows = bank.rows(keys)
        problems = {index: problems[origin] for index, key in enumerate(keys) if (origin := first.get(key)) in problems}
    sizes, modified = file_states(project, table.ids)
    return ImageFacts(bank, rows, modified, sizes, problems, len(missing))


class _Keeper:
    """Writes what was found, every now and then."""

    def __init__(self, bank: FactsBank, keys: Sequence[str], every_s: float) -> None:
        self._bank, self._keys, self._every_s = bank, keys, every_s
        self._found: list[tuple[str, Measured]] = []
        self._kept_s = time.monotonic()

    def add(self, index: int, measured: Measured) -> None:
        """Take what was found of an image."""
        self._found.append((self._keys[index], measured))
        if len(self._found) >= KEEP_ROWS or time.monotonic() - self._kept_s >= self._every_s:
            self.flush()

    def flush(self) -> None:
        """Write what has not been written."""
        found, self._found, self._kept_s = self._found, [], time.monotonic()
        if found:
            self._bank.add([key for key, _ in found], [measured for _, measured in found])


def _collect(outcomes: Generator[list[Outcome]], keeper: _Keeper, progress: Progress) -> dict[int, str]:
    problems: dict[int, str] = {}
    try:
        for block in outcomes:
            for index, found in block:
                if isinstance(found, str):
                    problems[index] = found
                else:
                    keeper.add(index, found)
            progress.advance(len(block))
    finally:
        # Also where the user stopped: what is done need not be done again.
        keeper.flush()
    return problems


def _outcomes(
    indexes: Sequence[int], measure: Callable[[int], Measured], token: CancelToken
) -> Generator[list[Outcome]]:
    """Yield what was found of every image, in order, worked on ahead by threads; leaves none running."""

    def work(some: Sequence[int]) -> list[Outcome]:
        done: list[Outcome] = []
        for index in some:
            if token.cancelled:
                break
            try:
                done.append((index, measure(index)))
            except UnreadableImage as problem:
                # In English, as a sample's problem is kept: a key of the translations.
                done.append((index, ERROR_TEXTS[problem.code]))
        return done

    workers, waiting = _workers(), deque[Future[list[Outcome]]]()
    pool = ThreadPoolExecutor(workers, "facts")
    try:
        for start in range(0, len(indexes), _AT_A_TIME):
            waiting.append(pool.submit(work, indexes[start : start + _AT_A_TIME]))
            while len(waiting) > 3 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _workers() -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, _MAX_WORKERS))
