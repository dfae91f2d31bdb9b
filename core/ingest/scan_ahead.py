"""Reading the entries of an import in order and in batches, by threads that read on ahead."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import Final

from core.domain.address import parse_address
from core.domain.samples import NewSample
from core.images.trees import REMOTE
from core.ingest.formats.spec import Entry
from core.ingest.offers import Plan
from core.progress import Progress

_BATCH: Final = 8192
_BATCH_S: Final = 1.0
"""Samples that are committed at a time, and how long the first of them waits at most: a commit waits for the disk."""
_TASK: Final = 16
"""Files a thread reads at a time: handing over each one alone would cost as much as reading a small one."""
_AHEAD: Final = 64
"""Tasks that wait to be done or to be taken: what is read while a batch is committed."""
_SMALL_BYTES: Final = 2**15
_LOOKED_AT: Final = 32

_Read = Callable[[Sequence[Entry]], list[NewSample]]


def scanned(
    entries: Sequence[Entry],
    scan: Callable[[Entry], NewSample],
    workers: int,
    progress: Progress,
    *,
    alone: bool,
) -> Iterator[list[NewSample]]:
    """Yield the samples of `entries` in order, in batches, while threads read on ahead.

    With `alone`, this thread reads as long as that is work and no waiting for the disk: threads would only wait for
    each other where each image takes a few microseconds.
    """

    def read(part: Sequence[Entry]) -> list[NewSample]:
        samples = []
        for entry in part:
            progress.checkpoint()
            samples.append(scan(entry))
        return samples

    parts = (entries[start : start + _TASK] for start in range(0, len(entries), _TASK))
    batch: list[NewSample] = []
    since = time.monotonic()
    for samples in chain(_alone(parts, read) if alone else (), _ahead(parts, read, workers)):
        progress.advance(len(samples), samples[-1].path)
        batch += samples
        if len(batch) >= _BATCH or time.monotonic() - since > _BATCH_S:
            yield batch
            batch, since = [], time.monotonic()
    if batch:
        yield batch


def _alone(parts: Iterator[Sequence[Entry]], read: _Read) -> Iterator[list[NewSample]]:
    """Read in this thread, until more than half of the time is waiting."""
    while True:
        waited = 0.0
        count = 0
        for part in islice(parts, _AHEAD):
            since, worked = time.perf_counter(), time.thread_time()
            samples = read(part)
            waited += (time.perf_counter() - since) - 2 * (time.thread_time() - worked)
            count += 1
            yield samples
        if count < _AHEAD or waited > 0:
            return


def _ahead(parts: Iterator[Sequence[Entry]], read: _Read, workers: int) -> Iterator[list[NewSample]]:
    """Read in threads, which go on while the result is used."""
    waiting: deque[Future[list[NewSample]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="import") as pool:
        try:
            for part in parts:
                waiting.append(pool.submit(read, part))
                if len(waiting) >= _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def are_small(plan: Plan, positions: Sequence[int]) -> bool:
    """Whether the images are files on this computer so small that reading one is mostly Python."""
    if plan.kind == REMOTE or not positions:
        return False
    chosen = [positions[i * len(positions) // _LOOKED_AT] for i in range(_LOOKED_AT)]
    entries = [plan.offer.entries[at] for at in chosen]
    sizes = sorted(plan.found(entry).size_bytes for entry in entries)
    return parse_address(entries[0].path).part is None and sizes[_LOOKED_AT // 2] <= _SMALL_BYTES
