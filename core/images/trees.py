"""What a source is to the rest of Coverslip: a tree of files, whether they lie in a folder, in a ZIP or on a server.

Every tree refuses paths that lead out of it, links that lead around in circles, and names that cannot be recorded. A
tree may be used by any thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from core.domain.address import is_reserved
from core.images.opened import OpenFiles
from core.progress import Progress

FOLDER: Final = "folder"
ZIP: Final = "zip"
REMOTE: Final = "remote"
KINDS: Final = (FOLDER, ZIP, REMOTE)

UNREACHABLE: Final = "image_unreachable"
NOT_ALLOWED: Final = "image_not_fetched"
"""Why an image of a server is not here: the codes that say nothing against the image itself."""

Skipped = list[tuple[str, str]]
"""What a tree leaves out though it may hold images: printable path, and the code of the reason."""


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file by its relative POSIX path, with its size in bytes and its modification time in ns (0: not known)."""

    path: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from the next: its size in bytes and its time in ns (0: not known)."""

    size_bytes: int
    mtime_ns: int


class Tree(Protocol):
    """Files by relative POSIX path."""

    @property
    def kind(self) -> str:
        """One of `KINDS`."""

    @property
    def root(self) -> str:
        """What the tree was opened with: a folder, a file, an address; for messages."""

    @property
    def opened(self) -> OpenFiles:
        """What the readers of parts keep open: videos, tars, arrays."""

    @property
    def scratch(self) -> Path:
        """A folder for what must be unpacked before it can be read; safe to delete."""

    def files(self, progress: Progress, skipped: Skipped | None = None) -> Iterator[TreeFile]:
        """Yield every file, of whatever type, in no particular order; hidden ones and projects are passed over.

        Parameters
        ----------
        skipped
            Takes what was left out though it may hold images: linked folders, names that cannot be recorded.
        """

    def read(self, path: str) -> bytes:
        """Return the bytes of any file; raises `UnreadableImage`."""

    def read_image(self, path: str) -> bytes:
        """Return the bytes of an image file; like `read`, but what is no image by its first bytes is refused unread."""

    def local(self, path: str) -> Path:
        """Return where the file lies on this computer, for libraries that want a real file; perhaps a copy.

        Raises
        ------
        UnreadableImage
            ``image_outside`` for a path that leads out; ``image_missing`` only where a copy had to be made.
        """

    def stamp(self, path: str) -> Stamp:
        """Return what tells whether the file has changed; raises `UnreadableImage`, ``image_missing`` if it is gone."""


def printable(path: str) -> str:
    """Return a path that can be shown and written, bytes that are no Unicode as ``\\xNN``."""
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character that no file system gave
        data = path.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def name_fault(path: str) -> str | None:
    """Return why a file's path cannot be recorded (a code), or None where it can."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "image_name_invalid"
    return "image_name_reserved" if is_reserved(path) else None
