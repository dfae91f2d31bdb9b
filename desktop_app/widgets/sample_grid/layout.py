"""Where the tiles of a grid stand, and the headings between them: pure arithmetic, in pixels of the whole content.

A row holds tiles, or one heading. Tiles are counted through from the first to the last; under each heading they begin
in a row of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_ZOOM_PX: Final = 64
MAX_ZOOM_PX: Final = 512
GAP_PX: Final = 10
HEAD_PX: Final = 38

Indexes = NDArray[np.intp]


def _one_section() -> Indexes:
    return np.zeros(1, np.intp)


@dataclass(frozen=True, eq=False)
class GridLayout:
    """`count` tiles in rows of `columns`; every cell is `cell_px` wide and high, its tile `GAP_PX` smaller.

    Attributes
    ----------
    starts
        (S,) the first tile under each heading, increasing from 0; [0] where there are no headings.
    head_px
        Height of a heading; 0 where there are none.
    """

    count: int
    columns: int
    cell_px: int
    starts: Indexes = field(default_factory=_one_section)
    head_px: int = 0

    @classmethod
    def fit(
        cls, count: int, width_px: int, zoom_px: int, starts: Indexes | None = None, head_px: int = HEAD_PX
    ) -> GridLayout:
        """Fit as many columns of tiles of about `zoom_px` as `width_px` takes, and share out what is left.

        One column more is taken where it almost fits. A tile grows by two fifths at most, so that one lonely column
        does not fill the window. `starts` are the first tiles under the headings, if there are any.
        """
        columns = max(1, int(width_px / (zoom_px + GAP_PX) + 0.25))
        cell = min(max(width_px // columns, zoom_px // 2), zoom_px * 7 // 5 + GAP_PX)
        if starts is None or not len(starts):
            return cls(count, columns, cell)
        return cls(count, columns, cell, starts.astype(np.intp), head_px)

    @property
    def has_headings(self) -> bool:
        """Whether there are headings."""
        return self.head_px > 0

    @property
    def rows(self) -> int:
        """Number of rows, headings included."""
        return int(self._first_row[-1] + self._heads + self._lines[-1])

    @property
    def tile_px(self) -> int:
        """Side of a tile."""
        return self.cell_px - GAP_PX

    @property
    def heading_rows(self) -> Indexes:
        """(S,) the rows that hold a heading; empty without headings."""
        return self._first_row if self._heads else self._first_row[:0]

    def same_rows(self, other: GridLayout) -> bool:
        """Say whether every tile and heading stands in the same row and column."""
        return (self.count, self.columns, self._heads) == (other.count, other.columns, other._heads) and np.array_equal(
            self.starts, other.starts
        )

    def index(self, row: int, column: int) -> int:
        """Return the index of a cell's tile, or -1 where the cell is empty or the row a heading."""
        if not 0 <= column < self.columns or row < 0:
            return -1
        section = self._section_of_row(row)
        line = row - int(self._first_row[section]) - self._heads
        inside = line * self.columns + column
        return int(self.starts[section]) + inside if line >= 0 and inside < self._counts[section] else -1

    def cell(self, index: int) -> tuple[int, int]:
        """Return the row and the column of a tile."""
        section = self.section(index)
        line, column = divmod(index - int(self.starts[section]), self.columns)
        return int(self._first_row[section]) + self._heads + line, column

    def section(self, index: int) -> int:
        """Return under which heading a tile stands."""
        return max(0, int(bisect_right(self.starts, index)) - 1)

    def heading(self, row: int) -> int:
        """Return which heading a row holds, or -1."""
        section = self._section_of_row(row)
        return section if self._heads and row == self._first_row[section] else -1

    def tiles_of(self, section: int) -> range:
        """Return the tiles under a heading."""
        start = int(self.starts[section])
        return range(start, start + int(self._counts[section]))

    def row_top(self, row: int) -> int:
        """Return where a row begins."""
        section = self._section_of_row(row)
        line = row - int(self._first_row[section]) - self._heads
        return int(self._tops[section]) + (self.head_px + line * self.cell_px if line >= 0 else 0)

    def at(self, x: int, y: int) -> int:
        """Return the index of the tile at a point of the content, or -1 between tiles."""
        if x < 0 or y < 0:
            return -1
        row, half = self._row_at(y), GAP_PX // 2
        inside = half <= x % self.cell_px < self.cell_px - half
        inside = inside and half <= y - self.row_top(row) < self.cell_px - half
        return self.index(row, x // self.cell_px) if inside else -1

    def heading_at(self, y: int) -> int:
        """Return the heading at a height of the content, or -1."""
        return self.heading(self._row_at(y)) if y >= 0 and self._heads else -1

    def headings_between(self, top: int, bottom: int) -> list[tuple[int, int]]:
        """Return the headings that lie at least partly between two heights, and where each begins."""
        if not self._heads or not self.count:
            return []
        first = int(bisect_right(self._tops, top - self.head_px))
        last = int(bisect_right(self._tops, bottom))
        return [(section, int(self._tops[section])) for section in range(first, last)]

    def section_at(self, y: int) -> int:
        """Return under which heading a height of the content lies."""
        return max(0, int(bisect_right(self._tops, y)) - 1)

    def touching(self, left: int, top: int, right: int, bottom: int) -> Indexes:
        """Return the (M,) indexes of the tiles that a rectangle of the content (corners included) touches."""
        half = GAP_PX // 2
        first = max(0, -((self.cell_px - half - 1 - left) // self.cell_px))
        last = min(self.columns - 1, (right - half) // self.cell_px)
        found = [np.empty(0, np.intp)]
        for row in range(self._row_at(max(0, top)), min(self._row_at(max(0, bottom)), self.rows - 1) + 1):
            upper = self.row_top(row) + half
            if upper > bottom or upper + self.tile_px - 1 < top or first > last:
                continue
            line = [self.index(row, column) for column in (first, last)]
            if line[0] >= 0:
                end = line[1] if line[1] >= 0 else self._last_of_row(row)
                found.append(np.arange(line[0], end + 1, dtype=np.intp))
        return np.concatenate(found)

    def between(self, top: int, bottom: int) -> range:
        """Return the indexes of every tile whose row lies at least partly between two heights."""
        first, last = self._row_at(max(0, top)), self._row_at(max(0, bottom))
        return range(self._first_of_row(first), self._first_of_row(last + 1))

    def by_rows(self, index: int, rows: int) -> int:
        """Return the tile so many rows of tiles below (or above); from above a short row, its last tile; else stay."""
        target = min(max(0, self._line_of(index) + rows), int(self._first_line[-1] + self._lines[-1]) - 1)
        if target == self._line_of(index):
            return index
        section = int(bisect_right(self._first_line, target)) - 1
        inside = (target - int(self._first_line[section])) * self.columns
        length = min(self.columns, int(self._counts[section]) - inside)
        return int(self.starts[section]) + inside + min(self.cell(index)[1], length - 1)

    # -- per section

    @property
    def _heads(self) -> int:
        return 1 if self.head_px else 0

    @cached_property
    def _counts(self) -> Indexes:
        return np.diff(self.starts, append=self.count).astype(np.intp)

    @cached_property
    def _lines(self) -> Indexes:
        """(S,) how many rows of tiles stand under each heading."""
        return -(-self._counts // self.columns)

    @cached_property
    def _first_line(self) -> Indexes:
        return np.cumsum(self._lines) - self._lines

    @cached_property
    def _first_row(self) -> Indexes:
        return self._first_line + self._heads * np.arange(len(self.starts), dtype=np.intp)

    @cached_property
    def _tops(self) -> Indexes:
        return self._first_line * self.cell_px + self.head_px * np.arange(len(self.starts), dtype=np.intp)

    def _section_of_row(self, row: int) -> int:
        return max(0, int(bisect_right(self._first_row, row)) - 1)

    def _row_at(self, y: int) -> int:
        """Return the row at a height ≥ 0; below the last one, as if rows of tiles went on."""
        section = self.section_at(y)
        inside = y - int(self._tops[section])
        line = (inside - self.head_px) // self.cell_px if inside >= self.head_px else -1
        return int(self._first_row[section]) + (self._heads + line if line >= 0 else 0)

    def _line_of(self, index: int) -> int:
        section = self.section(index)
        return int(self._first_line[section]) + (index - int(self.starts[section])) // self.columns

    def _first_of_row(self, row: int) -> int:
        """Return the first tile of a row, of what is under it where it is a heading; `count` below the last row."""
        if row >= self.rows:
            return self.count
        section = self._section_of_row(row)
        line = max(0, row - int(self._first_row[section]) - self._heads)
        return min(int(self.starts[section]) + line * self.columns, self.count)

    def _last_of_row(self, row: int) -> int:
        return self.tiles_of(self._section_of_row(row)).stop - 1
