"""A whole slide to look into: the levels its file holds, region by region; nothing is unpacked."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.images.decode import readable
from core.images.opened import OpenFiles
from core.images.pyramid import Pixels, Value
from core.images.slides import read_slide, read_tile, slide_facts

_KEPT: Final = 32
_Region = tuple[int, int, int, int]


class SlideSource:
    """A `core.images.pyramid.PixelSource` over a slide; making one raises `Fault` as `core.images.slides` does.

    The values of a pixel are known where the full level was seen a moment ago: reading a slide may take long.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open = OpenFiles(1)
        self._facts = slide_facts(path, self._open)
        self._lock = threading.Lock()
        self._seen: OrderedDict[_Region, Pixels] = OrderedDict()

    @property
    def width(self) -> int:
        """Pixels across."""
        return self._facts.levels[0][0]

    @property
    def height(self) -> int:
        """Pixels down."""
        return self._facts.levels[0][1]

    @property
    def channels(self) -> int:
        """Three: RGB."""
        return 3

    @property
    def dtype(self) -> np.dtype[Any]:
        """Eight bits."""
        return np.dtype(np.uint8)

    @property
    def downsamples(self) -> Sequence[float]:
        """As the file has them: often fours."""
        return tuple(level[2] for level in self._facts.levels)

    @property
    def nbytes(self) -> int:
        """Bytes of the regions kept."""
        with self._lock:
            return sum(int(region.nbytes) for region in self._seen.values())

    @property
    def pixel_size_um(self) -> float | None:
        """Micrometres across a pixel of the full level."""
        size = self._facts.pixel_size_um
        return size[0] if size is not None else None

    def overview(self) -> Pixels:
        """Return the whole slide, reduced."""
        return read_slide(self._path, self._open)

    def region(self, level: int, x: int, y: int, width: int, height: int) -> Pixels:
        """Return (height, width, 3) at (`x`, `y`) of a level, clipped to the slide."""
        across, down, scale = self._facts.levels[level]
        left, top = max(0, x), max(0, y)
        width, height = min(across, x + width) - left, min(down, y + height) - top
        if width <= 0 or height <= 0:
            return np.zeros((max(0, height), max(0, width), 3), np.uint8)
        with readable(self._path):
            value = f"{round(left * scale)},{round(top * scale)},{width},{height},{level}"
            pixels = read_tile(self._path, value, self._open)
        if level == 0:
            with self._lock:
                self._seen[left, top, width, height] = pixels
                while len(self._seen) > _KEPT:
                    self._seen.popitem(last=False)
        return pixels

    def values_at(self, x: int, y: int) -> tuple[Value, ...] | None:
        """Return red, green and blue where they were read lately, else None."""
        found = self.at_hand(x, y, 1, 1)
        return tuple(int(value) for value in found[0, 0]) if found is not None else None

    def at_hand(self, x: int, y: int, width: int, height: int) -> Pixels | None:
        """Return (height, width, 3) of the full level where one region that was read lately holds all of it."""
        with self._lock:
            for (left, top, across, down), pixels in self._seen.items():
                if left <= x and top <= y and x + width <= left + across and y + height <= top + down:
                    return pixels[y - top : y - top + height, x - left : x - left + width]
        return None
