"""What EXIF data say of an image, read without trusting them: orientation and time; and applying the orientation."""

from __future__ import annotations

import re
import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.formats import Raw

_ORIENTATION_TAG: Final = 0x0112
_TIME_TAG, _ORIGINAL_TIME_TAG, _EXIF_DIRECTORY_TAG = 0x0132, 0x9003, 0x8769
_ASCII, _SHORT, _LONG = 2, 3, 4
_MAX_ENTRIES: Final = 512
_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d)[ T](\d\d:\d\d:\d\d)")


def orientation_of(exif: bytes) -> int:
    """Return the orientation (1…8) that EXIF data give; 1 where they give none or are damaged.

    Parameters
    ----------
    exif
        A TIFF structure, with or without ``Exif\\0\\0`` before it.
    """
    data = exif.removeprefix(b"Exif\0\0")
    kind, _, value = entries(data, None).get(_ORIENTATION_TAG, (0, 0, 1))
    order = "<" if data[:2] == b"II" else ">"
    (short,) = struct.unpack_from(order + "H", struct.pack(order + "I", value))
    return short if kind == _SHORT and 1 <= short <= 8 else 1


def taken_at(exif: bytes) -> str | None:
    """Return when the picture was taken, as ``YYYY-MM-DDTHH:MM:SS`` in local time; None where EXIF data do not say."""
    data = exif.removeprefix(b"Exif\0\0")
    first = entries(data, None)
    kind, _, start = first.get(_EXIF_DIRECTORY_TAG, (0, 0, 0))
    deeper = entries(data, start) if kind == _LONG else {}
    return _time(data, deeper.get(_ORIGINAL_TIME_TAG)) or _time(data, first.get(_TIME_TAG))


def iso_time(text: str) -> str | None:
    """Return the ``YYYY:MM:DD HH:MM:SS`` of EXIF and TIFF as ISO 8601; None for anything else."""
    match = _TIME.match(text)
    if match is None or match[1] == "0000":
        return None
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}"


def is_turned(orientation: int) -> bool:
    """Whether an orientation exchanges width and height."""
    return orientation >= 5


def apply_orientation(pixels: Raw, orientation: int) -> Raw:
    """Return `pixels` the right way up."""
    return np.ascontiguousarray(orientation_view(pixels, orientation))


def orientation_view(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return a view of (H, W) or (H, W, C) pixels the right way up; nothing is copied."""
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
    return turned


def entries(data: bytes, start: int | None) -> dict[int, tuple[int, int, int]]:
    """Return kind, count and value by tag of the directory at `start`; what is damaged is left out.

    Parameters
    ----------
    data
        A TIFF structure.
    start
        None for the first directory.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    found: dict[int, tuple[int, int, int]] = {}
    if order is None:
        return found
    try:
        if start is None:
            (start,) = struct.unpack_from(order + "4xI", data)
        (count,) = struct.unpack_from(order + "H", data, start)
        for index in range(min(count, _MAX_ENTRIES)):
            tag, kind, length, value = struct.unpack_from(order + "HHII", data, start + 2 + 12 * index)
            found.setdefault(tag, (kind, length, value))
    except struct.error:
        pass
    return found


def _time(data: bytes, entry: tuple[int, int, int] | None) -> str | None:
    if entry is None or entry[0] != _ASCII:
        return None
    return iso_time(data[entry[2] : entry[2] + 19].decode("ascii", "replace"))
