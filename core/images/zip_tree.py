"""A ZIP as a tree of files, read where it is: nothing is unpacked but what a library wants as a real file."""

from __future__ import annotations

import calendar
import hashlib
import lzma
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import UnreadableImage, UserError
from core.images.files import check_format, check_size, is_hollow
from core.images.formats import PEEK_BYTES
from core.images.opened import OpenFiles
from core.images.trees import ZIP, Skipped, Stamp, TreeFile
from core.images.zip_names import safe_entries
from core.paths import atomic_write, user_cache_dir
from core.progress import Progress

_BLOCK_BYTES: Final = 2**22
_NS: Final = 10**9


class ZipTree:
    """The files in a ZIP.

    Links, encrypted entries, ZIPs in ZIPs, names that lead out or come twice, and what unpacks to far more than any
    picture does are left out, each with its reason.

    Raises
    ------
    UserError
        ``archive_damaged`` or ``source_unreadable``.
    """

    def __init__(self, file: Path | str, scratch: Path | None = None) -> None:
        self.kind = ZIP
        self.root = str(file)
        self.opened = OpenFiles()
        self.scratch = scratch or user_cache_dir() / "unpacked"
        self._skipped: Skipped = []
        self._lock = threading.Lock()
        try:
            if is_hollow(Path(file).stat()):
                raise zipfile.BadZipFile
            self._archive = zipfile.ZipFile(file)
            self._entries = safe_entries(self._archive, self._skipped)
        except OSError as error:
            raise UserError("source_unreadable", path=self.root) from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UserError("archive_damaged", path=self.root) from error

    def files(self, progress: Progress, skipped: Skipped | None = None) -> Iterator[TreeFile]:
        """Yield every entry; as `core.images.trees.Tree.files`."""
        if skipped is not None:
            skipped += self._skipped
        for path, info in self._entries.items():
            progress.checkpoint()
            yield TreeFile(path, info.file_size, _time_ns(info))

    def read(self, path: str) -> bytes:
        """Return the bytes of any entry; raises `UnreadableImage`."""
        return b"".join(self._blocks(path, any_format=True))

    def read_image(self, path: str) -> bytes:
        """Return the bytes of an image; raises `UnreadableImage`."""
        return b"".join(self._blocks(path, any_format=False))

    def local(self, path: str) -> Path:
        """Return an unpacked copy of an entry; raises `UnreadableImage`."""
        info = self._info(path)
        key = hashlib.blake2b(f"{Path(self.root).resolve()}\0{path}".encode(), digest_size=8).hexdigest()
        name = f"{key}-{info.CRC:08x}-{info.file_size}{Path(path).suffix}"
        file = self.scratch / "zip" / name
        if not file.is_file():
            with atomic_write(file) as part, part.open("wb") as out:
                for block in self._blocks(path, any_format=True):
                    out.write(block)
        return file

    def stamp(self, path: str) -> Stamp:
        """Return the entry's size and time; raises `UnreadableImage`."""
        info = self._info(path)
        return Stamp(info.file_size, _time_ns(info))

    def _info(self, path: str) -> zipfile.ZipInfo:
        if path not in self._entries:
            raise UnreadableImage("image_missing", path=self._shown(path))
        return self._entries[path]

    def _shown(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _blocks(self, path: str, *, any_format: bool) -> Iterator[bytes]:
        """Yield what an entry holds: exactly as much as it announces, and only if the checksum agrees."""
        info, shown = self._info(path), self._shown(path)
        with self._errors(shown):
            with self._lock:  # opening counts the readers of the file, which only one thread may do at a time
                stream = self._archive.open(info)
            try:
                head = stream.read(PEEK_BYTES)
                check_size(shown, info.file_size, head)
                if not any_format:
                    check_format(shown, head)
                yield head
                while block := stream.read(_BLOCK_BYTES):
                    yield block
            finally:
                with self._lock:
                    stream.close()

    @contextmanager
    def _errors(self, shown: str) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
            raise UnreadableImage("archive_entry_damaged", path=shown) from error
        except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed in a way that is not known
            raise UnreadableImage("archive_method", path=shown) from error
        except OSError as error:
            code = "image_read_failed" if Path(self.root).is_file() else "image_missing"
            raise UnreadableImage(code, path=shown) from error


def _time_ns(info: zipfile.ZipInfo) -> int:
    """Return an entry's time; its last digits are the checksum's, as an entry may change and keep size and time."""
    try:
        seconds = calendar.timegm((*info.date_time, 0, 0, 0))
    except ValueError:
        seconds = 0
    return max(0, seconds) * _NS + info.CRC % _NS
