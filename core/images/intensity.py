"""Intensity windows: how measurements of 16 bits or floats become the 8-bit RGB that is shown and classified.

One window per data set, never per image: brightness between images is information.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.images.formats import Raw

_LEVELS: Final = 2**16
_TAIL: Final = 0.001
_MAX_LOOKED_AT: Final = 2**16
"""The most pixels of one image of floats that an estimate looks at, evenly spread."""


@dataclass(frozen=True, slots=True)
class Window:
    """The intensities that become 0 (`low`) and 255 (`high`), with low < high, both finite.

    Of unsigned 16-bit images they lie within 0…65535; floats have any range, below zero as well.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise UserError("window_invalid", low=self.low, high=self.high)


FULL_WINDOW: Final = Window(0, _LEVELS - 1)


def to_rgb8(raw: Raw, window: Window | None = None) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8.

    Parameters
    ----------
    raw
        (H, W), (H, W, 3) or (H, W, C), as `core.images.decode.decode` gives it. Grey is repeated in the three
        channels; of two channels the first becomes red and the second green; of more than three, the first three
        become red, green and blue.
    window
        For pixels of more than 8 bits, which alone stay what they are; None means the full range 0…65535, and for
        floats, which have none, the middle 99.8 % of this image.
    """
    levels = to_levels(raw if raw.ndim == 2 else raw[..., :3], window)
    if levels.ndim == 2 or levels.shape[2] == 1:
        levels = np.repeat(levels.reshape(*levels.shape[:2], 1), 3, axis=2)
    elif levels.shape[2] == 2:
        levels = np.dstack([levels, np.zeros(levels.shape[:2], np.uint8)])
    return np.ascontiguousarray(levels, dtype=np.uint8)


def to_levels(raw: Raw, window: Window | None = None) -> NDArray[np.uint8]:
    """Return pixels of any shape as uint8 through a window; as `to_rgb8`, whose channels it leaves alone."""
    if raw.dtype == np.uint8:
        return raw
    if raw.dtype == np.uint16:
        return _table(window or FULL_WINDOW)[raw]
    window = window or estimate_window([raw]) or FULL_WINDOW
    # In 64 bits: the span of two 32-bit floats may be none.
    scaled = (raw.astype(np.float64) - window.low) * (255 / (float(window.high) - window.low)) + 0.5
    levels: NDArray[np.uint8] = np.nan_to_num(np.clip(scaled, 0, 255), nan=0.0).astype(np.uint8)
    return levels


def estimate_window(raws: Iterable[Raw]) -> Window | None:
    """Return the window that holds the middle 99.8 % of the intensities of a data set's images.

    Every image counts the same, whatever its size, and so do all channels. Images of 8 bits need none; None where
    there are no others. Whole numbers give whole numbers.
    """
    total, parts = np.zeros(_LEVELS), []
    for raw in raws:
        if raw.dtype == np.uint16 and raw.size:
            total += np.bincount(raw.ravel(), minlength=_LEVELS) / raw.size
        elif raw.dtype.kind == "f" and raw.size:
            parts.append(_looked_at(raw))
    if any(part.size for part in parts):
        return _from_floats([part for part in parts if part.size], total)
    return _from_counts(total) if total.any() else None


def _looked_at(raw: Raw) -> NDArray[Any]:
    """Return some finite intensities of an image, evenly spread."""
    flat = raw.ravel()[:: max(1, raw.size // _MAX_LOOKED_AT)]
    return flat[np.isfinite(flat)]


def _from_counts(total: NDArray[np.float64]) -> Window:
    cumulative = np.cumsum(total) / total.sum()
    low = int(np.searchsorted(cumulative, _TAIL, side="right"))
    high = int(np.searchsorted(cumulative, 1 - _TAIL, side="left"))
    if low >= high:
        low = min(low, _LEVELS - 2)
        high = low + 1
    return Window(low, high)


def _from_floats(parts: list[NDArray[Any]], counts: NDArray[np.float64]) -> Window:
    """Estimate from the intensities of images of floats, and perhaps the counts of others among them."""
    levels = np.flatnonzero(counts)
    values = np.concatenate([*parts, levels]).astype(np.float64)
    weights = np.concatenate([*(np.full(part.size, 1 / part.size) for part in parts), counts[levels]])
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order]) / weights.sum()
    places = np.searchsorted(cumulative, _TAIL, side="right"), np.searchsorted(cumulative, 1 - _TAIL, side="left")
    low, high = (float(values[order[min(int(place), order.size - 1)]]) for place in places)
    if low >= high:
        high = low + max(1.0, abs(low) * 1e-3)
    return Window(low, high)


@lru_cache(maxsize=8)
def _table(window: Window) -> NDArray[np.uint8]:
    """Return the (65536,) table of a window."""
    span = window.high - window.low
    # Rounded in whole numbers, where they are: the same on every machine.
    levels = (2 * 255 * (np.arange(_LEVELS) - window.low) + span) // (2 * span)
    table: NDArray[np.uint8] = np.clip(levels, 0, 255).astype(np.uint8)
    table.flags.writeable = False
    return table
