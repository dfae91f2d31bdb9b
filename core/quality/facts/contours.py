"""How steep the outlines of the objects are, under the camera's noise and however little of the image they fill.

Differences of neighbouring pixels measure noise where objects are soft and few, as in fluorescence. So the noise is
smoothed away first, and every place counts by the square of how much the levels differ around it: flat ground hardly.

Motion takes steepness in one direction only. An outline is steep in most directions somewhere, whatever the shape: also
a rod is, at its ends. So the steepest slope along each of eight directions is compared with those along the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float32]
_SMOOTHED, _SMOOTHED_LESS = 1.5, 1.0
_DIRECTIONS: Final = tuple(step * np.pi / 8 for step in range(8))
_AROUND_PX: Final = 12
_MARKED: Final = 0.3
_LEAST_PX: Final = 8


def measure_contours(windows: Sequence[Luma]) -> dict[str, float]:
    """Return the columns about contours of luma windows (h, w), which count by their size; NaN where all is flat."""
    large = [np.ascontiguousarray(window) for window in windows if min(window.shape) >= _LEAST_PX]
    if not large:
        return dict.fromkeys(("contour_slope", "contour_radius", "contour_evenness"), float("nan"))
    smooths = [_smoothed(window, _SMOOTHED) for window in large]
    heights = [_around(smooth) + _around(-smooth) for smooth in smooths]
    slopes = [np.hypot(*np.gradient(smooth)) for smooth in smooths]
    weighted = sum(_dot(_around(slope), height) for slope, height in zip(slopes, heights, strict=True))
    weights = sum(_dot(height, height) for height in heights)
    levels = np.concatenate([smooth.ravel() for smooth in smooths])
    steepest = np.concatenate([slope.ravel() for slope in slopes])
    return {
        "contour_slope": weighted / weights if weights > 0 else float("nan"),
        "contour_radius": _radius(np.abs(levels - np.median(levels)), steepest),
        "contour_evenness": _evenness(large, heights),
    }


def _evenness(windows: Sequence[Luma], heights: Sequence[Luma]) -> float:
    """Return the steepest slopes along the direction where they are least by those where they are greatest."""
    sums = np.zeros(len(_DIRECTIONS))
    for window, height in zip(windows, heights, strict=True):
        down, across = np.gradient(_smoothed(window, _SMOOTHED_LESS))
        for index, angle in enumerate(_DIRECTIONS):
            along = np.abs(float(np.cos(angle)) * across + float(np.sin(angle)) * down)
            sums[index] += _dot(_around(along), height)
    return float(sums.min() / sums.max()) if sums.max() > 0 else float("nan")


def _smoothed(window: Luma, deviation: float) -> Luma:
    import cv2

    found: Luma = cv2.GaussianBlur(window, (0, 0), deviation)
    return found


def _around(values: Luma) -> Luma:
    """Return the greatest value around each place."""
    import cv2

    found: Luma = cv2.dilate(values, np.ones((2 * _AROUND_PX + 1, 2 * _AROUND_PX + 1), np.uint8))
    return found


def _dot(first: Luma, second: Luma) -> float:
    return float(np.vdot(first, second))


def _radius(heights: Luma, slopes: Luma) -> float:
    """Return what stands out of the ground by the slopes of its outlines: of discs, half their radius."""
    outlines = float(slopes.sum(where=slopes > _MARKED * slopes.max(), dtype=np.float64))
    objects = float(heights.sum(where=heights > _MARKED * heights.max(), dtype=np.float64))
    return objects / outlines if outlines > 0 else float("nan")
