"""Laying a map so that it fills a wide widget. No widget here."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

WIDTH_TO_HEIGHT: Final = 2.6
MOST_STRETCHED: Final = 2.0


def laid_wide(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return points (N, 2) turned so that the map is longest from left to right, and stretched that way.

    Neither axis of a neighbour embedding means anything, and who is whose neighbour stays: a map that fills its card
    is easier to read and to draw around. It is stretched twice at most. NaN stays NaN.
    """
    seen = np.isfinite(positions).all(axis=1)
    if np.count_nonzero(seen) < 3:
        return positions
    middle = positions[seen].mean(axis=0, dtype=np.float64)
    centred = positions.astype(np.float64) - middle
    inside = centred[seen]
    (a, b), (_, d) = inside.T @ inside
    # Between -90 and 90 degrees: what was at the left stays there.
    angle = 0.5 * math.atan2(2 * b, a - d)
    cos, sin = math.cos(angle), math.sin(angle)
    turned = centred @ np.array([[cos, -sin], [sin, cos]])
    width, height = np.ptp(turned[seen], axis=0).tolist()
    if width > 0 and height > 0:
        turned[:, 0] *= min(max(WIDTH_TO_HEIGHT * height / width, 1.0), MOST_STRETCHED)
    laid: NDArray[np.float32] = turned.astype(np.float32)
    return laid
