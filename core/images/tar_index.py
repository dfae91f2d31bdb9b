"""Where the files are inside a tar, found in one pass over its headers; reading one is then a seek."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import UnreadableImage
from core.images.files import MAX_FILE_BYTES, is_hollow
from core.images.formats import Fault
from core.images.inside import safe_parts
from core.paths import atomic_write

MAX_MEMBERS: Final = 1_000_000
_GZIP: Final = b"\x1f\x8b"
_BLOCK_BYTES: Final = 2**22
_MAX_UNPACKED: Final = 2**37
_MAX_RATIO: Final = 200  # pictures are compressed already; only bombs unpack to more
_LARGE_BYTES, _LARGE_RATIO = 2**28, 20  # and of more than so many bytes, to less
_MANY_EMPTY: Final = 10_000
_MAX_NAME: Final = 4096


_MAX_EXTRA: Final = 2**16
_EXTRA: Final = frozenset(
    {
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    }
)


class _Header(tarfile.TarInfo):
    """A header whose extra names and attributes are bounded: they are read into memory before anything can be said."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _EXTRA and self.size > _MAX_EXTRA:
            raise tarfile.ReadError("an immense header")
        found: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return found


@dataclass(frozen=True, slots=True)
class TarIndex:
    """The plain files of a tar.

    Attributes
    ----------
    members
        Offset and size in bytes by name.
    skipped
        Names left out, with the code of the reason.
    """

    file: Path
    members: dict[str, tuple[int, int]]
    skipped: list[tuple[str, str]]

    def read(self, name: str) -> bytes:
        """Return the bytes of a member; raises `Fault` or `OSError`."""
        if name not in self.members:
            raise Fault("image_missing")
        offset, size = self.members[name]
        with self.file.open("rb", buffering=0) as file:
            file.seek(offset)
            data = file.read(size) or b""
        if not data:
            raise Fault("image_empty")
        if len(data) < size:
            raise Fault("image_truncated")
        return data


def index_tar(file: Path) -> TarIndex:
    """Return the index of a tar that is not compressed.

    Links, devices and names that lead out are left out; of members of one name, the first counts. A tar that is cut
    off has the members before the cut.

    Raises
    ------
    Fault
        ``archive_damaged_tar`` or ``archive_bomb``.
    """
    members: dict[str, tuple[int, int]] = {}
    skipped: list[tuple[str, str]] = []
    status = file.stat()
    size, empty = status.st_size, 0
    if is_hollow(status):
        raise Fault("archive_bomb")
    try:
        with tarfile.open(file, "r:", tarinfo=_Header, errors="surrogateescape", encoding="utf-8") as archive:
            while (info := archive.next()) is not None:
                archive.members = []  # type: ignore[attr-defined]  # it would keep them all
                empty += info.size == 0
                if len(members) >= MAX_MEMBERS or empty > max(_MANY_EMPTY, len(members) - empty):
                    raise Fault("archive_bomb")
                if not info.isdir():
                    _take(info, size, members, skipped)
    except tarfile.ReadError as error:
        if not members:
            raise Fault("archive_damaged_tar") from error
    except (tarfile.TarError, ValueError, OverflowError, RecursionError) as error:
        raise Fault("archive_damaged_tar") from error
    return TarIndex(file, members, skipped)


def plain_tar(file: Path, scratch: Path) -> Path:
    """Return a tar that is not compressed: the file itself, or what a gzipped one unpacks to, kept in `scratch`.

    Raises
    ------
    Fault
        ``archive_bomb`` where it unpacks to far more than any pictures do, ``archive_damaged_tar``.
    """
    status = file.stat()
    with file.open("rb") as stream:
        if stream.read(2) != _GZIP:
            return file
    what = f"{file.resolve()}\0{status.st_mtime_ns}\0{status.st_size}"
    name = hashlib.blake2b(what.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    unpacked = scratch / "tars" / f"{name}.tar"
    if not unpacked.is_file():
        with atomic_write(unpacked) as part:
            _unpack(file, part, _most_bytes(status.st_size))
    return unpacked


def _most_bytes(packed: int) -> int:
    """Return how many bytes a gzipped tar of this size may unpack to."""
    return min(_MAX_UNPACKED, _MAX_RATIO * packed + 2**24, max(_LARGE_BYTES, _LARGE_RATIO * packed))


def _unpack(file: Path, target: Path, most: int) -> None:
    written = 0
    try:
        with gzip.open(file) as stream, target.open("wb") as out:
            while block := stream.read(_BLOCK_BYTES):
                written += len(block)
                if written > most:
                    raise Fault("archive_bomb")
                out.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Fault("archive_damaged_tar") from error


def _take(info: tarfile.TarInfo, end: int, members: dict[str, tuple[int, int]], skipped: list[tuple[str, str]]) -> None:
    name = info.name.removeprefix("./")
    fault = _fault(info, name, end)
    if fault is None and name in members:
        fault = "archive_duplicate"
    if fault is None:
        members[name] = (info.offset_data, info.size)
    else:
        skipped.append((name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"), fault))


def _fault(info: tarfile.TarInfo, name: str, end: int) -> str | None:
    if not info.isreg() or info.issparse():
        return "archive_link"
    try:
        safe_parts(name)
        name.encode()
    except UnreadableImage as error:
        return error.code
    except UnicodeEncodeError:
        return "image_name_invalid"
    if len(name) > _MAX_NAME:
        return "image_name_invalid"
    if info.size > MAX_FILE_BYTES:
        return "image_too_large"
    return "image_truncated" if info.size < 0 or info.offset_data + info.size > end else None


def is_plain_file(file: Path) -> bool:
    """Return whether this is a file that can be read without waiting: no pipe, no device."""
    try:
        return stat.S_ISREG(os.stat(file).st_mode)  # noqa: PTH116
    except (OSError, ValueError):
        return False
