"""A page of a file of several images, or a plane of a stack."""

from __future__ import annotations

from pathlib import Path

from core.images.decode import decode_page, decode_plane
from core.images.formats import Raw
from core.images.parts.whole import Whole


def page(whole: Whole, value: str) -> Raw:
    """Return the pixels of a page; raises `UnreadableImage`."""
    return decode_page(whole.data(), Path(whole.path), value)


def plane(whole: Whole, value: str) -> Raw:
    """Return the pixels of a plane; raises `UnreadableImage`."""
    return decode_plane(whole.data(), Path(whole.path), value)
