"""BMP and WebP, decoded by Pillow's own classes, one for each: nothing else is ever tried."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import BmpImagePlugin, WebPImagePlugin

from core.images.exif import orientation_of, taken_at
from core.images.formats import Fault, Header
from core.images.pixels import from_pil

_MAX_CHUNKS: Final = 2**15
"""An animation has one for each frame; files of millions are there to be counted."""


def read_bmp_header(data: bytes) -> Header:
    """Read the header of a BMP file; raises `Fault` or what Pillow raises."""
    image = BmpImagePlugin.BmpImageFile(io.BytesIO(data))
    grey = image.mode in ("1", "L")
    return Header("bmp", image.width, image.height, 1 if grey else 3, 8)


def read_bmp_pixels(data: bytes, header: Header) -> NDArray[np.uint8]:
    """Return the pixels, (H, W) or (H, W, 3)."""
    return from_pil(BmpImagePlugin.BmpImageFile(io.BytesIO(data)), header.channels)


def read_webp_header(data: bytes) -> Header:
    """Read the header of a WebP file; raises `Fault`."""
    if int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise Fault("image_truncated")
    width, height = _webp_size(data[12:30])
    # A complete container does not prove that the bits inside are: only decoding does.
    exif = _riff_chunk(data, b"EXIF")
    return Header("webp", width, height, 3, 8, orientation_of(exif), taken_at=taken_at(exif))


def read_webp_pixels(data: bytes, header: Header) -> NDArray[np.uint8]:
    """Return the first frame, (H, W, 3)."""
    image = WebPImagePlugin.WebPImageFile(io.BytesIO(data))
    if image.size != (header.width, header.height):
        raise Fault("image_damaged")
    return from_pil(image, header.channels)


def _webp_size(start: bytes) -> tuple[int, int]:
    match start[:4]:
        case b"VP8X":
            return 1 + int.from_bytes(start[12:15], "little"), 1 + int.from_bytes(start[15:18], "little")
        case b"VP8L":
            bits = int.from_bytes(start[9:13], "little")
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        case b"VP8 ":
            return (
                int.from_bytes(start[14:16], "little") & 0x3FFF,
                int.from_bytes(start[16:18], "little") & 0x3FFF,
            )
    raise Fault("image_damaged")


def _riff_chunk(data: bytes, name: bytes) -> bytes:
    position = 12
    for _ in range(_MAX_CHUNKS):
        if position + 8 > len(data):
            return b""
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        if data[position : position + 4] == name:
            return data[position + 8 : position + 8 + size]
        position += 8 + size + size % 2
    raise Fault("image_damaged")
