"""JPEG 2000: boxes and the codestream's size read here, pixels by OpenJPEG through imagecodecs, which tells of a cut.

Also what is inside a DICOM frame is such a codestream.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.images.formats import MAX_BYTES, MAX_PIXELS, Fault, Header, Raw
from core.images.pixels import finite_float, over_white

_SIGNATURE: Final = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODESTREAM: Final = b"\xff\x4f\xff\x51"
_MAX_CHANNELS, _MAX_TILES, _MAX_BOXES = 256, 2**12, 2**10
_SIZES: Final = struct.Struct(">HHIIIIIIIIH")


@dataclass(frozen=True, slots=True)
class Codestream:
    """What the SIZ segment says: `depth` in bits, the greatest of all channels."""

    width: int
    height: int
    channels: int
    depth: int
    signed: bool


def read_header(data: bytes) -> Header:
    """Read the header of a JPEG 2000 file or codestream; raises `Fault`."""
    said = read_codestream(data, _find_codestream(data))
    # OpenJPEG works on four bytes a sample.
    if 4 * said.width * said.height * said.channels > max(MAX_BYTES // 2, 64 * len(data)):
        raise Fault("image_too_heavy" if said.width * said.height <= MAX_PIXELS else "image_too_large")
    palette, alpha = _palette_and_alpha(data)
    channels = 3 if palette else said.channels - (1 if alpha else 0)
    depth = 32 if said.signed or said.depth > 16 else 8 if said.depth <= 8 else 12 if said.depth <= 12 else 16
    return Header("jpeg2000", said.width, said.height, channels, depth)


def read_pixels(data: bytes, header: Header) -> Raw:
    """Return the pixels, alpha composited over white."""
    pixels = decode_codestream(data)
    if pixels.shape[:2] != (header.height, header.width):
        raise Fault("image_damaged")
    found = 1 if pixels.ndim == 2 else pixels.shape[2]
    if found == header.channels:
        return pixels
    if found != header.channels + 1 or pixels.dtype.kind != "u":
        raise Fault("image_unsupported")
    return over_white(pixels[..., 0] if found == 2 else pixels[..., :-1], pixels[..., -1])


def decode_codestream(data: bytes) -> Raw:
    """Return (H, W) or (H, W, C): uint8, uint16, or float32 where the numbers are signed or longer."""
    from imagecodecs import jpeg2k_decode

    pixels = jpeg2k_decode(data)
    return pixels if pixels.dtype in (np.uint8, np.uint16) else finite_float(pixels)


def read_codestream(data: bytes, start: int = 0) -> Codestream:
    """Read the SIZ segment of the codestream at `start`, refusing what would take absurdly long; raises `Fault`."""
    if data[start : start + 4] != _CODESTREAM:
        raise Fault("image_damaged")
    try:
        _, _, x1, y1, x0, y0, tile_x, tile_y, tile_x0, tile_y0, channels = _SIZES.unpack_from(data, start + 4)
        components = [struct.unpack_from("BBB", data, start + 4 + _SIZES.size + 3 * at) for at in range(channels)]
    except struct.error:
        raise Fault("image_truncated") from None
    if not 0 < channels <= _MAX_CHANNELS or x1 <= x0 or y1 <= y0 or not tile_x or not tile_y:
        raise Fault("image_damaged")
    if tile_x0 > x0 or tile_y0 > y0 or -(-(x1 - tile_x0) // tile_x) * -(-(y1 - tile_y0) // tile_y) > _MAX_TILES:
        raise Fault("image_damaged")
    if any((dx, dy) != (1, 1) for _, dx, dy in components):
        raise Fault("image_unsupported")
    depth = max((bits & 0x7F) + 1 for bits, _, _ in components)
    return Codestream(x1 - x0, y1 - y0, channels, depth, any(bits & 0x80 for bits, _, _ in components))


def _find_codestream(data: bytes) -> int:
    if data.startswith(_CODESTREAM):
        return 0
    return next((start for name, start, _ in _boxes(data, 0, len(data)) if name == b"jp2c"), len(data))


def _palette_and_alpha(data: bytes) -> tuple[bool, bool]:
    """Return whether the header box has a palette, and whether it says that the last channel is an alpha."""
    palette = alpha = False
    if not data.startswith(_SIGNATURE):
        return palette, alpha
    for name, start, end in _boxes(data, 0, len(data)):
        if name != b"jp2h":
            continue
        for inner, inner_start, inner_end in _boxes(data, start, end):
            palette = palette or inner == b"pclr"
            if inner == b"cdef":
                kinds = [data[at + 2 : at + 4] for at in range(inner_start + 2, inner_end - 5, 6)]
                alpha = bool(kinds) and kinds.count(b"\0\1") == 1 and kinds[-1] == b"\0\1"
    return palette, alpha


def _boxes(data: bytes, start: int, end: int) -> list[tuple[bytes, int, int]]:
    """Return name, start and end of what is in each box; a box that is cut off ends with the data."""
    found: list[tuple[bytes, int, int]] = []
    while start + 8 <= end and len(found) < _MAX_BOXES:
        size, head = int.from_bytes(data[start : start + 4], "big"), 8
        name = data[start + 4 : start + 8]
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        stop = end if size == 0 else start + size
        if stop < start + head:
            raise Fault("image_damaged")
        found.append((name, start + head, min(stop, end)))
        start = stop
    return found
