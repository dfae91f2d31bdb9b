"""The table behind the grid: rows of as many columns as fit, over the ids of a `GridState`. It holds nothing itself."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.translation import tr
from desktop_app.widgets.sample_grid.layout import GridLayout
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Tile, TileSource

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class GridModel(QAbstractTableModel):
    """Cell (row, column) is an item of the layout, or none: in the row of a heading, or past the last item."""

    def __init__(self, state: GridState, tiles: TileSource) -> None:
        super().__init__()
        self._state, self._tiles = state, tiles
        self.layout = GridLayout(0, 1, 100)

    def set_layout(self, layout: GridLayout) -> None:
        """Take another arrangement; the view is told only where rows or columns change."""
        if layout.same_rows(self.layout):
            self.layout = layout
            return
        self.beginResetModel()
        self.layout = layout
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Number of rows."""
        return 0 if parent.isValid() else self.layout.rows

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else self.layout.columns

    def item(self, index: Index) -> int:
        """Return which item a cell holds, or -1."""
        return self.layout.index(index.row(), index.column())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the tooltip and what a screen reader says; the delegate paints the rest."""
        item = self.item(index)
        if item < 0:
            return self._heading(index) if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(_lines(self._tile(item)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = _lines(self._tile(item))
            return ", ".join([*words, tr("selected")] if self._state.is_selected(item) else words)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """An empty cell of the last row can be neither chosen nor reached."""
        if self.item(index) < 0:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def _heading(self, index: Index) -> str | None:
        section = self.layout.heading(index.row())
        return self._state.headings[section].text if section >= 0 and index.column() == 0 else None

    def _tile(self, item: int) -> Tile:
        return self._tiles.tile(int(self._state.ids[item]))


def _lines(tile: Tile) -> list[str]:
    pills = [pill.text for pill in tile.pills]
    return [text for text in (tile.name, *pills, *tile.details, tile.warning, tile.problem) if text]
