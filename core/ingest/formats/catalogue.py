"""The files of a tree, indexed once: by path, by name, by suffix; a million of them stay cheap to hold and to ask."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import overload

from core.images.formats import IMAGE_SUFFIXES
from core.images.trees import TreeFile


class Catalogue(Sequence[TreeFile]):
    """Files by path, sorted."""

    def __init__(self, files: Iterable[TreeFile]) -> None:
        self._files = sorted(files, key=_path)
        self._next = 0

    @overload
    def __getitem__(self, index: int) -> TreeFile: ...
    @overload
    def __getitem__(self, index: slice) -> list[TreeFile]: ...
    def __getitem__(self, index: int | slice) -> TreeFile | list[TreeFile]:
        return self._files[index]

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[TreeFile]:
        return iter(self._files)

    def get(self, path: str) -> TreeFile | None:
        """Return the file with this path."""
        at = self._next  # files are nearly always asked for in their order
        if not (at < len(self._files) and self._files[at].path == path):
            at = bisect_left(self._files, path, key=_path)
            if at == len(self._files) or self._files[at].path != path:
                return None
        self._next = at + 1
        return self._files[at]

    @cached_property
    def images(self) -> Sequence[TreeFile]:
        """The files that are images by their names."""
        found = [file for file in self._files if _suffix(file.path) in IMAGE_SUFFIXES]
        return self._files if len(found) == len(self._files) else found

    @cached_property
    def others(self) -> Sequence[TreeFile]:
        """The files that are no images by their names."""
        if self.images is self._files:
            return []
        return [file for file in self._files if _suffix(file.path) not in IMAGE_SUFFIXES]

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
        return Catalogue(file for file in self._files if file.path in wanted or file.path.startswith(below))


def _path(file: TreeFile) -> str:
    return file.path


def _suffix(path: str) -> str:
    dot = path.rfind(".")
    return path[dot:].lower() if dot > path.rfind("/") + 1 else ""
