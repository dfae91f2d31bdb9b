"""The files of a tree, indexed once: by path, by name, by suffix; a million of them stay cheap to hold and to ask."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from typing import overload

from core.images.formats import IMAGE_SUFFIXES
from core.images.trees import TreeFile


class Catalogue(Sequence[TreeFile]):
    """Files by path, sorted; kept as columns, as a million objects would take a quarter of a gigabyte."""

    def __init__(self, files: Iterable[TreeFile]) -> None:
        self._text, self._ends = bytearray(), array("Q", [0])
        self._sizes, self._times = array("q"), array("q")
        last, in_order = "", True
        for file in files:
            self._text += file.path.encode("utf-8", "surrogatepass")
            self._ends.append(len(self._text))
            self._sizes.append(file.size_bytes)
            self._times.append(file.mtime_ns)
            in_order, last = in_order and last <= file.path, file.path
        rows = range(len(self._sizes))
        self._rows: Sequence[int] = rows if in_order else array("Q", sorted(rows, key=self._row_path))
        self._next = 0
        self.document: tuple[str, object] | None = None
        """The path and content of the document that was read last, until it is taken: large ones are parsed once."""

    @overload
    def __getitem__(self, index: int) -> TreeFile: ...
    @overload
    def __getitem__(self, index: slice) -> list[TreeFile]: ...
    def __getitem__(self, index: int | slice) -> TreeFile | list[TreeFile]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        row = self._rows[index]
        return TreeFile(self._row_path(row), self._sizes[row], self._times[row])

    def __len__(self) -> int:
        return len(self._sizes)

    def __iter__(self) -> Iterator[TreeFile]:
        return map(self.__getitem__, range(len(self)))

    def path(self, index: int) -> str:
        """Return the path of the file at a place."""
        return self._row_path(self._rows[index])

    def get(self, path: str) -> TreeFile | None:
        """Return the file with this path."""
        at = self._next  # files are nearly always asked for in their order
        if not (at < len(self) and self.path(at) == path):
            at = bisect_left(range(len(self)), path, key=self.path)
            if at == len(self) or self.path(at) != path:
                return None
        self._next = at + 1
        return self[at]

    @cached_property
    def images(self) -> Sequence[TreeFile]:
        """The files that are images by their names."""
        found = array("Q", (at for at in range(len(self)) if _suffix(self.path(at)) in IMAGE_SUFFIXES))
        return self if len(found) == len(self) else _Some(self, found)

    def _row_path(self, row: int) -> str:
        return self._text[self._ends[row] : self._ends[row + 1]].decode("utf-8", "surrogatepass")

    @cached_property
    def others(self) -> Sequence[TreeFile]:
        """The files that are no images by their names."""
        if self.images is self:
            return []
        return [file for file in self if _suffix(file.path) not in IMAGE_SUFFIXES]

    def with_suffix(self, *suffixes: str) -> list[TreeFile]:
        """Return the files with one of these suffixes (such as ``.csv``, lower case), those of images left out."""
        return [file for file in self.others if file.path.lower().endswith(suffixes)]

    def named(self, pattern: str) -> list[TreeFile]:
        """Return the files, images left out, whose whole name matches a regular expression; case does not matter."""
        compiled = re.compile(pattern, re.IGNORECASE)
        return [file for file in self.others if compiled.fullmatch(file.path.rsplit("/", 1)[-1])]

    def subset(self, paths: Iterable[str]) -> Catalogue:
        """Return the files with these paths, or below these folders."""
        wanted = tuple(paths)
        below = tuple(f"{path}/" for path in wanted)
        return Catalogue(file for file in self if file.path in wanted or file.path.startswith(below))

    def exactly(self, paths: Container[str]) -> Catalogue:
        """Return the files with these paths."""
        return Catalogue(file for file in self if file.path in paths)


class _Some(Sequence[TreeFile]):
    """Some files of a catalogue, by their places."""

    def __init__(self, catalogue: Catalogue, places: Sequence[int]) -> None:
        self._catalogue, self._places = catalogue, places

    @overload
    def __getitem__(self, index: int) -> TreeFile: ...
    @overload
    def __getitem__(self, index: slice) -> _Some: ...
    def __getitem__(self, index: int | slice) -> TreeFile | _Some:
        if isinstance(index, slice):
            return _Some(self._catalogue, self._places[index])
        return self._catalogue[self._places[index]]

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[TreeFile]:
        return map(self._catalogue.__getitem__, self._places)


def _suffix(path: str) -> str:
    dot = path.rfind(".")
    return path[dot:].lower() if dot > path.rfind("/") + 1 else ""
