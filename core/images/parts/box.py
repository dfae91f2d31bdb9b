"""A rectangle of an image: what a box of an annotation shows."""

from __future__ import annotations

from typing import Final

from core.images.formats import Fault, Raw
from core.images.parts.whole import Whole

_KEPT_BYTES: Final = 2**26
"""Larger images are decoded again for each box, so that a few kept ones do not fill the memory."""


def box(whole: Whole, value: str) -> Raw:
    """Return the pixels (x, y, width, height) of the upright image, clipped to it; raises `Fault`."""
    image = whole.opened.get(whole.key("pixels"), whole.raw, keep=lambda raw: raw.nbytes <= _KEPT_BYTES)
    left, top, width, height = (int(number) for number in value.split(","))
    cut = image[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)]
    if not cut.size:
        raise Fault("image_box_outside")
    copy: Raw = cut.copy()
    return copy
