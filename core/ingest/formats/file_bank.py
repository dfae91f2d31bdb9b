"""Paths, sizes and times of any number of files, sorted by path, in a temporary file: a million in a few megabytes.

What comes unsorted is sorted piece by piece, and the pieces are merged, so that memory never grows with the number of
files but for the first path of each block of 128.
"""

from __future__ import annotations

import heapq
import tempfile
import threading
import weakref
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Final

from core.images.trees import TreeFile
from core.paths import disk_errors

_BLOCK: Final = 128
_RUN: Final = 8192
"""Files that are sorted at a time, in memory."""
_IN_MEMORY: Final = 2**20
"""Bytes up to which no file is made."""
_KEPT: Final = 16
"""Blocks that are kept, for threads that are at work in different ones."""

_path_of = attrgetter("path")


class FileBank:
    """Files by path, sorted; any thread may ask."""

    def __init__(self, files: Iterable[TreeFile]) -> None:
        self.count = 0
        self._store = _Store()
        self._firsts: list[str] = []
        ends, last, in_order = [0], "", True
        source = iter(files)
        while run := sorted(islice(source, _RUN), key=_path_of):
            in_order, last = in_order and last <= run[0].path, run[-1].path
            self._add(run)
            ends.append(len(self._firsts))
        if not in_order:
            self._merge(ends)

    def _add(self, files: list[TreeFile]) -> None:
        for start in range(0, len(files), _BLOCK):
            block = files[start : start + _BLOCK]
            self._firsts.append(block[0].path)
            self._store.append(block)
        self.count += len(files)

    def _merge(self, ends: list[int]) -> None:
        """Bring the runs, each sorted, which lie between these blocks, into one order."""
        runs, self._store = self._store, _Store()
        self._firsts, self.count = [], 0
        parts = [runs.between(first, end) for first, end in pairwise(ends)]
        merged = heapq.merge(*parts, key=_path_of)
        while files := list(islice(merged, _BLOCK)):
            self._add(files)

    def file(self, at: int) -> TreeFile:
        """Return the file at a place."""
        return self._store.block(at // _BLOCK).file(at % _BLOCK)

    def path(self, at: int) -> str:
        """Return the path of the file at a place."""
        return self._store.block(at // _BLOCK).path(at % _BLOCK)

    def find(self, path: str) -> int | None:
        """Return the place of the file with this path; None where there is none."""
        number = bisect_right(self._firsts, path) - 1
        if number < 0:
            return None
        block = self._store.block(number)
        at = bisect_left(range(len(block)), path, key=block.path)
        return number * _BLOCK + at if at < len(block) and block.path(at) == path else None

    def __iter__(self) -> Iterator[TreeFile]:
        return self._store.between(0, len(self._firsts))

    def all_paths(self) -> Iterator[str]:
        """Yield the paths, in order."""
        for number in range(len(self._firsts)):
            yield from self._store.read(number).paths()


class _Block:
    """Up to 128 files, taken apart when they are asked for."""

    def __init__(self, data: bytes, count: int) -> None:
        self._numbers = array("q")
        self._numbers.frombytes(data[: 24 * count])
        self._text = data[24 * count :]
        self._count = count

    def __len__(self) -> int:
        return self._count

    def path(self, at: int) -> str:
        """Return the path of the file at a place."""
        numbers, last = self._numbers, 2 * self._count + at
        return self._text[numbers[last - 1] if at else 0 : numbers[last]].decode("utf-8", "surrogatepass")

    def file(self, at: int) -> TreeFile:
        """Return the file at a place."""
        return TreeFile(self.path(at), self._numbers[at], self._numbers[self._count + at])

    def paths(self) -> Iterator[str]:
        """Yield the paths, in order."""
        start = 0
        for end in self._numbers[2 * self._count :]:
            yield self._text[start:end].decode("utf-8", "surrogatepass")
            start = end

    def files(self) -> Iterator[TreeFile]:
        """Yield the files, in order."""
        count = self._count
        return map(TreeFile, self.paths(), self._numbers[:count], self._numbers[count : 2 * count])


class _Store:
    """Blocks in a file that nobody else sees, and that goes with this."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])
        self._counts = array("B")
        self._kept: dict[int, _Block] = {}
        self._lock = threading.Lock()

    def append(self, files: list[TreeFile]) -> None:
        """Write a block."""
        texts = [file.path.encode("utf-8", "surrogatepass") for file in files]
        numbers = array("q", [file.size_bytes for file in files])
        numbers.extend([file.mtime_ns for file in files])
        end = 0
        for text in texts:
            end += len(text)
            numbers.append(end)
        data = b"".join((numbers.tobytes(), *texts))
        with disk_errors(Path(tempfile.gettempdir())):
            self._file.write(data)
        self._ends.append(self._ends[-1] + len(data))
        self._counts.append(len(files))

    def read(self, number: int) -> _Block:
        """Return a block, read anew."""
        start, end = self._ends[number], self._ends[number + 1]
        with self._lock:
            self._file.seek(start)
            return _Block(self._file.read(end - start), self._counts[number])

    def block(self, number: int) -> _Block:
        """Return a block; the last few are kept."""
        found = self._kept.get(number)
        if found is None:
            found = self.read(number)
            with self._lock:
                self._kept[number] = found
                if len(self._kept) > _KEPT:
                    del self._kept[next(iter(self._kept))]
        return found

    def between(self, first: int, end: int) -> Iterator[TreeFile]:
        """Yield the files of the blocks from one on until another."""
        for number in range(first, end):
            yield from self.read(number).files()
