"""What a loupe must know of an image's channels to show them: range, histogram, and a window to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.pyramid import Pixels
from core.images.rendering import ChannelDisplay, Display, default_luts

BINS: Final = 256
_TAIL: Final = 0.001


@dataclass(frozen=True, slots=True)
class ChannelStats:
    """The intensities of one channel.

    Attributes
    ----------
    low, high
        The least and the greatest value; equal where all are.
    auto_low, auto_high
        The window that leaves out one value in a thousand at either end; always ``auto_low < auto_high``.
    counts
        (256,) how many of the pixels looked at lie in each bin between `low` and `high`.
    """

    low: float
    high: float
    auto_low: float
    auto_high: float
    counts: NDArray[np.int64]


def channel_stats(sample: Pixels) -> tuple[ChannelStats, ...]:
    """Return the statistics of each channel of (h, w) or (h, w, C) pixels; values that are no numbers are left out."""
    layers = sample.reshape(-1, 1 if sample.ndim == 2 else sample.shape[2])
    return tuple(_stats(layers[:, index]) for index in range(layers.shape[1]))


def _stats(values: Pixels) -> ChannelStats:
    whole = values.dtype.kind != "f"
    if not whole:
        values = values[np.isfinite(values)]
    if not values.size:
        return ChannelStats(0.0, 1.0, 0.0, 1.0, np.zeros(BINS, np.int64))
    low, high = float(values.min()), float(values.max())
    auto_low, auto_high = (float(value) for value in np.quantile(values, (_TAIL, 1 - _TAIL)))
    if whole:
        auto_low, auto_high = np.floor(auto_low), np.ceil(auto_high)
    if auto_high <= auto_low:
        auto_high = auto_low + (1.0 if whole else max(1e-6, abs(auto_low) * 1e-6))
    counts, _ = np.histogram(values, BINS, (low, high if high > low else low + 1))
    return ChannelStats(low, high, float(auto_low), float(auto_high), counts)


def automatic_display(stats: tuple[ChannelStats, ...], dtype: np.dtype[Any], *, colour: bool) -> Display:
    """Return how an image is first shown: 8-bit ones as they are, others through automatic windows."""
    luts = default_luts(len(stats), colour=colour)
    plain = dtype == np.uint8 and (len(stats) == 1 or colour)
    return tuple(
        ChannelDisplay(0, 255, name) if plain else ChannelDisplay(one.auto_low, one.auto_high, name)
        for one, name in zip(stats, luts, strict=True)
    )
