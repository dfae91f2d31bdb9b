"""Unpacking huge JPEG, PNG and TIFF files into an array that is given, row by row or block by block.

Only what can be unpacked with little memory besides the array is done here; every other file goes the ordinary way.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.errors import UnreadableImage
from core.images import jpeg, png
from core.images.decode import readable
from core.images.exif import is_turned
from core.images.files import peek, read_file
from core.images.formats import HOLLOW_PIXELS, HOLLOW_RATIO, Fault, Header, sniff
from core.images.pyramid import Pixels

_RELAX_EVERY_S: Final = 0.05
_RELAX_BLOCKS: Final = 64
_BUFFER_BYTES: Final = 2**24
_GREY, _RGB, _YCBCR = 1, 2, 6
_JPEG = 7
_CENTIMETRE = 3
_COMPRESSIONS: Final = frozenset({1, 5, _JPEG, 8, 32773, 32946, 50000})
"""None, LZW, JPEG, deflate, PackBits, Zstandard: those whose output is no larger than what is asked for."""


@dataclass(frozen=True, slots=True)
class Unpacker:
    """How a file's pixels get into an array of `shape`, (H, W) or (H, W, 3) as stored, and of `dtype`.

    `pixel_size_um` is across a pixel of the upright image.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    orientation: int
    pixel_size_um: float | None
    into: Callable[[Pixels, Callable[[], object]], None]


def unpacker(path: Path) -> Unpacker | None:
    """Return how to unpack a file into a given array, or None where only ordinary decoding can read it.

    Never raises for a damaged file: ordinary decoding says what is wrong with it.

    Raises
    ------
    UnreadableImage
        Where the file is none, or cannot be opened.
    """
    kind = sniff(peek(path))
    try:
        with readable(path):
            if kind == "tiff":
                return _tiff(path)
            return _plain(read_file(path), kind) if kind in ("jpeg", "png") else None
    except UnreadableImage:
        return None


def _plain(data: bytes, kind: str) -> Unpacker | None:
    header = (jpeg if kind == "jpeg" else png).read_header(data)
    plain = header.complete and (kind == "jpeg" or _is_plain_png(data))
    return _simple(data, header) if plain and not _is_hollow(header, len(data)) else None


def _is_hollow(header: Header, size: int) -> bool:
    pixels = header.width * header.height
    return pixels > HOLLOW_PIXELS and pixels > HOLLOW_RATIO * size


def _is_plain_png(data: bytes) -> bool:
    """Whether it is grey or RGB of 8 bits, not interlaced: others are unfolded in memory."""
    depth, colour, interlaced = data[24], data[25], data[28]
    return depth == 8 and colour in (0, 2) and not interlaced and b"tRNS" not in data[:4096]


def _simple(data: bytes, header: Header) -> Unpacker:
    shape = (header.height, header.width, 3) if header.channels == 3 else (header.height, header.width)

    def into(pixels: Pixels, relax: Callable[[], object]) -> None:
        from imagecodecs import jpeg8_decode, png_decode

        with _relaxing(relax):
            (jpeg8_decode if header.format == "jpeg" else png_decode)(data, out=pixels)

    size = header.pixel_size_um
    across = None if size is None else size[1 if is_turned(header.orientation) else 0]
    return Unpacker(shape, np.dtype(np.uint8), header.orientation, across, into)


@contextmanager
def _relaxing(relax: Callable[[], object]) -> Iterator[None]:
    """Give memory back now and then while a decoder that tells nothing is at work."""
    ended = threading.Event()

    def serve() -> None:
        while not ended.wait(_RELAX_EVERY_S):
            relax()

    helper = threading.Thread(target=serve, name="coverslip-relax", daemon=True)
    helper.start()
    try:
        yield
    finally:
        ended.set()
        helper.join()
        relax()


def _tiff(path: Path) -> Unpacker | None:
    with _page(path) as page:
        samples = {_GREY: 1, _RGB: 3, _YCBCR: 3}.get(int(page.photometric), 0)
        plain = (
            page.axes in ("YX", "YXS")
            and page.samplesperpixel == samples
            and page.dtype is not None
            and page.dtype.kind == "u"
            and page.bitspersample in (8, 16)
            and (int(page.photometric) != _YCBCR or int(page.compression) == _JPEG)
            and int(page.compression) in _COMPRESSIONS
        )
        if not plain:
            return None
        offsets, counts, size = page.dataoffsets, page.databytecounts, path.stat().st_size
        there = len(offsets) == len(counts) >= math.prod(page.chunked) and all(offsets) and all(counts)
        pixels = page.imagewidth * page.imagelength
        hollow = pixels > HOLLOW_PIXELS and pixels > HOLLOW_RATIO * size
        if not there or hollow or any(start + count > size for start, count in zip(offsets, counts, strict=True)):
            return None
        turned = page.tags.valueof(274, 1)
        orientation = turned if isinstance(turned, int) and 1 <= turned <= 8 else 1
        dtype = page.dtype.newbyteorder("=")
        return Unpacker(tuple(page.shape), dtype, orientation, _pixel_size(page, orientation), partial(_blocks, path))


def _pixel_size(page: Any, orientation: int) -> float | None:
    """Return the size of a pixel where it was measured in centimetres: inches are for printers."""
    value = page.tags.valueof(283 if is_turned(orientation) else 282)
    if page.tags.valueof(296) != _CENTIMETRE or not isinstance(value, tuple) or len(value) != 2 or not all(value):
        return None
    return 10_000.0 * float(value[1]) / float(value[0])


def _blocks(path: Path, pixels: Pixels, relax: Callable[[], object]) -> None:
    layers = pixels[..., None] if pixels.ndim == 2 else pixels
    with _page(path) as page:
        if int(page.compression) == _JPEG:
            _check_jpegs(page)
        for number, (block, place, shape) in enumerate(page.segments(maxworkers=1, buffersize=_BUFFER_BYTES)):
            if block is None:
                raise Fault("image_damaged")
            _, _, top, left, _ = place
            height = min(shape[1], layers.shape[0] - top)
            width = min(shape[2], layers.shape[1] - left)
            layers[top : top + height, left : left + width] = block[0, :height, :width]
            if number % _RELAX_BLOCKS == 0:
                relax()
    relax()


def _check_jpegs(page: Any) -> None:
    """Make sure that no block is larger than it should be: libjpeg would ask for the memory."""
    width, height = (page.tilewidth, page.tilelength) if page.is_tiled else (page.imagewidth, page.imagelength)
    file = page.parent.filehandle
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        file.seek(offset)
        header = jpeg.read_header(file.read(count))
        if header.width > width + 64 or header.height > height + 64:
            raise Fault("image_damaged")


@contextmanager
def _page(path: Path) -> Iterator[Any]:
    from tifffile import TiffFile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
    with TiffFile(path, _multifile=False) as file:
        if file.is_ome or file.is_imagej:  # a stack, which is put together from its pages
            raise Fault("image_unsupported")
        yield file.pages.first
