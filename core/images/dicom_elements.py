"""The elements of a DICOM file through pydicom, which would read on for as long as a file has any.

A hostile file has millions of empty ones, or is compressed as a whole and unpacks to anything.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from core.images.formats import Fault

if TYPE_CHECKING:
    from pydicom import Dataset

_DEFLATED: Final = b"1.2.840.10008.1.2.1.99"
_START, _META, _COMMANDS = 132, 2, 0
_MOST_META, _MOST_ELEMENTS, _MOST_READS = 100, 20_000, 200_000
_FREE_READS, _BYTES_A_READ = 20_000, 64
"""A file may be read so often, and once more for so many bytes: frames bring pixels, empty items bring nothing."""
_MOST_META_BYTES: Final = 2**20
_MOST_TIMES: Final = 8
"""How often over a file is read: once, and again for what is looked ahead at."""
_LONG: Final = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"})
_PIXELS: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


def read_elements(stream: BinaryIO, tags: Sequence[str] | None) -> Dataset:
    """Return the data set in a file: the elements named and those of the file's head, or all with `None`.

    With names, nothing is read from the pixels on. To be called within `core.images.decode.readable`.

    Raises
    ------
    Fault
        ``image_unsupported`` where the whole is compressed, ``image_damaged`` where there are elements without end.
    """
    from pydicom.filereader import read_partial
    from pydicom.tag import Tag

    _check_start(stream)
    wanted = None if tags is None else [Tag(name) for name in tags]
    return read_partial(cast("BinaryIO", _Counted(stream)), _bounded(wanted is not None), specific_tags=wanted)


class _Counted:
    """A stream of which so much is read at most: of what is in sequences, pydicom asks nobody where to stop."""

    def __init__(self, stream: BinaryIO) -> None:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        self._left = min(_MOST_READS, _FREE_READS + size // _BYTES_A_READ)
        self._bytes_left = _MOST_TIMES * size + _MOST_META_BYTES
        self._read = stream.read
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        data = self._read(size)
        self._left -= 1
        self._bytes_left -= len(data)
        if self._left < 0 or self._bytes_left < 0:
            raise Fault("image_damaged")
        return data


def _check_start(stream: BinaryIO) -> None:
    """Walk the head, which says how the rest is written, and see what follows."""
    stream.seek(_START)
    for _ in range(_MOST_META):
        element = stream.read(8)
        group = int.from_bytes(element[:2], "little")
        if group != _META:
            # Commands are of the network, never in files; they are read before anything else.
            if len(element) == 8 and group == _COMMANDS:
                raise Fault("image_damaged")
            return
        kind, length = element[4:6], int.from_bytes(element[6:8], "little")
        if kind in _LONG:
            length = int.from_bytes(stream.read(4), "little")
        elif not kind.isalpha():
            length = int.from_bytes(element[4:8], "little")
        if length > _MOST_META_BYTES:
            raise Fault("image_damaged")
        if element[2:4] == b"\x10\0" and stream.read(length).rstrip(b"\0 ") == _DEFLATED:
            raise Fault("image_unsupported")
        if element[2:4] != b"\x10\0":
            stream.seek(length, os.SEEK_CUR)
    raise Fault("image_damaged")


def _bounded(before_pixels: bool) -> Callable[[Any, str | None, int], bool]:
    """Return what tells pydicom where to stop."""
    count = itertools.count()

    def stop(tag: Any, kind: str | None, length: int) -> bool:
        if next(count) > _MOST_ELEMENTS:
            raise Fault("image_damaged")
        return before_pixels and tag in _PIXELS

    return stop
