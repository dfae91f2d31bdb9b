"""Which points are inside a line drawn around them.

Inside is what the line goes around at least once (the winding number is not 0), so a lasso that crosses itself loses
nothing. A million points take some milliseconds: what a coarse picture of the line settles is not computed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_CELLS: Final = 96
_FEW: Final = 50_000
_UNSETTLED: Final = 2


def points_inside(points: NDArray[np.float32], corners: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the indexes of the points (N, 2) inside the closed line through `corners` (C, 2), in ascending order.

    Points at NaN are inside of nothing, and so is everything of a line of fewer than three corners.
    """
    if len(corners) < 3 or not len(points):
        return np.zeros(0, dtype=np.int64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    x, y = points[:, 0], points[:, 1]
    # Written so that NaN answers no.
    found = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    if len(found) <= _FEW or (high <= low).any():
        return found[_winds_around(points[found].astype(np.float64), corners)]
    cells = _cells(corners, low, high)
    side = (high - low) / _CELLS
    # In single precision a point may come to the next cell, beside the line: there nothing is settled.
    column, row = (
        np.clip((values[found] - np.float32(least)) * np.float32(1 / step), 0, _CELLS - 1).astype(np.int32)
        for values, least, step in zip((x, y), low, side, strict=True)
    )
    settled = cells.ravel()[row * _CELLS + column]
    chosen = settled == 1
    unsettled = np.flatnonzero(settled == _UNSETTLED)
    chosen[unsettled] = _winds_around(points[found[unsettled]].astype(np.float64), corners)
    inside: NDArray[np.int64] = found[chosen]
    return inside


def _winds_around(points: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (n,) whether the line goes around each point (Sunday's winding number)."""
    order = np.argsort(points[:, 1])
    x, y = points[order].T
    winding = np.zeros(len(x), dtype=np.int32)
    ends = np.roll(corners, -1, axis=0)
    # Only the points at the height of a piece of the line are compared with it.
    starts = np.searchsorted(y, np.minimum(corners[:, 1], ends[:, 1]))
    stops = np.searchsorted(y, np.maximum(corners[:, 1], ends[:, 1]))
    for (ax, ay), (bx, by), start, stop in zip(corners, ends, starts.tolist(), stops.tolist(), strict=True):
        part = slice(start, stop)
        side = (bx - ax) * (y[part] - ay) - (x[part] - ax) * (by - ay)
        winding[part] += side > 0 if by > ay else -(side < 0).astype(np.int32)
    inside = np.zeros(len(points), dtype=np.bool_)
    inside[order] = winding != 0
    return inside


def _cells(corners: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return for each cell of the box of the line 0 (outside), 1 (inside), or `_UNSETTLED` where the line passes."""
    side = (high - low) / _CELLS
    middles = (np.arange(_CELLS) + 0.5)[:, None] * side + low
    grid = np.stack(np.meshgrid(middles[:, 0], middles[:, 1]), axis=-1).reshape(-1, 2)
    cells = _winds_around(grid, corners).reshape(_CELLS, _CELLS).astype(np.int8)
    starts, ends = (corners - low) / side, (np.roll(corners, -1, axis=0) - low) / side
    # Steps of half a cell at most, and the cells around each step: the line cannot pass unseen.
    steps = 2 + np.ceil(2 * np.abs(ends - starts).max(axis=1)).astype(np.int64)
    number = np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps)
    share = (number / np.repeat(steps - 1, steps))[:, None]
    along = np.repeat(starts, steps, axis=0) * (1 - share) + np.repeat(ends, steps, axis=0) * share
    column, row = along.astype(np.int64).T
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            cells[np.clip(row + dy, 0, _CELLS - 1), np.clip(column + dx, 0, _CELLS - 1)] = _UNSETTLED
    return cells
