"""TIFF by tifffile and imagecodecs, which keep the 16 bits of RGB where Pillow silently loses half.

Without a page, a stack of OME's or ImageJ's comes with all its channels, the brightest plane of each (the maximum over
Z) at its first time; any other file comes as its first page.
"""

from __future__ import annotations

import io
import logging
import math
import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.images import jpeg
from core.images.exif import iso_time
from core.images.formats import WHOLE, Fault, Header, Raw, Where
from core.images.stacks import Stack, read_stack
from core.images.tiff_colours import YCBCR, channels_of, check_colours, depth_of, to_raw

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPage

_PLAIN, _JPEG = 1, 7
_COMPRESSIONS: Final = frozenset({_PLAIN, 2, 3, 4, 5, _JPEG, 8, 32773, 32946, 34925, 50000})
"""None, fax, LZW, JPEG, deflate, PackBits, LZMA, Zstandard. Others size their output by what the data claim."""

_CENTIMETRE: Final = 3
_MAX_PAGES: Final = 2**16
_HEAD_BYTES: Final = 16
_LISTS: Final = frozenset({273, 279, 324, 325})
"""Where the strips and tiles are, and how long."""
_MAX_TAGS, _MAX_PARTS = 2**13, 2**21
_MAX_MERGED: Final = 2**11
"""The most directories that are read for one image."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which directories make the image: for each channel those of its planes."""

    pages: list[list[TiffPage]]
    stack: Stack | None
    n_pages: int
    planes: int


def read_header(data: bytes, where: Where = WHOLE) -> Header:
    """Read the header of a page or stack; raises `Fault` or what tifffile raises."""
    with _opened(data) as file:
        layout = _layout(file, data, where)
        pages = [page for planes in layout.pages for page in planes]
        for page in pages:
            _check(page, data)
        first = pages[0]
        shape = (first.imagelength, first.imagewidth, first.samplesperpixel, first.dtype, first.photometric)
        if any((p.imagelength, p.imagewidth, p.samplesperpixel, p.dtype, p.photometric) != shape for p in pages):
            raise Fault("image_damaged")
        channels = channels_of(first) * len(layout.pages)
        stack = layout.stack
        names = stack.channel_names if stack is not None else ()
        return Header(
            format="tiff",
            width=first.imagewidth,
            height=first.imagelength,
            channels=channels,
            bit_depth=depth_of(first),
            orientation=_orientation(first),
            complete=all(int(page.compression) == _PLAIN for page in pages),
            pages=layout.n_pages,
            planes=layout.planes,
            pages_left=layout.n_pages - len(pages) if where == WHOLE else 0,
            where=where,
            pixel_size_um=_pixel_size(first, stack),
            channel_names=names if len(names) == channels else (),
            taken_at=_taken_at(first, stack),
        )


def read_directories(data: bytes | mmap.mmap) -> tuple[int, Stack | None]:
    """Return how many directories a file has, and the stack that the first says they are; raises as `read_header`."""
    with _opened(data) as file:
        first, count = file.pages.first, len(_directories(data))
        return count, read_stack(first.description, count, first.samplesperpixel) if first.description else None


def read_pixels(data: bytes, header: Header) -> Raw:
    """Return the pixels, alpha composited over white."""
    with _opened(data) as file:
        channels = [_brightest(planes, header) for planes in _layout(file, data, header.where).pages]
        return np.ascontiguousarray(channels[0] if len(channels) == 1 else np.dstack(channels))


def _brightest(planes: list[TiffPage], header: Header) -> Raw:
    """Return the maximum of the planes, read one after the other."""
    brightest = _page_pixels(planes[0], header)
    for plane in planes[1:]:
        brightest = np.maximum(brightest, _page_pixels(plane, header))
    return brightest


def _page_pixels(page: TiffPage, header: Header) -> Raw:
    pixels = page.asarray(maxworkers=1)
    if page.axes == "SYX":
        pixels = np.moveaxis(pixels, 0, -1)
    if pixels.shape[:2] != (header.height, header.width):
        raise Fault("image_damaged")
    return to_raw(page, pixels[..., None] if pixels.ndim == 2 else pixels)


@contextmanager
def _opened(data: bytes | mmap.mmap) -> Iterator[TiffFile]:
    from tifffile import TiffFile

    # What it finds wrong reaches the user as a reason; its own log lines would only clutter the terminal.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
    if len(data) >= _HEAD_BYTES:  # tifffile says what is wrong with less
        order, _, offset_format, big = _numbers(data)
        _check_counts(data, *struct.unpack_from(order + offset_format, data, 8 if big else 4))
    with TiffFile(io.BytesIO(data) if isinstance(data, bytes) else data, _multifile=False) as file:
        yield file


def _layout(file: TiffFile, data: bytes, where: Where) -> _Layout:
    offsets = _directories(data)
    first = file.pages.first
    # A single page that says nothing of itself, as most are, is done with here.
    stack = read_stack(first.description, len(offsets), first.samplesperpixel) if first.description else None
    if where.page is not None or stack is None:
        if where.z is not None or where.t is not None or not 0 <= (where.page or 0) < len(offsets):
            raise Fault("image_no_part")
        page = first if not where.page else _page(file, data, offsets, where.page)
        return _Layout([[page]], stack if len(offsets) == 1 else _scale(stack), len(offsets), 1)
    chosen = _choose(stack, where)
    if sum(map(len, chosen)) > _MAX_MERGED:
        raise Fault("image_too_heavy")
    pages = [[_page(file, data, offsets, number) for number in planes] for planes in chosen]
    depth = len({z for z, _, _ in stack.directories})
    return _Layout(pages, stack, len(offsets), depth)


