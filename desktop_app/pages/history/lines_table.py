"""A table of texts, however many: rows are made only as they are painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop_app.theme import Theme

_ROW_PX: Final = 28
Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()


class LinesTable(QTableView):
    """Rows of texts; `opened` gets the row that is activated. The shares of the columns follow `stretches`."""

    def __init__(
        self,
        theme: Theme,
        titles: Sequence[str],
        *,
        name: str,
        stretches: Sequence[int],
        opened: Callable[[int], object] | None = None,
    ) -> None:
        super().__init__()
        self._stretches = stretches
        self._model = _LinesModel(titles, self)
        self.setModel(self._model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        rows, head = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.px(_ROW_PX))
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        if opened is not None:
            self.activated.connect(lambda index: opened(index.row()))
            self.doubleClicked.connect(lambda index: opened(index.row()))

    def show_lines(self, lines: Sequence[Sequence[str]]) -> None:
        """Show these instead of those before."""
        self._model.show_lines(lines)

    def fit_height(self, most_rows: int = 10) -> None:
        """Be as high as the rows, up to `most_rows` of them."""
        rows = min(most_rows, max(1, self._model.rowCount()))
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        self.setFixedHeight(height)

    def resizeEvent(self, event: object) -> None:
        """Share the width among the columns."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        width, whole = self.viewport().width(), sum(self._stretches)
        for column, share in enumerate(self._stretches):
            self.setColumnWidth(column, width * share // whole)


class _LinesModel(QAbstractTableModel):
    def __init__(self, titles: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._titles = titles
        self._lines: list[Sequence[str]] = []

    def show_lines(self, lines: Sequence[Sequence[str]]) -> None:
        self.beginResetModel()
        self._lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._lines[index.row()][index.column()]
        return None
