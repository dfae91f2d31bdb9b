"""TIFF: the first page, by tifffile and imagecodecs, which keep the 16 bits of RGB where Pillow silently loses half."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.images import jpeg
from core.images.formats import Fault, Header, Raw
from core.images.pixels import cmyk_to_rgb, over_white

if TYPE_CHECKING:
    from tifffile import TiffPage

_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_PLAIN, _JPEG = 1, 7
_COMPRESSIONS: Final = frozenset({_PLAIN, 2, 3, 4, 5, _JPEG, 8, 32773, 32946, 34925, 50000})
"""None, fax, LZW, JPEG, deflate, PackBits, LZMA, Zstandard. Others size their output by what the data claim."""

_ASSOCIATED, _UNASSOCIATED = 1, 2
_COLOURS: Final = {_MIN_IS_WHITE: 1, _MIN_IS_BLACK: 1, _RGB: 3, _PALETTE: 1, _CMYK: 4, _YCBCR: 3}


def read_header(data: bytes) -> Header:
    """Read the header of the first page; raises `Fault` or what tifffile raises."""
    with _first_page(data) as page:
        _check_supported(page)
        _check_complete(page, len(data))
        if int(page.compression) == _JPEG:
            _check_jpegs(page, data)
        photometric = int(page.photometric)
        return Header(
            format="tiff",
            width=page.imagewidth,
            height=page.imagelength,
            channels=1 if photometric in (_MIN_IS_WHITE, _MIN_IS_BLACK) else 3,
            bit_depth=16 if page.bitspersample > 8 else 8,
            orientation=_orientation(page),
            complete=int(page.compression) == _PLAIN,
        )


def read_pixels(data: bytes, header: Header) -> Raw:
    """Return the pixels, (H, W) or (H, W, 3), 8 or 16 bits, alpha composited over white."""
    with _first_page(data) as page:
        pixels = page.asarray(maxworkers=1)
        if page.axes == "SYX":
            pixels = np.moveaxis(pixels, 0, -1)
        if pixels.shape[:2] != (header.height, header.width):
            raise Fault("image_damaged")
        return np.ascontiguousarray(_colours(page, pixels[..., None] if pixels.ndim == 2 else pixels))


@contextmanager
def _first_page(data: bytes) -> Iterator[TiffPage]:
    from tifffile import TiffFile

    # What it finds wrong reaches the user as a reason; its own log lines would only clutter the terminal.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL + 1)
    with TiffFile(io.BytesIO(data), _multifile=False) as file:
        yield file.pages.first


def _check_supported(page: TiffPage) -> None:
    photometric = int(page.photometric)
    dtype = page.dtype
    plain = dtype is not None and (dtype.kind == "b" or (dtype.kind == "u" and dtype.itemsize <= 2))
    colours = _COLOURS.get(photometric, 0)
    expected = colours + len(page.extrasamples)
    if int(page.compression) not in _COMPRESSIONS:
        raise Fault("image_unsupported")
    if not plain or not colours or page.imagedepth != 1 or page.samplesperpixel != expected:
        raise Fault("image_unsupported")
    if len(page.extrasamples) > 1 or (photometric == _YCBCR and int(page.compression) != _JPEG):
        raise Fault("image_unsupported")
    if photometric == _CMYK and page.bitspersample != 8:
        raise Fault("image_unsupported")


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


def _colours(page: TiffPage, pixels: Any) -> Raw:
    """Return grey or RGB for (H, W, samples) as stored."""
    photometric, colours = int(page.photometric), _COLOURS[int(page.photometric)]
    samples: Raw = _full_range(page, pixels[..., :colours])
    if photometric == _PALETTE:
        return _from_palette(page, pixels[..., 0])
    if photometric == _CMYK:
        return cmyk_to_rgb(samples.astype(np.uint8))
    if photometric == _MIN_IS_WHITE:
        samples = np.invert(samples)
    flat: Raw = samples[..., 0] if colours == 1 else samples
    extra = [int(kind) for kind in page.extrasamples]
    if extra and extra[0] in (_ASSOCIATED, _UNASSOCIATED):
        alpha = pixels[..., colours]
        return _add_white(flat, alpha) if extra[0] == _ASSOCIATED else over_white(flat, alpha)
    return flat


def _full_range(page: TiffPage, samples: Any) -> Raw:
    """Spread 1 to 7 bits over 0…255; 9 to 16 bits stay what was measured, an intensity window spreads them."""
    if page.bitspersample >= 8:
        return np.asarray(samples)
    spread: Raw = samples.astype(np.uint8) * np.uint8(255 // (2**page.bitspersample - 1))
    return spread


def _from_palette(page: TiffPage, indexes: Any) -> Raw:
    if page.colormap is None:
        raise Fault("image_damaged")
    entries = np.asarray(page.colormap)
    if entries.max() > 255:  # as the standard says; some writers give 8 bits all the same
        entries = entries >> 8
    colours: Raw = entries.astype(np.uint8).T[indexes.astype(np.intp)]
    return colours


def _add_white(premultiplied: Raw, alpha: Raw) -> Raw:
    top = int(np.iinfo(premultiplied.dtype).max)
    rest = top - alpha.astype(np.uint32)
    mixed = premultiplied + (rest if premultiplied.ndim == 2 else rest[..., None])
    flat: Raw = np.minimum(mixed, top).astype(premultiplied.dtype)
    return flat