def _scale(stack: Stack | None) -> Stack | None:
    """Return what holds for a single page of a stack as well."""
    return None if stack is None else Stack({}, stack.pixel_size_um, (), stack.taken_at, stack.unit_um)


def _choose(stack: Stack, where: Where) -> list[list[int]]:
    """Return, for each channel, the numbers of the directories to take."""
    time = min(t for _, _, t in stack.directories) if where.t is None else where.t
    channels: dict[int, list[int]] = {}
    for (z, c, t), number in sorted(stack.directories.items()):
        if t == time and where.z in (None, z):
            channels.setdefault(c, []).append(number)
    if not channels:
        raise Fault("image_no_part")
    return [channels[c] for c in sorted(channels)]


def _page(file: TiffFile, data: bytes, offsets: list[int], number: int) -> TiffPage:
    from tifffile import TiffPage

    if number == 0:
        return file.pages.first
    _check_counts(data, offsets[number])
    file.filehandle.seek(offsets[number])
    return TiffPage(file, index=number)


def _directories(data: bytes | mmap.mmap) -> list[int]:
    """Return where the directories are, following the chain that each continues; it may not run in a circle."""
    order, count_format, offset_format, big = _numbers(data)
    entry = 20 if big else 12
    found: dict[int, None] = {}
    (offset,) = struct.unpack_from(order + offset_format, data, 8 if big else 4)
    while offset:
        if offset in found or len(found) >= _MAX_PAGES:
            raise Fault("image_damaged")
        try:
            (count,) = struct.unpack_from(order + count_format, data, offset)
            following = offset + struct.calcsize(order + count_format) + entry * count
            found[offset] = None
            (offset,) = struct.unpack_from(order + offset_format, data, following)
        except struct.error:
            raise Fault("image_truncated") from None
    return list(found)


def _numbers(data: bytes | mmap.mmap) -> tuple[str, str, str, bool]:
    """Return the order of the bytes, the formats of a count and of an offset, and whether it is a BigTIFF."""
    order, big = "<" if data[:2] == b"II" else ">", data[2:4] in (b"+\0", b"\0+")
    return (order, "Q", "Q", True) if big else (order, "H", "I", False)


def _check_counts(data: bytes | mmap.mmap, offset: int) -> None:
    """Make sure that a directory lists no more strips or tiles than images have: tifffile takes each of them apart."""
    order, count_format, offset_format, _ = _numbers(data)
    try:
        (count,) = struct.unpack_from(order + count_format, data, offset)
    except struct.error:
        raise Fault("image_truncated") from None
    if count > _MAX_TAGS:
        raise Fault("image_damaged")
    entry = struct.Struct(f"{order}HH{offset_format}{struct.calcsize(offset_format)}x")
    first = offset + struct.calcsize(order + count_format)
    entries = data[first : first + entry.size * count]
    for tag, _, number in entry.iter_unpack(entries[: len(entries) // entry.size * entry.size]):
        if tag in _LISTS and number > _MAX_PARTS:
            raise Fault("image_damaged")


def _check(page: TiffPage, data: bytes) -> None:
    if int(page.compression) not in _COMPRESSIONS:
        raise Fault("image_unsupported")
    if int(page.photometric) == YCBCR and int(page.compression) != _JPEG:
        raise Fault("image_unsupported")
    check_colours(page)
    _check_complete(page, len(data))
    if int(page.compression) == _JPEG:
        _check_jpegs(page, data)


def _check_complete(page: TiffPage, size: int) -> None:
    offsets, counts = page.dataoffsets, page.databytecounts
    # Strips and tiles that are not there would come as black.
    if not offsets or len(offsets) != len(counts) or len(offsets) < math.prod(page.chunked):
        raise Fault("image_damaged")
    if any(offset + count > size for offset, count in zip(offsets, counts, strict=True)):
        raise Fault("image_truncated")
    if any(offset == 0 or count == 0 for offset, count in zip(offsets, counts, strict=True)):
        raise Fault("image_damaged")
    if int(page.compression) == _PLAIN and sum(counts) * 8 < page.size * page.bitspersample:
        raise Fault("image_truncated")


def _check_jpegs(page: TiffPage, data: bytes) -> None:
    """Make sure that no strip or tile is larger than it should be: libjpeg would ask for the memory."""
    width, height = (page.tilewidth, page.tilelength) if page.is_tiled else (page.imagewidth, page.imagelength)
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        header = jpeg.read_header(data[offset : offset + count])
        if header.width > width + 64 or header.height > height + 64:  # some writers fill up to whole blocks
            raise Fault("image_damaged")


def _orientation(page: TiffPage) -> int:
    value = page.tags.valueof(274, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _pixel_size(page: TiffPage, stack: Stack | None) -> tuple[float, float] | None:
    """Return the size of a pixel where it was measured: inches are for printers, and mean nothing."""
    if stack is not None and stack.pixel_size_um is not None:
        return stack.pixel_size_um
    unit = stack.unit_um if stack is not None else None
    if unit is None and page.tags.valueof(296) == _CENTIMETRE:
        unit = 10_000.0
    if unit is None:
        return None
    sizes = []
    for tag in (282, 283):
        value = page.tags.valueof(tag)
        if not isinstance(value, tuple) or len(value) != 2 or not all(isinstance(v, int) and v > 0 for v in value):
            return None
        sizes.append(unit * value[1] / value[0])
    return (sizes[0], sizes[1]) if all(1e-6 < size < 1e9 for size in sizes) else None


def _taken_at(page: TiffPage, stack: Stack | None) -> str | None:
    if stack is not None and stack.taken_at is not None:
        return stack.taken_at
    value = page.tags.valueof(306)
    return iso_time(value) if isinstance(value, str) else None
