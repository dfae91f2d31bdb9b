"""Whether a large file can be the image that its header announces, before it is read into memory.

Up to `WEIGHED_BYTES` any file is read. Beyond, what the header says must account for at least half of it, with room for
what else a file carries: otherwise one with nothing but the right first bytes would take gigabytes. Only what is
looked at is read; the file is not mapped, as one that shrinks meanwhile would end the process.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from core.images.formats import PEEK_BYTES, sniff

WEIGHED_BYTES: Final = 2**28
"""256 MB; a picture of 268 million pixels rarely takes more."""

_SPARE_BYTES: Final = 2**26
_HEAD_BYTES: Final = 2**21
_MOST_PAGES: Final = 2**13
"""So many directories are looked at; a file of more is taken to hold the eightfold at most."""

_MOST_TAGS: Final = 100
_MOST_SEGMENTS: Final = 2**12
_SAMPLES_OF_PNG: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_MARK, _SCAN, _FRAMES = 0xFF, 0xDA, frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LONG: Final = 4
_WIDTH, _LENGTH, _BITS, _DESCRIPTION, _SAMPLES = 256, 257, 258, 270, 277
_DICOM_FACTORS: Final = (rb"\x10\x00", rb"\x11\x00", rb"\x00\x01", rb"\x02\x00")
"""Rows, columns, bits of a sample, samples of a pixel: elements of group 0028."""

_STACKED: Final = re.compile(rb"ImageJ=[^\0]{0,200}?\nimages=(\d{1,7})\n")


class _File:
    """An open file, of which pieces are read."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self.size = size

    def read(self, start: int, count: int) -> bytes:
        """Return at most so many bytes from there."""
        if not 0 <= start < self.size:
            return b""
        os.lseek(self._descriptor, start, os.SEEK_SET)
        return os.read(self._descriptor, count)

    def unpack(self, format: str, start: int) -> tuple[Any, ...]:
        """Return the numbers that lie there; raises `struct.error` where the file ends before."""
        return struct.unpack(format, self.read(start, struct.calcsize(format)))


def is_justified(descriptor: int, size: int) -> bool:
    """Return whether an open file of `size` bytes is no larger than the image in it can be; may raise `OSError`."""
    if size <= WEIGHED_BYTES:
        return True
    file = _File(descriptor, size)
    return size <= 2 * _announced_bytes(file) + _SPARE_BYTES


def _announced_bytes(file: _File) -> int:
    """Return how many bytes the pixels of an image file take unpacked, by its header; 0 where that is not told."""
    measure = _MEASURES.get(sniff(file.read(0, PEEK_BYTES)) or "")
    try:
        return measure(file) if measure is not None else 0
    except struct.error:
        return 0


def _png(file: _File) -> int:
    width, height, depth, colour = file.unpack(">IIBB", 16)
    return int(width * height * depth * _SAMPLES_OF_PNG.get(colour, 0) // 8)


def _bmp(file: _File) -> int:
    width, height, _, bits = file.unpack("<iiHH", 18)
    return int(abs(width) * abs(height) * bits // 8)


def _jpeg(file: _File) -> int:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        start, mark, length = file.unpack(">BBH", at)
        if start != _MARK or mark == _SCAN:
            break
        if mark in _FRAMES:
            depth, height, width, samples = file.unpack(">BHHB", at + 4)
            return int(width * height * samples * depth // 8)
        at += 1 if mark == _MARK else 2 + length
    return 0


def _jpeg2000(file: _File) -> int:
    head = file.read(0, _HEAD_BYTES)
    at = head.find(b"\xff\x4f\xff\x51")
    if at < 0:
        return 0
    width, height, samples = struct.unpack_from(">II24xH", head, at + 8)
    return int(2 * width * height * samples)


def _dicom(file: _File) -> int:
    head = file.read(0, _HEAD_BYTES)
    product = 1
    for element in _DICOM_FACTORS:
        found = re.search(rb"\x28\x00" + element + rb"(?:US\x02\x00|\x02\x00\x00\x00)(..)", head, re.DOTALL)
        product *= int.from_bytes(found[1], "little") if found is not None else 1
    frames = re.search(rb"\x28\x00\x08\x00(?:IS..|..\x00\x00)(\d{1,7})", head, re.DOTALL)
    return product // 8 * (int(frames[1]) if frames is not None else 1)


def _tiff(file: _File) -> int:
    total = walked = 0
    for page_bytes in _pages(file):
        total, walked = total + page_bytes, walked + 1
        if 2 * total + _SPARE_BYTES >= file.size:
            break
    return total if walked < _MOST_PAGES else 8 * total


def _pages(file: _File) -> Iterator[int]:
    """Yield the bytes of the pixels of each directory."""
    head = file.read(0, 16)
    order, big = "<" if head[:2] == b"II" else ">", head[2:4] in (b"+\0", b"\0+")
    count_format, offset_format, entry_format = ("Q", "Q", "HHQ8s") if big else ("H", "I", "HHI4s")
    entry, place = struct.Struct(order + entry_format), struct.Struct(order + offset_format)
    (offset,) = place.unpack_from(head, 8 if big else 4)
    for _ in range(_MOST_PAGES):
        if not offset:
            return
        (count,) = file.unpack(order + count_format, offset)
        first = offset + struct.calcsize(count_format)
        directory = file.read(first, entry.size * min(count, _MOST_TAGS))
        found = {_WIDTH: 0, _LENGTH: 0, _BITS: 8, _SAMPLES: 1, _DESCRIPTION: 1}
        for tag, kind, number, value in entry.iter_unpack(directory[: len(directory) // entry.size * entry.size]):
            if tag == _DESCRIPTION and number > place.size:
                stacked = _STACKED.match(file.read(place.unpack(value)[0], 300))
                found[tag] = int(stacked[1]) if stacked is not None else 1
            elif tag in found:
                far = tag == _BITS and number * 2 > place.size
                text = file.read(place.unpack(value)[0], 2) if far else value
                (found[tag],) = struct.unpack_from(order + ("I" if kind == _LONG else "H"), text)
        samples = found[_SAMPLES] * ((found[_BITS] + 7) // 8) * found[_DESCRIPTION]
        yield found[_WIDTH] * found[_LENGTH] * samples
        (offset,) = file.unpack(order + offset_format, first + entry.size * count)


_MEASURES: Final[dict[str, Callable[[_File], int]]] = {
    "png": _png,
    "bmp": _bmp,
    "jpeg": _jpeg,
    "jpeg2000": _jpeg2000,
    "dicom": _dicom,
    "tiff": _tiff,
}
"""Of GIF, WebP and HEIC none is so large."""
