"""The pixel cache: every image decoded and resized once, so that the epochs of a training only read.

Its pixels are rounded to grey levels, so it feeds training only; whatever is reported is computed from the decoded
image. Rows are known by content: when samples are added, the rows that are there are copied and only the new images
are decoded; after a cancelled or killed build, what was finished is used again. A cache takes its final name when it
is complete, and the folder may be deleted at any time when no training runs.

Per kind of preprocessing there are a ``NAME.pixels`` (rows of size × size × C bytes) and a ``NAME.keys`` (a line per
row); while building, the same with ``.part``.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import filelock
import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage
from core.images.formats import Raw
from core.images.preprocess import Preprocess
from core.paths import disk_errors
from core.progress import Progress
from core.translation import mark

_CHUNK_ROWS, _CHUNK_BYTES = 256, 2**25
"""The most rows written, flushed and noted at a time: what a kill can lose."""

_PIXELS, _KEYS, _PART = ".pixels", ".keys", ".part"

OnUnreadable = Callable[[int, UnreadableImage], None]


def build_pixel_cache(
    directory: Path,
    keys: Sequence[str],
    read: Callable[[int], Raw],
    preprocess: Preprocess,
    progress: Progress,
    workers: int | None = None,
    *,
    on_unreadable: OnUnreadable | None = None,
) -> NDArray[np.uint8]:
    """Return the resized images as a read-only memory map, (N, size, size, C) uint8, making what is missing.

    Parameters
    ----------
    directory
        Where caches are kept: ``cache/pixels`` of the project.
    keys
        N content digests, in the order of the rows.
    read
        Gives the image of a row, as `Preprocess.image` does; called from several threads.
    workers
        Threads that decode; None for one per core.
    on_unreadable
        Called with the row and the reason where an image cannot be read any more; its row holds the mean colour and
        is tried again next time. Without it the error is raised.

    Raises
    ------
    UserError
        ``disk_full``; what was finished is kept for the next time.
    UnreadableImage
        From `read`, without `on_unreadable`.
    Cancelled
        What was finished is kept for the next time.
    """
    shape = (len(keys), preprocess.size, preprocess.size, preprocess.width)
    if not keys:
        return np.zeros(shape, dtype=np.uint8)
    with disk_errors(directory):
        directory.mkdir(parents=True, exist_ok=True)
        family = _family(preprocess)
        final = directory / f"{family}-{_fingerprint(keys)}{_PIXELS}"
        with filelock.FileLock(directory / f"{family}.lock", thread_local=False):
            if not _is_complete(final, keys, shape):
                rows = _Rows(directory, family, shape)
                _build(rows, keys, _Source(read, preprocess, workers, on_unreadable), progress)
                _put_in_place(rows, final)
        return np.memmap(final, dtype=np.uint8, mode="r", shape=shape)


class _Source:
    """Decodes and resizes rows in a pool of threads."""

    def __init__(
        self,
        read: Callable[[int], Raw],
        preprocess: Preprocess,
        workers: int | None,
        on_unreadable: OnUnreadable | None,
    ) -> None:
        self._read = read
        self._preprocess = preprocess
        self._on_unreadable = on_unreadable
        self.workers = workers or os.cpu_count() or 1

    def row(self, index: int) -> tuple[NDArray[np.uint8], UnreadableImage | None]:
        """Return a row's pixels, or the mean colour and why."""
        from core.images.network_input import resize_rgb8

        try:
            return resize_rgb8(self._read(index), self._preprocess), None
        except UnreadableImage as error:
            if self._on_unreadable is None:
                raise
            size = self._preprocess.size
            mean = np.array([round(value * 255) for value in self._preprocess.mean], dtype=np.uint8)
            return np.broadcast_to(mean, (size, size, len(mean))), error

    def report(self, index: int, error: UnreadableImage) -> None:
        """Tell of a row that cannot be read."""
        if self._on_unreadable is not None:
            self._on_unreadable(index, error)


