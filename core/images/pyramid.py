"""Pixels at every scale: an image, and smaller versions of it each half as large, cut into regions on demand.

Whatever has the methods of `PixelSource` can be looked at in the loupe: an array with its pyramid, or a slide whose
file holds the levels. What must stay true: `region` gives measured values, in the file's own units, at every level.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
"""(H, W) or (H, W, C), uint8, uint16 or float32."""
Value = int | float

SMALLEST_LEVEL_PX: Final = 512
"""The longer side at which halving ends."""
_BAND_ROWS: Final = 1024
_RELAX_EVERY: Final = 64
_SAMPLE_ROWS: Final = 512
"""Few rows, as every one that is touched of a mapped file is read from the disk."""


class PixelSource(Protocol):
    """An image that can be read by region at several scales; any thread may ask."""

    @property
    def width(self) -> int:
        """Pixels across, at full resolution."""

    @property
    def height(self) -> int:
        """Pixels down, at full resolution."""

    @property
    def channels(self) -> int:
        """How many values a pixel has."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a value: uint8, uint16 or float32."""

    @property
    def downsamples(self) -> Sequence[float]:
        """How many pixels of the full image one of each level spans across; 1 first, growing."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory held."""

    def region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Return (height, width[, C]) at (`x`, `y`) of a level, in its own pixels; clipped to the image."""

    def values_at(self, x: int, y: int) -> tuple[Value, ...] | None:
        """Return the values of one pixel at once; None outside of the image, or while they are not at hand."""

    def at_hand(self, x: int, y: int, width: int, height: int) -> Pixels | None:
        """Return (height, width[, C]) of the full image at once, all of it inside; None while it is not at hand."""


class Pyramid:
    """An array with its smaller versions.

    Parameters
    ----------
    levels
        (H, W) or (H, W, C) arrays, each ``ceil(half)`` of the one before; in memory or memory-mapped.
    relax
        Called now and then, to give back the memory that reading a mapped file takes.
    """

    def __init__(self, levels: Sequence[Pixels], relax: Callable[[], object] = bool) -> None:
        self._levels = tuple(levels)
        self._relax = relax
        self._reads = count(1)
        self._downsamples = tuple(2.0**level for level in range(len(self._levels)))

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self._levels[0].shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self._levels[0].shape[0])

    @property
    def channels(self) -> int:
        """How many values a pixel has."""
        return int(self._levels[0].shape[2]) if self._levels[0].ndim == 3 else 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a value."""
        return self._levels[0].dtype

    @property
    def downsamples(self) -> Sequence[float]:
        """Powers of two."""
        return self._downsamples

    @property
    def nbytes(self) -> int:
        """Bytes of memory held; what is mapped from a file does not count."""
        return sum(int(level.nbytes) for level in self._levels if not _is_mapped(level))

    def region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Return (height, width[, C]) at (`x`, `y`) of a level, clipped to the image."""
        if next(self._reads) % _RELAX_EVERY == 0:
            self._relax()
        return self._levels[level][max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]

    def values_at(self, x: int, y: int) -> tuple[Value, ...] | None:
        """Return the values of one pixel, or None outside of the image."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        return tuple(value.item() for value in np.atleast_1d(self._levels[0][y, x]))

    def at_hand(self, x: int, y: int, width: int, height: int) -> Pixels | None:
        """Return (height, width[, C]) of the full image, all of it inside."""
        return self.region(0, x, y, width, height)

    def sample(self, pixels: int) -> Pixels:
        """Return about so many pixels, measured ones, spread evenly: (h, w[, C])."""
        rows = min(self.height, _SAMPLE_ROWS)
        down = max(1, self.height // rows)
        across = max(1, (self.height // down) * self.width // max(1, pixels))
        sampled = self._levels[0][down // 2 :: down, ::across].copy()
        self._relax()
        return sampled


def build_pyramid(
    raw: Pixels, make: Callable[[tuple[int, ...], np.dtype[Any]], Pixels] = np.empty, done: Callable[[], object] = bool
) -> Pyramid:
    """Return the pyramid of an array.

    Parameters
    ----------
    raw
        (H, W) or (H, W, C), uint8, uint16 or float32; kept, not copied.
    make
        Makes the array of a level: in memory, or mapped to a file where there are many pixels.
    done
        Called after each band of rows, to be cancelled or to give memory back.
    """
    levels = [raw]
    while max(levels[-1].shape[:2]) > SMALLEST_LEVEL_PX:
        last = levels[-1]
        shape = ((last.shape[0] + 1) // 2, (last.shape[1] + 1) // 2, *last.shape[2:])
        half = make(shape, last.dtype)
        for top in range(0, last.shape[0], _BAND_ROWS):
            half[top // 2 : (top + _BAND_ROWS) // 2] = halve(last[top : top + _BAND_ROWS])
            done()
        levels.append(half)
    return Pyramid(levels, done)


def halve(pixels: Pixels) -> Pixels:
    """Return the mean of each 2 × 2 block, rounded to the type; a last odd row or column is averaged by itself."""
    import cv2

    height, width = pixels.shape[:2]
    if height % 2 or width % 2:
        edge = ((0, height % 2), (0, width % 2)) + (((0, 0),) if pixels.ndim == 3 else ())
        pixels = np.pad(pixels, edge, mode="edge")
    size = (pixels.shape[1] // 2, pixels.shape[0] // 2)
    half: Pixels = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    # OpenCV drops a last axis of one.
    return half.reshape(*half.shape[:2], *pixels.shape[2:])


def _is_mapped(array: Pixels) -> bool:
    base: object = array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap):
            return True
        base = base.base
    return False
