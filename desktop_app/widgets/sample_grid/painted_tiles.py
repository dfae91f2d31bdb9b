"""Tiles as they were painted last, so that scrolling copies pictures instead of painting every pill anew.

A tile is used again only where everything that it shows is the same; the least recently used go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

from desktop_app.widgets.sample_grid.tiles import Tile

_BUDGET_BYTES: Final = 64 * 2**20
_BYTES_PER_PIXEL: Final = 4

# What a painted tile shows: the tile, the picture (its cache key, 0 for none) or why there is none, and its size.
Look = tuple[Tile, int, str, int, float]


class PaintedTiles:
    """Keeps the painted cells of samples, within a budget of memory."""

    def __init__(self) -> None:
        self._cells: OrderedDict[int, tuple[Look, QPixmap]] = OrderedDict()
        self._bytes = 0

    def cell(self, sample_id: int, look: Look, paint: Callable[[QPainter], None]) -> QPixmap:
        """Return the cell of a sample: the one kept, or what `paint` paints into an empty one of its size."""
        kept = self._cells.get(sample_id)
        if kept is not None and kept[0] == look:
            self._cells.move_to_end(sample_id)
            return kept[1]
        pixmap = painted_cell(look[3], look[4], paint)
        self._keep(sample_id, look, pixmap)
        return pixmap

    def _keep(self, sample_id: int, look: Look, pixmap: QPixmap) -> None:
        replaced = self._cells.pop(sample_id, None)
        if replaced is not None:
            self._bytes -= _bytes(replaced[1])
        self._cells[sample_id] = look, pixmap
        self._bytes += _bytes(pixmap)
        while self._bytes > _BUDGET_BYTES and len(self._cells) > 1:
            _, (_, oldest) = self._cells.popitem(last=False)
            self._bytes -= _bytes(oldest)


def painted_cell(side: int, ratio: float, paint: Callable[[QPainter], None]) -> QPixmap:
    """Return a cell of `side` px, `ratio` device pixels to each, with what `paint` paints into it."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter)
    painter.end()
    return pixmap


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * _BYTES_PER_PIXEL
