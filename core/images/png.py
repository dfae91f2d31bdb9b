"""PNG: chunks read and checked here, pixels by libpng through imagecodecs: Pillow would make 8 bits of 16.

Only the chunks that make the pixels are handed on: comments and profiles may be hostile or just damaged.
"""

from __future__ import annotations

import ctypes
import io
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import PngImagePlugin

from core.images.exif import orientation_of, taken_at
from core.images.formats import Fault, Header, Raw
from core.images.pixels import from_pil, over_white

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_GREY, _PALETTE, _GREY_ALPHA = 0, 3, 4
_FEW_CHUNKS, _LEAST_CHUNK_BYTES = 2**12, 2**9
"""So many chunks may a file have, and more where they are of half a kilobyte on average; others take minutes."""
_DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""The bit depths that each colour type may have."""


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
        taken_at=taken_at(chunks.exif) if chunks.exif else None,
    )


def read_pixels(data: bytes, header: Header) -> Raw:
    """Return the pixels, (H, W) or (H, W, 3), 8 or 16 bits, alpha composited over white."""
    chunks = _chunks(data)
    clean = b"".join([_SIGNATURE, *chunks.kept])
    if header.bit_depth == 8 and chunks.header[12]:
        # Interlaced: imagecodecs reads it as well, but libpng then warns on the terminal.
        return from_pil(PngImagePlugin.PngImageFile(io.BytesIO(clean)), header.channels)
    pixels = _decode(clean)
    if pixels.shape[:2] != (header.height, header.width):
        raise Fault("image_damaged")
    if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
        colours = pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]
        return over_white(colours, pixels[..., -1])
    return pixels


def _decode(clean: bytes) -> Raw:
    from imagecodecs import PngError, png_decode

    try:
        pixels: Raw = png_decode(clean)
    except PngError:
        # Where libpng fails, imagecodecs 2026.3 gives away a reference to None that is not its own: before Python
        # 3.12, some thousand damaged files would end the process. One too many does no harm.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
        raise
    return pixels


def _chunks(data: bytes) -> _Chunks:
    kept: list[bytes] = []
    header, exif, position, seen = b"", b"", len(_SIGNATURE), set()
    left = _FEW_CHUNKS + len(data) // _LEAST_CHUNK_BYTES
    while b"IEND" not in seen:
        left -= 1
        if left < 0:
            raise Fault("image_damaged")
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
    if kept[0][4:8] != b"IHDR" or b"IDAT" not in seen or not _is_sound(header):
        raise Fault("image_damaged")
    if header[9] == _PALETTE and b"PLTE" not in seen:
        raise Fault("image_damaged")
    return _Chunks(kept, header, exif)


def _is_sound(header: bytes) -> bool:
    """Whether the header means something: libpng would warn on the terminal."""
    if len(header) != 13:
        return False
    bits, colour, compression, filters, interlacing = header[8:]
    return bits in _DEPTHS.get(colour, ()) and compression == 0 and filters == 0 and interlacing <= 1
