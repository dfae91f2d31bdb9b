"""Where a map lies in the widget that shows it: scale and centre, and how both are changed. No widget here.

`scale` is in pixels of the widget per unit of the map, the same in both directions; the point `centre` of the map lies
in the middle of the widget.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

MARGIN_PX: Final = 18
MAX_ENLARGED: Final = 4_000.0
"""The most the map is enlarged over the scale at which all of it is in sight."""
_LEAST: Final = 0.4
_LEAST_CORE: Final = 20
_WORTH: Final = 1.5

Bounds = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True, slots=True)
class MapView:
    """A view of a map.

    Attributes
    ----------
    room
        Width and height of the widget, in pixels.
    bounds
        Of all points, in units of the map.
    core
        Of those among which it begins: all but the few that lie far from the others (`core_of`).
    fitted
        Whether all of the map, or of its core, is to stay in sight, whatever becomes of its bounds and of the widget.
    whole
        Whether that is all of it.
    """

    room: tuple[int, int] = (1, 1)
    bounds: Bounds = (-1.0, -1.0, 1.0, 1.0)
    scale: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)
    fitted: bool = True
    core: Bounds | None = None
    whole: bool = False

    @property
    def fit_scale(self) -> float:
        """The scale that shows all of the map, as large as it goes."""
        return self._scale_for(self.bounds)

    def fit(self) -> MapView:
        """Return the view of all of the map."""
        return replace(self, whole=True)._fit_again()

    def with_room(self, width: int, height: int) -> MapView:
        """Return the view in a widget of another size."""
        other = replace(self, room=(max(1, width), max(1, height)))
        return other._fit_again() if self.fitted else other

    def with_bounds(self, bounds: Bounds, core: Bounds | None = None) -> MapView:
        """Return the view of other points."""
        other = replace(self, bounds=bounds, core=core)
        return other._fit_again() if self.fitted else other

    def _fit_again(self) -> MapView:
        shown = self.bounds if self.whole or self.core is None else self.core
        left, top, right, bottom = shown
        centre = ((left + right) / 2, (top + bottom) / 2)
        return replace(self, scale=self._scale_for(shown), centre=centre, fitted=True)

    def _scale_for(self, bounds: Bounds) -> float:
        left, top, right, bottom = bounds
        across = max(8, self.room[0] - 2 * MARGIN_PX) / max(right - left, 1e-6)
        down = max(8, self.room[1] - 2 * MARGIN_PX) / max(bottom - top, 1e-6)
        return min(across, down, 1e6)

    def zoomed(self, factor: float, x: float | None = None, y: float | None = None) -> MapView:
        """Return the view enlarged by `factor`; what is at (x, y) of the widget, or in its middle, stays there."""
        fit = self.fit_scale
        scale = min(max(self.scale * factor, _LEAST * fit), MAX_ENLARGED * fit)
        dx = 0.0 if x is None else x - self.room[0] / 2
        dy = 0.0 if y is None else y - self.room[1] / 2
        centre = (
            self.centre[0] + dx / self.scale - dx / scale,
            self.centre[1] + dy / self.scale - dy / scale,
        )
        return replace(self, scale=scale, centre=centre, fitted=False).kept_in_sight()

    def panned(self, dx: float, dy: float) -> MapView:
        """Return the view with the map moved by (dx, dy) pixels."""
        centre = (self.centre[0] - dx / self.scale, self.centre[1] - dy / self.scale)
        return replace(self, centre=centre, fitted=False).kept_in_sight()

    def kept_in_sight(self) -> MapView:
        """Return the view with its middle among the points."""
        left, top, right, bottom = self.bounds
        x, y = self.centre
        return replace(self, centre=(min(max(x, left), right), min(max(y, top), bottom)))

    def to_screen(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where points (n, 2) of the map are in the widget."""
        middle = np.array([self.room[0] / 2, self.room[1] / 2])
        placed: NDArray[np.float64] = (points.astype(np.float64) - np.array(self.centre)) * self.scale + middle
        return placed

    def to_map(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the map at (x, y) of the widget."""
        return (
            self.centre[0] + (x - self.room[0] / 2) / self.scale,
            self.centre[1] + (y - self.room[1] / 2) / self.scale,
        )


def bounds_of(positions: NDArray[np.float32]) -> Bounds:
    """Return the bounds of points (N, 2), some of which may be NaN; a square around the origin where there are none."""
    if not len(positions) or not np.isfinite(positions).any():
        return (-1.0, -1.0, 1.0, 1.0)
    left, top = np.nanmin(positions, axis=0).tolist()
    right, bottom = np.nanmax(positions, axis=0).tolist()
    # A single point, or a line, still has an inside.
    pad = max(right - left, bottom - top, 1e-3) * 0.005
    return (left - pad, top - pad, right + pad, bottom + pad)


def core_of(positions: NDArray[np.float32]) -> Bounds:
    """Return the bounds of all points (N, 2) but the few that lie far from the others.

    Far is farther from the middle four fifths than these are wide; where that leaves little more room to the others,
    there are none such.
    """
    everything = bounds_of(positions)
    placed = positions[np.isfinite(positions).all(axis=1)] if len(positions) else positions
    if len(placed) < _LEAST_CORE:
        return everything
    low, high = np.quantile(placed, [0.1, 0.9], axis=0)
    wide = np.maximum(high - low, (high - low).max() * 0.1)
    near = placed[((placed >= low - wide) & (placed <= high + wide)).all(axis=1)]
    core = bounds_of(near)
    gained = max(everything[2] - everything[0], everything[3] - everything[1]) > _WORTH * max(
        core[2] - core[0], core[3] - core[1]
    )
    return core if gained else everything
