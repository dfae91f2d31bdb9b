"""How steep the outlines of the objects are, under the camera's noise and however little of the image they fill.

Differences of neighbouring pixels measure noise where objects are soft and few, as in fluorescence. So the noise is
smoothed away first, and every place counts by the square of how much the levels differ around it: flat ground hardly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.float32]
_SMOOTHED: Final = 1.5
_AROUND_PX: Final = 12
_MARKED: Final = 0.3
_LEAST_PX: Final = 8


def measure_contours(windows: Sequence[Luma]) -> dict[str, float]:
    """Return the columns about contours of luma windows (h, w), which count by their size; NaN where all is flat."""
    seen = [_fields(window) for window in windows if min(window.shape) >= _LEAST_PX]
    if not seen:
        return {"contour_slope": float("nan"), "contour_radius": float("nan")}
    weighted = sum(float(np.vdot(steepest, height)) for _, _, steepest, height in seen)
    weights = sum(float(np.vdot(height, height)) for *_, height in seen)
    levels = np.concatenate([smooth.ravel() for smooth, *_ in seen])
    slopes = np.concatenate([slope.ravel() for _, slope, *_ in seen])
    return {
        "contour_slope": weighted / weights if weights > 0 else float("nan"),
        "contour_radius": _radius(np.abs(levels - np.median(levels)), slopes),
    }


def _fields(window: Luma) -> tuple[Luma, Luma, Luma, Luma]:
    """Return the smoothed luma, its slope a pixel, and around each pixel the greatest slope and the range of luma."""
    import cv2

    smooth = cv2.GaussianBlur(np.ascontiguousarray(window), (0, 0), _SMOOTHED)
    down, across = np.gradient(smooth)
    slope: Luma = np.sqrt(down * down + across * across)
    around = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * _AROUND_PX + 1, 2 * _AROUND_PX + 1))
    height = cv2.dilate(smooth, around) - cv2.erode(smooth, around)
    found: tuple[Luma, Luma, Luma, Luma] = (smooth, slope, cv2.dilate(slope, around), height)
    return found


def _radius(heights: Luma, slopes: Luma) -> float:
    """Return what stands out of the ground by the slopes of its outlines: of discs, half their radius."""
    outlines = float(slopes.sum(where=slopes > _MARKED * slopes.max(), dtype=np.float64))
    objects = float(heights.sum(where=heights > _MARKED * heights.max(), dtype=np.float64))
    return objects / outlines if outlines > 0 else float("nan")
