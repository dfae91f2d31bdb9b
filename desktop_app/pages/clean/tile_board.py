"""Pictures set beside each other as large as there is room, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.theme import GRID, Theme


class TileBoard(QWidget):
    """Tiles of one size, between two measures of the drawings; its height follows from its width."""

    def __init__(self, theme: Theme, *, smallest_px: int, largest_px: int) -> None:
        super().__init__()
        self._gap = theme.px(GRID)
        self._smallest, self._largest = theme.px(smallest_px), theme.px(largest_px)
        self._room = 0
        self.tiles: list[PictureTile] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_tiles(self, tiles: Sequence[PictureTile]) -> None:
        """Show these instead of those before."""
        for old in self.tiles:
            old.hide()
            old.deleteLater()
        self.tiles = list(tiles)
        for tile in self.tiles:
            tile.setParent(self)
            tile.show()
        self._arrange()

    def leave_height(self, height_px: int) -> None:
        """Keep within this height where that is possible, whatever room there is beside; 0 for any height."""
        if height_px != self._room:
            self._room = height_px
            self._arrange()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the width that all tiles would like, and the height at the width there is."""
        count = max(1, len(self.tiles))
        return QSize(count * (self._largest + self._gap) - self._gap, self._height(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Return the room of one tile, and the height at the width there is."""
        return QSize(self._smallest, self._height(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set the tiles anew."""
        super().resizeEvent(event)
        self._arrange()

    def _grid(self, width: int) -> tuple[int, int]:
        """Return how many tiles stand in a line, and their side."""
        fit = max(1, (width + self._gap) // (self._smallest + self._gap))
        columns = max(1, min(len(self.tiles), fit))
        side = max(1, min(self._largest, (width - self._gap * (columns - 1)) // columns))
        if self._room and self.tiles:
            lines = -(-len(self.tiles) // columns)
            high = (self._room + self._gap) // lines - self._gap - self.tiles[0].below
            side = min(side, max(self._smallest, high))
        return columns, side

    def _height(self, width: int) -> int:
        if not self.tiles:
            return 0
        columns, side = self._grid(width)
        lines = -(-len(self.tiles) // columns)
        return lines * (side + self.tiles[0].below + self._gap) - self._gap

    def _arrange(self) -> None:
        columns, side = self._grid(self.width())
        for number, tile in enumerate(self.tiles):
            line, place = divmod(number, columns)
            height = side + tile.below
            tile.setGeometry(place * (side + self._gap), line * (height + self._gap), side, height)
        height = self._height(self.width())
        if height != self.minimumHeight():
            self.setFixedHeight(height)