class _Rows:
    """The rows of one kind of preprocessing that are on disk already, and the file that is being written."""

    def __init__(self, directory: Path, family: str, shape: tuple[int, ...]) -> None:
        self.part = directory / f"{family}{_PIXELS}{_PART}"
        self.row_shape = shape[1:]
        self.row_bytes = int(np.prod(shape[1:]))
        self._set_aside(directory, family)
        self.old = [path for path in directory.glob(f"{family}*{_PIXELS}") if path != self.part]
        self._maps: list[NDArray[np.uint8]] = []
        self._where: dict[str, tuple[int, int]] = {}
        for path in self.old:
            self._add(path)

    def find(self, key: str) -> NDArray[np.uint8] | None:
        """Return the row of `key`, if it is on disk."""
        found = self._where.get(key)
        return None if found is None else self._maps[found[0]][found[1]]

    def release(self) -> None:
        """Let go of the old files, so that they can be deleted on Windows too."""
        self._maps.clear()
        self._where.clear()

    def _set_aside(self, directory: Path, family: str) -> None:
        """Keep what an unfinished build wrote as one more file to take rows from."""
        if self.part.exists() and _keys_file(self.part).exists():
            names = (directory / f"{family}-unfinished-{number}{_PIXELS}" for number in itertools.count())
            aside = next(path for path in names if not path.exists())
            os.replace(_keys_file(self.part), _keys_file(aside))
            os.replace(self.part, aside)

    def _add(self, path: Path) -> None:
        keys = _noted_keys(path)
        usable = min(len(keys), path.stat().st_size // self.row_bytes)
        if usable:
            self._maps.append(np.memmap(path, dtype=np.uint8, mode="r", shape=(usable, *self.row_shape)))
            file = len(self._maps) - 1
            self._where.update({key: (file, row) for row, key in enumerate(keys[:usable]) if key})


def _build(rows: _Rows, keys: Sequence[str], source: _Source, progress: Progress) -> None:
    """Write every row in order, a chunk at a time; decoding runs one chunk ahead."""
    progress.begin(mark("Preparing images"), len(keys))
    with (
        rows.part.open("wb") as pixels,
        _keys_file(rows.part).open("w", encoding="ascii") as noted,
        ThreadPoolExecutor(source.workers, thread_name_prefix="pixels") as pool,
    ):
        try:
            for start, chunk in _chunks(rows, keys, source, pool, progress):
                for offset, (_, error) in enumerate(chunk):
                    if error is not None:
                        source.report(start + offset, error)
                pixels.write(b"".join(np.ascontiguousarray(row).data for row, _ in chunk))
                pixels.flush()
                os.fsync(pixels.fileno())  # a row is noted only when it is on disk
                names = keys[start : start + len(chunk)]
                unreadable = [error is not None for _, error in chunk]
                noted.writelines("\n" if bad else f"{key}\n" for key, bad in zip(names, unreadable, strict=True))
                noted.flush()
                progress.advance(len(chunk))
        finally:
            pool.shutdown(cancel_futures=True)


_Chunk = list[tuple[NDArray[np.uint8], UnreadableImage | None]]


def _chunks(
    rows: _Rows, keys: Sequence[str], source: _Source, pool: ThreadPoolExecutor, progress: Progress
) -> Iterator[tuple[int, _Chunk]]:
    def row(index: int) -> tuple[NDArray[np.uint8], UnreadableImage | None]:
        progress.checkpoint()
        known = rows.find(keys[index])
        return source.row(index) if known is None else (known, None)

    ahead = None
    step = max(1, min(_CHUNK_ROWS, _CHUNK_BYTES // rows.row_bytes))
    for start in range(0, len(keys), step):
        waiting = start, pool.map(row, range(start, min(start + step, len(keys))))
        if ahead is not None:
            yield ahead[0], list(ahead[1])
        ahead = waiting
    if ahead is not None:
        yield ahead[0], list(ahead[1])


def _put_in_place(rows: _Rows, final: Path) -> None:
    rows.release()
    os.replace(_keys_file(rows.part), _keys_file(final))
    os.replace(rows.part, final)
    for path in rows.old:
        if path != final:
            with suppress(OSError):  # on Windows a training may still read it; it goes next time
                path.unlink()
                _keys_file(path).unlink()


def _is_complete(final: Path, keys: Sequence[str], shape: tuple[int, ...]) -> bool:
    size = int(np.prod(shape, dtype=np.int64))
    return final.exists() and final.stat().st_size == size and _noted_keys(final) == list(keys)


def _noted_keys(pixels: Path) -> list[str]:
    try:
        return _keys_file(pixels).read_text(encoding="ascii").split("\n")[:-1]
    except (OSError, ValueError):
        return []


def _keys_file(pixels: Path) -> Path:
    return pixels.with_name(pixels.name.replace(_PIXELS, _KEYS))


def _family(preprocess: Preprocess) -> str:
    """Return a name for what of the preprocessing shows in the pixels; the deviations do not."""
    values = preprocess.to_json()
    del values["std"]
    text = json.dumps(values, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _fingerprint(keys: Sequence[str]) -> str:
    return hashlib.blake2b("\n".join(keys).encode(), digest_size=8).hexdigest()
