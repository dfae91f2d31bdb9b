"""GIF: its blocks walked here, to count the frames without decoding them; pixels by Pillow's own class."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin

from core.images.formats import MAX_BYTES, WHOLE, Fault, Header, Where
from core.images.pixels import from_pil

_IMAGE, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_MAX_BLOCKS: Final = 2**18


def read_header(data: bytes, where: Where = WHOLE) -> Header:
    """Read the header of a GIF file; raises `Fault`."""
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    frames = max(1, _frames(data))
    page = where.page or 0
    if where.z is not None or where.t is not None or not 0 <= page < frames:
        raise Fault("image_no_part")
    # A frame is painted over those before it: all of them are decoded.
    if page and (page + 1) * width * height > MAX_BYTES:
        raise Fault("image_too_heavy")
    complete = page == 0 and data.rstrip(b"\0").endswith(b";")
    left = frames - 1 if where == WHOLE else 0
    return Header("gif", width, height, 3, 8, complete=complete, pages=frames, pages_left=left, where=where)


def read_pixels(data: bytes, header: Header) -> NDArray[np.uint8]:
    """Return the first frame, or the one asked for, (H, W, 3)."""
    image = GifImagePlugin.GifImageFile(io.BytesIO(data))
    if header.where.page:
        image.seek(header.where.page)
    if image.size != (header.width, header.height):
        raise Fault("image_damaged")
    return from_pil(image, header.channels)


def _frames(data: bytes) -> int:
    """Return how many whole or cut frames there are; what comes after nonsense is not counted."""
    frames, position = 0, 13 + _table_bytes(data[10:11])
    for _ in range(_MAX_BLOCKS):
        kind = data[position] if position < len(data) else _END
        if kind == _IMAGE:
            frames += 1
            position += 11 + _table_bytes(data[position + 9 : position + 10])
        elif kind == _EXTENSION:
            position += 2
        else:
            return frames
        while position < len(data) and data[position]:
            position += 1 + data[position]
        position += 1
    raise Fault("image_damaged")


def _table_bytes(flags: bytes) -> int:
    """Return the size of the colour table that a flags byte announces."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0
