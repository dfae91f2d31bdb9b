"""PNG: chunks read and checked here, pixels by libpng through imagecodecs: Pillow would make 8 bits of 16.

Only the chunks that make the pixels are handed on: comments and profiles may be hostile or just damaged.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

from core.images.exif import orientation_of
from core.images.formats import Fault, Header, Raw
from core.images.pixels import over_white

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_GREY, _GREY_ALPHA = 0, 4


@dataclass(frozen=True, slots=True)
class _Chunks:
    """The chunks that make the pixels, whole and in order, and the bodies of those that say how."""

    kept: list[bytes]
    header: bytes
    exif: bytes


def read_header(data: bytes) -> Header:
    """Read the chunks of a PNG file, checking that they are whole and undamaged; raises `Fault`."""
    chunks = _chunks(data)
    width, height = int.from_bytes(chunks.header[:4], "big"), int.from_bytes(chunks.header[4:8], "big")
    bits, colour = chunks.header[8], chunks.header[9]
    return Header(
        format="png",
        width=width,
        height=height,
        channels=1 if colour in (_GREY, _GREY_ALPHA) else 3,
        bit_depth=16 if bits == 16 else 8,
        orientation=orientation_of(chunks.exif),
        complete=True,
    )


def read_pixels(data: bytes, header: Header) -> Raw:
    """Return the pixels, (H, W) or (H, W, 3), 8 or 16 bits, alpha composited over white."""
    from imagecodecs import png_decode

    pixels: Raw = png_decode(b"".join([_SIGNATURE, *_chunks(data).kept]))
    if pixels.shape[:2] != (header.height, header.width):
        raise Fault("image_damaged")
    if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
        colours = pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]
        return over_white(colours, pixels[..., -1])
    return pixels


def _chunks(data: bytes) -> _Chunks:
    kept: list[bytes] = []
    header, exif, position, seen = b"", b"", len(_SIGNATURE), set()
    while b"IEND" not in seen:
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if position + 12 > len(data) or end > len(data):
            raise Fault("image_truncated")
        name, chunk = data[position + 4 : position + 8], data[position:end]
        if name in _KEPT:
            if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
                raise Fault("image_damaged")
            kept.append(chunk)
        if name == b"IHDR":
            header = chunk[8:-4]
        elif name == b"eXIf":
            exif = chunk[8:-4]
        seen.add(name)
        position = end
    if len(header) != 13 or kept[0][4:8] != b"IHDR" or b"IDAT" not in seen:
        raise Fault("image_damaged")
    return _Chunks(kept, header, exif)
