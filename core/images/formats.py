"""What is known of an image before its pixels: its format, its header, and the limits it must keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Raw = NDArray[np.unsignedinteger[Any]]
"""Decoded pixels: (H, W) grey or (H, W, 3) RGB, 8 or 16 bits."""

MAX_PIXELS: Final = 2**28
"""16,384 × 16,384: a header that claims more pixels is refused before memory is asked for."""

HOLLOW_PIXELS, HOLLOW_RATIO = 2**24, 10_000
"""Above so many pixels an image must have a byte for each 10,000: no picture compresses further, only bombs do."""

PEEK_BYTES: Final = 32
IMAGE_SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".gif", ".tif", ".tiff"}
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a format's header says.

    Attributes
    ----------
    width, height
        As stored, in pixels, before the orientation is applied.
    channels
        1 or 3: what decoding gives.
    bit_depth
        8 or 16: what decoding gives.
    orientation
        EXIF's 1…8.
    complete
        Whether the file's structure proves that nothing is cut off; otherwise only decoding it tells.
    """

    format: str
    width: int
    height: int
    channels: int
    bit_depth: int
    orientation: int = 1
    complete: bool = False


class Fault(Exception):
    """Why an image cannot be decoded, as a code of `core.error_texts`; `core.images.decode` adds whose it is."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sniff(head: bytes) -> str | None:
    """Return the format that the first bytes of a file announce, or None where it is none that Coverslip reads."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"BM"):
        return "bmp"
    return None
