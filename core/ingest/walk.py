"""Finding the image files of a folder, in the same order every time, without ever leaving the folder."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import UnreadableImage
from core.images.formats import IMAGE_SUFFIXES
from core.images.reader import inside
from core.progress import Progress
from core.store.project import SUFFIX as PROJECT_SUFFIX


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file by its relative POSIX path, with its size in bytes and its modification time in ns."""

    path: str
    size_bytes: int
    mtime_ns: int


@dataclass(slots=True)
class Listing:
    """What was found.

    Attributes
    ----------
    files
        By path, sorted.
    skipped
        What was left out though it may hold images, printable, with the code of the reason.
    """

    files: list[FoundFile] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def list_images(root: Path, progress: Progress) -> Listing:
    """Return the files below `root` (a real path) that are images by their names.

    Hidden files, hidden folders and projects are passed over. Linked folders are not followed, so that there are no
    loops and nothing is found twice; linked files are taken where the link stays inside the folder.
    """
    listing = Listing()
    folders = [""]
    while folders:
        progress.checkpoint()
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    if not entry.name.startswith("."):
                        _look_at(entry, f"{folder}{entry.name}", root, folders, listing)
        except OSError:
            listing.skipped.append((printable(folder) or str(root), "image_denied"))
    listing.files.sort(key=lambda file: file.path)
    listing.skipped.sort()
    return listing


def _look_at(entry: os.DirEntry[str], path: str, root: Path, folders: list[str], listing: Listing) -> None:
    if entry.is_dir(follow_symlinks=False):
        if not entry.name.endswith(PROJECT_SUFFIX):
            folders.append(f"{path}/")
        return
    if entry.is_symlink() and _leads_to_folder(entry):
        listing.skipped.append((printable(path), "folder_linked"))
        return
    if os.path.splitext(entry.name)[1].lower() not in IMAGE_SUFFIXES:  # noqa: PTH122
        return
    if not _is_unicode(path):
        listing.skipped.append((printable(path), "image_name_invalid"))
        return
    try:
        if entry.is_symlink():
            inside(str(root), path)
        listing.files.append(_found(path, entry.stat()))
    except UnreadableImage as error:
        listing.skipped.append((path, error.code))
    except OSError:
        # A link to nothing or to itself: taken as found, so that reading it gives the reason.
        with suppress(FileNotFoundError):  # gone since the folder was read
            listing.files.append(_found(path, entry.stat(follow_symlinks=False)))


def _found(path: str, status: os.stat_result) -> FoundFile:
    return FoundFile(path, status.st_size, status.st_mtime_ns)


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
