"""Reading a file that may be anything: only plain files of sane size reach a decoder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import UnreadableImage
from core.images.formats import PEEK_BYTES, sniff
from core.images.weight import is_justified

MAX_FILE_BYTES: Final = 2**31
"""Larger files are refused; the largest image allowed (`core.images.formats.MAX_PIXELS`) fits when uncompressed."""

_FIRST_BYTES: Final = 2**16
_AT_ONCE_BYTES: Final = 2**21
"""Smaller files are read in one go, whatever they turn out to be."""
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_HOLLOW_BYTES, _HOLLOW_RATIO = 2**27, 100
"""Above so many bytes a hundredth of a file must be there: file systems that compress reach that with nothing real."""

_CODES: Final = {
    errno.ENOENT: "image_missing",
    errno.ENOTDIR: "image_missing",
    errno.ENAMETOOLONG: "image_missing",
    errno.EACCES: "image_denied",
    errno.EPERM: "image_denied",
    errno.ELOOP: "image_link_loop",
}


def read_any(path: Path) -> bytes:
    """Return the bytes of a file of any type; raises as `read_file`, but for the format."""
    return _read(path, os.stat, check_size) or b""


def read_file(path: Path | str) -> bytes:
    """Return the bytes of an image file.

    Nothing but the first 64 KB is read of what is large and no image, and nothing blocks: pipes and devices are refused
    unread.

    Raises
    ------
    UnreadableImage
        ``image_missing``, ``image_denied``, ``image_link_loop``, ``image_not_file``, ``image_empty``,
        ``image_too_large``, ``image_overweight``, ``image_unknown_format`` or ``image_read_failed``.
    """
    return _read(path, os.stat, _check) or b""


def read_unlinked(path: str) -> bytes | None:
    """Return the bytes of an image file, or None where `path` is a link; raises as `read_file`."""
    return _read(path, os.lstat, _check)


def _read(
    path: Path | str, look: Callable[[Path | str], os.stat_result], check: Callable[[Path | str, int, bytes], None]
) -> bytes | None:
    # As few calls as there can be: of a million small files, most of the time goes into them.
    try:
        status = look(path)
        if not stat.S_ISREG(status.st_mode):
            if stat.S_ISLNK(status.st_mode):
                return None
            raise UnreadableImage("image_not_file", path=str(path))
        # Between the look and the opening a pipe may take the file's place: without waiting, opening it is harmless.
        descriptor = os.open(path, _FLAGS if look is os.stat else _FLAGS | _NO_LINK)
        try:
            head = os.read(descriptor, status.st_size if status.st_size <= _AT_ONCE_BYTES else _FIRST_BYTES)
            check(path, status.st_size, head)
            if is_hollow(status):
                raise UnreadableImage("image_hollow", path=str(path))
            if check is _check and not is_justified(descriptor, status.st_size):
                raise UnreadableImage("image_overweight", path=str(path))
            return head if status.st_size <= len(head) else _all(descriptor, status.st_size)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a name the file system cannot have: a null byte, half a surrogate pair
        raise UnreadableImage("image_missing", path=str(path)) from error


def _unreadable(path: Path | str, error: OSError) -> UnreadableImage:
    return UnreadableImage(_CODES.get(error.errno or 0, "image_read_failed"), path=str(path))


def is_hollow(status: os.stat_result) -> bool:
    """Whether a large file is nearly all holes: it takes no room on the disk, and all of its size in memory."""
    blocks = getattr(status, "st_blocks", 0)  # 0 also where a file system does not tell
    return status.st_size > _HOLLOW_BYTES and 0 < blocks * 512 * _HOLLOW_RATIO < status.st_size


@contextmanager
def file_errors(path: Path | str) -> Iterator[None]:
    """Turn what the system says of a file into an `UnreadableImage`."""
    try:
        yield
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a name the file system cannot have: a null byte, half a surrogate pair
        raise UnreadableImage("image_missing", path=str(path)) from error


def peek(path: Path) -> bytes:
    """Return the first bytes of a file, having made sure that it is one; raises as `read_any` does."""
    with file_errors(path):
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableImage("image_not_file", path=str(path))
        descriptor = os.open(path, _FLAGS)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            return file.read(PEEK_BYTES) or b""


def check_size(path: Path | str, size: int, head: bytes) -> None:
    """Raise `UnreadableImage` where a file of `size` bytes is empty or larger than any image."""
    if size == 0 or not head:
        raise UnreadableImage("image_empty", path=str(path))
    if size > MAX_FILE_BYTES:
        raise UnreadableImage("image_too_large", path=str(path))


def _check(path: Path | str, size: int, head: bytes) -> None:
    check_size(path, size, head)
    check_format(path, head)


def check_format(path: Path | str, head: bytes) -> None:
    """Raise `UnreadableImage` where the first bytes of a file are of no image."""
    if sniff(head) is None:
        raise UnreadableImage("image_unknown_format", path=str(path))


def _all(descriptor: int, size: int) -> bytes:
    """Return as many bytes from the start; in one piece, as putting large ones together would take twice the memory."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    data = os.read(descriptor, size)
    while len(data) < size and (more := os.read(descriptor, size - len(data))):
        data += more
    return data
