"""The files of a tree, indexed once: by path, by name, by suffix; however many, they take next to no memory."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import cached_property
from typing import overload

from core.images.formats import IMAGE_SUFFIXES
from core.images.trees import TreeFile
from core.ingest.formats.file_bank import FileBank


class Catalogue(Sequence[TreeFile]):
    """Files by path, sorted; any thread may ask."""

    def __init__(self, files: Iterable[TreeFile]) -> None:
        self._bank = FileBank(files)
        self._next = 0
        self.document: tuple[str, object] | None = None
        """The path and content of the document that was read last, until it is taken: large ones are parsed once."""

    @overload
    def __getitem__(self, index: int) -> TreeFile: ...
    @overload
    def __getitem__(self, index: slice) -> list[TreeFile]: ...
    def __getitem__(self, index: int | slice) -> TreeFile | list[TreeFile]:
        if isinstance(index, slice):
            return [self._bank.file(at) for at in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._bank.file(index % len(self))

    def __len__(self) -> int:
        return self._bank.count

    def __iter__(self) -> Iterator[TreeFile]:
        return iter(self._bank)

    def path(self, index: int) -> str:
        """Return the path of the file at a place."""
        return self._bank.path(index)

    def paths(self, base: str = "") -> Sequence[str]:
        """Return the paths of all files, each without its first letters, those of `base`."""
        return _Paths(self, len(base))

    def get(self, path: str) -> TreeFile | None:
        """Return the file with this path."""
        at = self._next  # files are nearly always asked for in their order
        if at < len(self) and (file := self._bank.file(at)).path == path:
            self._next = at + 1
            return file
        found = self._bank.find(path)
        if found is None:
            return None
        self._next = found + 1
        return self._bank.file(found)

    @cached_property
    def images(self) -> Catalogue:
        """The files that are images by their names."""
        return self._of_kind(images=True)

    @cached_property
    def others(self) -> Catalogue:
        """The files that are no images by their names."""
        return Catalogue(()) if self.images is self else self._of_kind(images=False)

    def _of_kind(self, *, images: bool) -> Catalogue:
        if all((_suffix(path) in IMAGE_SUFFIXES) is images for path in self.paths()):
            return self
        return Catalogue(file for file in self if (_suffix(file.path) in IMAGE_SUFFIXES) is images)

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


class _Paths(Sequence[str]):
    """The paths of the files of a catalogue, made when they are asked for."""

    def __init__(self, files: Catalogue, skipped: int) -> None:
        self._files, self._skipped = files, skipped

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [file.path[self._skipped :] for file in self._files[index]]
        return self._files[index].path[self._skipped :]

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[str]:
        bank, skipped = self._files._bank, self._skipped
        return (path[skipped:] for path in bank.all_paths()) if skipped else bank.all_paths()


def _suffix(path: str) -> str:
    dot = path.rfind(".")
    return path[dot:].lower() if dot > path.rfind("/") + 1 else ""
