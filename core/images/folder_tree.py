"""A folder as a tree of files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.errors import UnreadableImage
from core.images.files import file_errors, read_any, read_file, read_unlinked
from core.images.inside import inside, safe_parts
from core.images.opened import OpenFiles
from core.images.trees import FOLDER, Skipped, Stamp, TreeFile, name_fault, printable
from core.paths import PROJECT_SUFFIX, user_cache_dir
from core.progress import Progress


class FolderTree:
    """The files below a folder.

    Linked folders are not followed, so that there are no loops and nothing is found twice; linked files are taken
    where the link stays inside the folder, or, with `follow_links`, wherever it leads.
    """

    def __init__(self, root: Path | str, scratch: Path | None = None, *, follow_links: bool = False) -> None:
        self.kind = FOLDER
        self.root = str(root)
        self.opened = OpenFiles()
        self.scratch = scratch or user_cache_dir() / "unpacked"
        self._root = os.path.realpath(root)
        self._follow_links = follow_links
        self._walked: set[str] = set()

    def files(self, progress: Progress, skipped: Skipped | None = None) -> Iterator[TreeFile]:
        """Yield every file that is neither hidden nor in a project; as `core.images.trees.Tree.files`."""
        skipped = [] if skipped is None else skipped
        folders = [""]
        while folders:
            progress.checkpoint()
            folder = folders.pop()
            self._walked.add(folder)
            try:
                with os.scandir(Path(self._root) / folder) as entries:
                    for entry in entries:
                        if not entry.name.startswith("."):
                            yield from self._look_at(entry, f"{folder}{entry.name}", folders, skipped)
            except OSError:
                skipped.append((printable(folder) or self._root, "image_denied"))

    def _look_at(self, entry: os.DirEntry[str], path: str, folders: list[str], skipped: Skipped) -> Iterator[TreeFile]:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.endswith(PROJECT_SUFFIX):
                folders.append(f"{path}/")
            return
        if entry.is_symlink() and _leads_to_folder(entry):
            skipped.append((printable(path), "folder_linked"))
            return
        if (fault := name_fault(path)) is not None:
            skipped.append((printable(path), fault))
            return
        try:
            if entry.is_symlink() and not self._follow_links:
                inside(self._root, path)
            status = entry.stat()
            if not stat.S_ISREG(status.st_mode):  # a pipe or device: whoever opened it would wait for ever
                skipped.append((path, "image_not_file"))
                return
            yield _found(path, status)
        except UnreadableImage as error:
            skipped.append((path, error.code))
        except OSError:
            # A link to nothing or to itself: taken as found, so that reading it gives the reason.
            with suppress(FileNotFoundError):  # gone since the folder was read
                yield _found(path, entry.stat(follow_symlinks=False))

    def read(self, path: str) -> bytes:
        """Return the bytes of any file; raises `UnreadableImage`."""
        return read_any(self.local(path))

    def read_image(self, path: str) -> bytes:
        """Return the bytes of an image file; raises `UnreadableImage`."""
        full = self._full(path)
        data = read_unlinked(full) if full is not None else None
        return read_file(self.local(path)) if data is None else data

    def local(self, path: str) -> Path:
        """Return where the file is; raises `UnreadableImage` where that is outside of the folder."""
        if self._follow_links:
            return Path(self._root, *safe_parts(path))
        return inside(self._root, path)

    def _full(self, path: str) -> str | None:
        """Return where a file is whose folder `files` reached from the root without following a link.

        Then only the file itself can be one, which takes a tenth of the time to make sure. None for any other path.
        """
        folder, slash, name = path.rpartition("/")
        if os.name != "posix" or name in ("", "..") or folder + slash not in self._walked:
            return None
        return f"{self._root}/{path}"

    def stamp(self, path: str) -> Stamp:
        """Return the file's size and time; raises `UnreadableImage`."""
        file = self.local(path)
        with file_errors(file):
            status = file.stat()
        return Stamp(status.st_size, status.st_mtime_ns)


def _found(path: str, status: os.stat_result) -> TreeFile:
    return TreeFile(path, status.st_size, status.st_mtime_ns)


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # a link to itself
        return False
