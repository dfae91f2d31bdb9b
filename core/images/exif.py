"""The orientation in EXIF data, read without trusting it, and applied to pixels."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from core.images.formats import Raw

_ORIENTATION_TAG: Final = 0x0112
_SHORT: Final = 3


def orientation_of(exif: bytes) -> int:
    """Return the orientation (1…8) that EXIF data give; 1 where they give none or are damaged.

    Parameters
    ----------
    exif
        A TIFF structure, with or without ``Exif\\0\\0`` before it.
    """
    data = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "4xI", data)
        (count,) = struct.unpack_from(order + "H", data, start)
        for index in range(count):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", data, start + 2 + 12 * index)
            if tag == _ORIENTATION_TAG:
                return value if kind == _SHORT and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def is_turned(orientation: int) -> bool:
    """Whether an orientation exchanges width and height."""
    return orientation >= 5


def apply_orientation(pixels: Raw, orientation: int) -> Raw:
    """Return `pixels` the right way up."""
    match orientation:
        case 2:
            turned = pixels[:, ::-1]
        case 3:
            turned = pixels[::-1, ::-1]
        case 4:
            turned = pixels[::-1]
        case 5:
            turned = pixels.swapaxes(0, 1)
        case 6:
            turned = pixels.swapaxes(0, 1)[:, ::-1]
        case 7:
            turned = pixels[::-1, ::-1].swapaxes(0, 1)
        case 8:
            turned = pixels.swapaxes(0, 1)[::-1]
        case _:
            turned = pixels
    return np.ascontiguousarray(turned)
