"""The files of a folder, all of them, as a tree that the formats read from: never anything outside of the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.errors import UnreadableImage
from core.images.files import read_file
from core.images.reader import inside
from core.progress import Progress
from core.store.project import SUFFIX as PROJECT_SUFFIX


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file by its relative POSIX path, with its size in bytes and its modification time in ns."""

    path: str
    size_bytes: int
    mtime_ns: int


Skipped = list[tuple[str, str]]


class Tree(Protocol):
    """The files of a source."""

    @property
    def root(self) -> str:
        """What the tree was opened with."""
        ...

    def files(self, progress: Progress, skipped: Skipped | None = None) -> Iterator[TreeFile]:
        """Yield the files; `skipped` takes what was left out, and why."""
        ...

    def read_image(self, path: str) -> bytes:
        """Return the bytes of an image file."""
        ...

    def read(self, path: str) -> bytes:
        """Return the bytes of a file."""
        ...

    def local(self, path: str) -> Path:
        """Return a file on this machine with the content of `path`."""
        ...


class FolderTree:
    """The files below a folder. Hidden ones and projects are passed over, linked folders not followed."""

    def __init__(self, root: Path) -> None:
        self.root = os.path.realpath(root)

    def files(self, progress: Progress, skipped: Skipped | None = None) -> Iterator[TreeFile]:
        """Yield the files, in no particular order."""
        skipped = [] if skipped is None else skipped
        folders = [""]
        while folders:
            progress.checkpoint()
            folder = folders.pop()
            try:
                with os.scandir(f"{self.root}/{folder}") as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            yield from self._look_at(entry, f"{folder}{entry.name}", folders, skipped)
            except OSError:
                skipped.append((printable(folder) or self.root, "image_denied"))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; raises `OSError` or `UnreadableImage`."""
        return self.local(path).read_bytes()

    def read_image(self, path: str) -> bytes:
        """Return the bytes of an image file; raises `UnreadableImage`."""
        return read_file(self.local(path))

    def local(self, path: str) -> Path:
        """Return where the file is, having made sure that it is inside; raises `UnreadableImage`."""
        return inside(self.root, path)

    def _look_at(self, entry: os.DirEntry[str], path: str, folders: list[str], skipped: Skipped) -> Iterator[TreeFile]:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.endswith(PROJECT_SUFFIX):
                folders.append(f"{path}/")
            return
        linked = entry.is_symlink()
        if linked and _leads_to_folder(entry):
            skipped.append((printable(path), "folder_linked"))
            return
        if not path.isascii() and not _is_unicode(path):
            skipped.append((printable(path), "image_name_invalid"))
            return
        try:
            if linked:
                inside(self.root, path)
            yield _found(path, entry.stat())
        except UnreadableImage as error:
            skipped.append((path, error.code))
        except OSError:
            # A link to nothing or to itself: taken as found, so that reading it gives the reason.
            with suppress(FileNotFoundError):  # gone since the folder was read
                yield _found(path, entry.stat(follow_symlinks=False))


def _found(path: str, status: os.stat_result) -> TreeFile:
    return TreeFile(path, status.st_size, status.st_mtime_ns)


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # a link to itself
        return False


def printable(path: str) -> str:
    """Return a path that can be shown and written, bytes that are no Unicode as ``\\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
