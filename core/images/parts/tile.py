"""A tile of a whole slide."""

from __future__ import annotations

from core.images import slides
from core.images.formats import Raw
from core.images.parts.whole import Whole


def tile(whole: Whole, value: str) -> Raw:
    """Return the pixels of a tile; raises `Fault`."""
    return slides.read_tile(whole.local(), value, whole.opened)
