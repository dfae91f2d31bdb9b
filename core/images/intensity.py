"""Intensity windows: how 16-bit measurements become the 8-bit RGB that is shown and classified.

One window per data set, never per image: brightness between images is information.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.images.formats import Raw

_LEVELS: Final = 2**16
_TAIL: Final = 0.001


@dataclass(frozen=True, slots=True)
class Window:
    """The 16-bit intensities that become 0 (`low`) and 255 (`high`), with 0 <= low < high <= 65535."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low < self.high < _LEVELS:
            raise UserError("window_invalid", low=self.low, high=self.high)


FULL_WINDOW: Final = Window(0, _LEVELS - 1)


def to_rgb8(raw: Raw, window: Window | None = None) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8.

    Parameters
    ----------
    raw
        (H, W) or (H, W, 3), as `core.images.decode.decode` gives it. 8-bit pixels stay what they are; grey is
        repeated in the three channels.
    window
        For 16-bit pixels; None means the full range 0…65535.
    """
    levels = raw if raw.dtype == np.uint8 else _table(window or FULL_WINDOW)[raw]
    if levels.ndim == 2:
        levels = np.repeat(levels[..., None], 3, axis=2)
    return np.ascontiguousarray(levels, dtype=np.uint8)


def estimate_window(raws: Iterable[Raw]) -> Window | None:
    """Return the window that holds the middle 99.8 % of the intensities of a data set's 16-bit images.

    Every image counts the same, whatever its size. None where none of them has 16 bits.
    """
    total = np.zeros(_LEVELS)
    for raw in raws:
        if raw.dtype == np.uint16 and raw.size:
            total += np.bincount(raw.ravel(), minlength=_LEVELS) / raw.size
    if not total.any():
        return None
    cumulative = np.cumsum(total) / total.sum()
    low = int(np.searchsorted(cumulative, _TAIL, side="right"))
    high = int(np.searchsorted(cumulative, 1 - _TAIL, side="left"))
    if low >= high:
        low = min(low, _LEVELS - 2)
        high = low + 1
    return Window(low, high)


@lru_cache(maxsize=8)
def _table(window: Window) -> NDArray[np.uint8]:
    """Return the (65536,) table of a window."""
    span = window.high - window.low
    # Rounded in whole numbers: the same on every machine.
    levels = (2 * 255 * (np.arange(_LEVELS) - window.low) + span) // (2 * span)
    table: NDArray[np.uint8] = np.clip(levels, 0, 255).astype(np.uint8)
    table.flags.writeable = False
    return table
