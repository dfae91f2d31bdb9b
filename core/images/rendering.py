"""Measured intensities to the colours on the screen: a window and a colour table for each channel, mixed by adding.

For display only. What is trained, predicted and exported goes through `core.images.intensity` and `Preprocess`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.luts import GREY, MIXED, lut

Intensities = NDArray[Any]
"""(H, W) or (H, W, C), uint8, uint16 or float32."""


@dataclass(frozen=True, slots=True)
class ChannelDisplay:
    """How one channel is shown: `low` is black, `high` is full, in the file's own units; `lut` as in `luts.lut`."""

    low: float
    high: float
    lut: str = GREY
    visible: bool = True


Display = tuple[ChannelDisplay, ...]
"""One for each channel."""

RGB_LUTS: Final = ("red", "green", "blue")


def default_luts(channels: int, *, colour: bool) -> tuple[str, ...]:
    """Return the tables that an image of `channels` channels is first shown with; `colour`: three that are RGB."""
    if channels == 1:
        return (GREY,)
    if channels == 3 and colour:
        return RGB_LUTS
    return tuple(MIXED[index % len(MIXED)] for index in range(channels))


def render(raw: Intensities, display: Display) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8.

    Parameters
    ----------
    raw
        (H, W) or (H, W, C).
    display
        One entry a channel; channels beyond it are not shown. Values that are no numbers are black.
    """
    layers = raw[..., None] if raw.ndim == 2 else raw
    if _is_plain(layers, display):
        return np.ascontiguousarray(layers)
    shown = [(index, one) for index, one in enumerate(display[: layers.shape[2]]) if one.visible]
    if len(shown) == 1:
        index, one = shown[0]
        single: NDArray[np.uint8] = lut(one.lut)[_eight_bits(layers[..., index], one.low, one.high)]
        return single
    total = np.zeros((*layers.shape[:2], 3), np.uint16)
    for index, one in shown:
        _add(total, _eight_bits(layers[..., index], one.low, one.high), one.lut)
    return np.minimum(total, 255, out=total).astype(np.uint8)


def _is_plain(layers: Intensities, display: Display) -> bool:
    """Whether these are RGB pixels to be shown as they are."""
    return (
        layers.dtype == np.uint8
        and layers.shape[2] == 3
        and all(
            one.visible and (one.low, one.high, one.lut) == (0, 255, name)
            for one, name in zip(display, RGB_LUTS, strict=False)
        )
        and len(display) == 3
    )


def _add(total: NDArray[np.uint16], levels: NDArray[np.uint8], name: str) -> None:
    table = lut(name)
    for component in range(3):
        ramp = table[:, component]
        if ramp.any():
            total[..., component] += ramp[levels]


def _eight_bits(channel: Intensities, low: float, high: float) -> NDArray[np.uint8]:
    """Return 0 (at `low` and below) to 255 (at `high` and above)."""
    if channel.dtype == np.uint8:
        return _table(256, low, high)[channel]
    if channel.dtype == np.uint16:
        return _table(2**16, low, high)[channel]
    scaled = (channel.astype(np.float32) - np.float32(low)) * np.float32(255 / _span(low, high)) + np.float32(0.5)
    levels: NDArray[np.uint8] = np.clip(np.nan_to_num(scaled, nan=0.0), 0, 255).astype(np.uint8)
    return levels


@lru_cache(maxsize=64)
def _table(size: int, low: float, high: float) -> NDArray[np.uint8]:
    levels = np.floor((np.arange(size) - low) * 255 / _span(low, high) + 0.5)
    table: NDArray[np.uint8] = np.clip(levels, 0, 255).astype(np.uint8)
    table.flags.writeable = False
    return table


def _span(low: float, high: float) -> float:
    """Return the width of a window, never nothing: an empty one is a threshold."""
    return high - low if high > low else 1e-6
