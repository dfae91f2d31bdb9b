"""Points painted into an image, a slice of them at a time, so that a million never hold up the window.

Each point is a disc of whole pixels with a soft edge, or a few pixels where there are very many. Points are painted in
a shuffled order (which label is on top is chance, and any part of the points looks like all of them), the faded first.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from desktop_app.widgets.map.colouring import Colouring
from desktop_app.widgets.map.view import Bounds, MapView, bounds_of, core_of

SLICE: Final = 40_000
_SAMPLED: Final = 20_000
_SOFT_UP_TO: Final = 40_000
# How many points are in sight, and how large each is then: the radius in pixels of the drawings.
_RADII: Final = ((400, 4.5), (2_500, 3.4), (12_000, 2.6), (40_000, 1.9), (150_000, 1.5))
_LEAST_RADIUS: Final = 1.0
_COVERED: Final = 0.5
"""How much of the place they lie in points may cover, at the most."""
_FULL: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class PointCloud:
    """Points of a map, ready to be painted; made by `cloud_of`, which for a million belongs on a worker thread.

    Attributes
    ----------
    positions
        (N, 2) float32; NaN for points that are nowhere.
    order
        (n,) int32, those that are somewhere, shuffled.
    x, y
        (n,) float32, their coordinates in that order.
    bounds, core
        Of all, and of all but the few that lie far from the others.
    """

    positions: NDArray[np.float32]
    order: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    bounds: Bounds
    core: Bounds

    def __len__(self) -> int:
        return len(self.positions)


def cloud_of(positions: NDArray[np.float32]) -> PointCloud:
    """Get points (N, 2) ready to be painted."""
    order = _shuffled(len(positions))
    seen = np.isfinite(positions[:, 0]) & np.isfinite(positions[:, 1])
    if not seen.all():
        order = order[seen[order]]
    placed = positions[order]
    x, y = np.ascontiguousarray(placed[:, 0]), np.ascontiguousarray(placed[:, 1])
    return PointCloud(positions, order, x, y, bounds_of(positions), core_of(positions))


@lru_cache(maxsize=2)
def _shuffled(count: int) -> NDArray[np.int32]:
    return np.random.default_rng(0).permutation(count).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """What colour each point of a cloud has.

    Attributes
    ----------
    codes
        (n,) entries in `palette`, in the cloud's order.
    layer
        (n,) uint8: 0 excluded, 1 faded, 2 full; None where all are full.
    palette
        (3, K) uint32 0xAARRGGBB, by layer.
    surface
        The colour behind the points.
    """

    codes: NDArray[np.uint16]
    layer: NDArray[np.uint8] | None
    palette: NDArray[np.uint32]
    surface: str


def paint_of(
    cloud: PointCloud,
    colouring: Colouring,
    *,
    faded: NDArray[np.bool_] | None,
    excluded: NDArray[np.bool_] | None,
    surface: str,
    grey: str,
) -> Paint:
    """Settle the colours of points: `faded` (N,) stand back behind the others, `excluded` (N,) are `grey`."""
    layer, codes = None, colouring.codes[cloud.order]
    if faded is not None or excluded is not None or colouring.behind >= 0:
        layer = np.full(len(cloud.order), _FULL, dtype=np.uint8)
        if faded is not None:
            layer -= faded[cloud.order]
        else:
            layer -= codes == colouring.behind
        if excluded is not None:
            layer[excluded[cloud.order]] = 0
    return Paint(codes, layer, _palette(colouring.colours, surface, grey), surface)


def _palette(colours: tuple[str, ...], surface: str, grey: str) -> NDArray[np.uint32]:
    full = np.array([QColor(colour).rgba() for colour in colours or (grey,)], dtype=np.uint32)
    greyed = np.full(len(full), QColor(grey).rgba(), dtype=np.uint32)
    return np.stack([_mixed(greyed, surface, 0.4), _mixed(full, surface, 0.25), full])


def _mixed(colours: NDArray[np.uint32], surface: str, amount: float) -> NDArray[np.uint32]:
    """Return colours at an opacity of `amount` over the surface."""
    below = np.full(len(colours), QColor(surface).rgba(), dtype=np.uint32)
    return _between(below, colours, round(amount * 256))


class Raster:
    """A picture of points at one view, being painted.

    Attributes
    ----------
    view
        What it shows.
    """

    def __init__(self, cloud: PointCloud, paint: Paint, view: MapView, ratio: float, scale: float) -> None:
        """`ratio` is device pixels to a pixel of the widget, `scale` how much larger than drawn things are."""
        self.view, self._cloud, self._paint, self._ratio = view, cloud, paint, ratio
        # The faded behind the others: one pass over the points for each layer there is.
        self._passes = [_FULL] if paint.layer is None else [0, 1, _FULL]
        self._pass = self._done = 0
        width, height = (max(1, round(side * ratio)) for side in view.room)
        self._scale = np.float32(view.scale * ratio)
        self._left = np.float32(width / 2 - view.centre[0] * view.scale * ratio)
        self._top = np.float32(height / 2 - view.centre[1] * view.scale * ratio)
        in_sight = self._in_sight(width, height)
        radius = min(next((size for most, size in _RADII if in_sight <= most), 0.0), self._room(view, in_sight))
        radius = max(radius, _LEAST_RADIUS) * ratio * scale
        self._core, self._edge = _stamp(round(radius * 4) / 4, soft=in_sight <= _SOFT_UP_TO)
        # Room around the picture for the discs of points at its border.
        self._pad = max(max(abs(dx), abs(dy)) for dx, dy, *_ in (*self._core, *self._edge)) + 1
        self._width, self._height = width + 2 * self._pad, height + 2 * self._pad
        self._pixels = np.full(self._width * self._height, QColor(paint.surface).rgba(), dtype=np.uint32)

    @property
    def finished(self) -> bool:
        """Whether all points are painted."""
        return self._pass >= len(self._passes)

    def paint(self, budget_s: float | None = None) -> None:
        """Paint more points: all, or as many as `budget_s` allows."""
        started_s = time.perf_counter()
        while not self.finished:
            self._paint_slice(slice(self._done, self._done + SLICE), self._passes[self._pass])
            self._done += SLICE
            if self._done >= len(self._cloud.order):
                self._pass, self._done = self._pass + 1, 0
            if budget_s is not None and time.perf_counter() - started_s >= budget_s:
                return

    def image(self) -> QImage:
        """Return what is painted so far."""
        whole = self._pixels.reshape(self._height, self._width)
        inner = whole[self._pad : self._height - self._pad, self._pad : self._width - self._pad]
        inner = np.ascontiguousarray(inner)
        height, width = inner.shape
        image = QImage(inner.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
        image.setDevicePixelRatio(self._ratio)
        return image

    def _in_sight(self, width: int, height: int) -> int:
        """Estimate how many points are in sight: any part of them is like all of them."""
        x = self._cloud.x[:_SAMPLED] * self._scale + self._left
        y = self._cloud.y[:_SAMPLED] * self._scale + self._top
        share = np.count_nonzero((x >= 0) & (x < width) & (y >= 0) & (y < height)) / max(1, len(x))
        return round(share * len(self._cloud.order))

    def _room(self, view: MapView, in_sight: int) -> float:
        """Return the radius at which so many points leave most of the place they lie in free, in pixels."""
        left, top, right, bottom = self._cloud.bounds
        corners = np.clip(view.to_screen(np.array([[left, top], [right, bottom]])), 0, view.room)
        return float(np.sqrt(_COVERED * np.prod(corners[1] - corners[0]) / (np.pi * max(1, in_sight))))

    def _paint_slice(self, part: slice, layer: int) -> None:
        cloud, paint, pad = self._cloud, self._paint, np.float32(self._pad)
        x = cloud.x[part] * self._scale + (self._left + pad)
        y = cloud.y[part] * self._scale + (self._top + pad)
        # Beside the border there is no room for a disc: the pad is one pixel wider than the widest.
        seen = (x >= self._pad - 1) & (x < self._width - self._pad + 1)
        seen &= (y >= self._pad - 1) & (y < self._height - self._pad + 1)
        if paint.layer is not None:
            seen &= paint.layer[part] == layer
        x, y, colours = x[seen], y[seen], paint.palette[layer][paint.codes[part][seen]]
        at = y.astype(np.int32) * np.int32(self._width) + x.astype(np.int32)
        pixels = self._pixels
        for dx, dy, share in self._edge:
            where = at + np.int32(dy * self._width + dx)
            pixels[where] = _between(pixels[where], colours, share)
        for dx, dy in self._core:
            pixels[at + np.int32(dy * self._width + dx)] = colours


def _between(below: NDArray[np.uint32], above: NDArray[np.uint32], share: int) -> NDArray[np.uint32]:
    """Mix colours, `share` 256ths of the one above, two channels at a time."""
    even, odd = np.uint32(0x00FF00FF), np.uint32(0xFF00FF00)
    high, low = np.uint32(share), np.uint32(256 - share)
    shift = np.uint32(8)
    first = ((above & even) * high + (below & even) * low) >> shift
    second = ((above >> shift) & even) * high + ((below >> shift) & even) * low
    mixed: NDArray[np.uint32] = (first & even) | (second & odd)
    return mixed


@lru_cache(maxsize=64)
def _stamp(radius: float, *, soft: bool) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int, int], ...]]:
    """Return the pixels of a disc around the one its middle is in: those it covers, and those of its edge by 256ths."""
    reach = int(np.ceil(radius + 0.5))
    fine = (np.arange(8) + 0.5) / 8 - 0.5
    core, edge, least = [], [], 0.9 if soft else 0.45
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            covered = float((np.hypot(dx + fine[None, :], dy + fine[:, None]) <= radius).mean())
            if covered >= least or (dx == dy == 0):
                core.append((dx, dy))
            elif soft and covered > 0.06:
                edge.append((dx, dy, round(covered * 256)))
    return tuple(core), tuple(edge)
