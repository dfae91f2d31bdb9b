"""Where the tiles of a grid stand: pure arithmetic, in pixels of the whole content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_ZOOM_PX: Final = 64
MAX_ZOOM_PX: Final = 512
GAP_PX: Final = 10


@dataclass(frozen=True, slots=True)
class GridLayout:
    """`count` tiles in rows of `columns`; every cell is `cell_px` wide and high, its tile `GAP_PX` smaller."""

    count: int
    columns: int
    cell_px: int

    @classmethod
    def fit(cls, count: int, width_px: int, zoom_px: int) -> GridLayout:
        """Fit as many columns of tiles of about `zoom_px` as `width_px` takes, and share out what is left.

        One column more is taken where it almost fits. A tile grows by two fifths at most, so that one lonely column
        does not fill the window.
        """
        columns = max(1, int(width_px / (zoom_px + GAP_PX) + 0.25))
        cell = min(max(width_px // columns, zoom_px // 2), zoom_px * 7 // 5 + GAP_PX)
        return cls(count, columns, cell)

    @property
    def rows(self) -> int:
        """Number of rows, the last one perhaps not full."""
        return -(-self.count // self.columns)

    @property
    def tile_px(self) -> int:
        """Side of a tile."""
        return self.cell_px - GAP_PX

    def index(self, row: int, column: int) -> int:
        """Return the index of a cell's tile, or -1 where the cell is empty."""
        index = row * self.columns + column
        inside = 0 <= column < self.columns and row >= 0 and index < self.count
        return index if inside else -1

    def cell(self, index: int) -> tuple[int, int]:
        """Return the row and the column of a tile."""
        return divmod(index, self.columns)

    def at(self, x: int, y: int) -> int:
        """Return the index of the tile at a point of the content, or -1 between tiles."""
        half = GAP_PX // 2
        inside = half <= x % self.cell_px < self.cell_px - half and half <= y % self.cell_px < self.cell_px - half
        return self.index(y // self.cell_px, x // self.cell_px) if inside and x >= 0 and y >= 0 else -1

    def touching(self, left: int, top: int, right: int, bottom: int) -> NDArray[np.intp]:
        """Return the (M,) indexes of the tiles that a rectangle of the content (corners included) touches."""
        columns = self._lines(left, right, self.columns)
        rows = self._lines(top, bottom, self.rows)
        indexes = (rows[:, None] * self.columns + columns[None, :]).ravel()
        return indexes[indexes < self.count]

    def between(self, top: int, bottom: int) -> range:
        """Return the indexes of every tile whose row lies at least partly between two heights."""
        first = max(0, top // self.cell_px)
        last = max(first, bottom // self.cell_px + 1)
        return range(min(first * self.columns, self.count), min(last * self.columns, self.count))

    def _lines(self, low: int, high: int, limit: int) -> NDArray[np.intp]:
        half = GAP_PX // 2
        first = max(0, -((self.cell_px - half - 1 - low) // self.cell_px))
        last = min(limit - 1, (high - half) // self.cell_px)
        return np.arange(first, last + 1, dtype=np.intp)
