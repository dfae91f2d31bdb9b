"""A quiet table of a few rows: no grid, no frame, rows that can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from desktop_app.theme import Theme

_PADDING_PX: Final = 24
_ICON_PX: Final = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows; numbers stand to the right."""

    text: str
    icon: QIcon | None = None
    number: bool = False
    tip: str = ""


class DataTable(QTableWidget):
    """Rows with a key each; `on_chosen` is told the keys of the chosen rows when the user chooses.

    Columns fit their content, but for `stretch`, which takes what is left; the heads of `numbers` stand to the right.
    With `spread` the stretching column shares what is left with the numbers, so that a wide table has no gap.
    The column `spare` is seen only where all others have the room they want. A row has room for `lines` of text.
    """

    def __init__(
        self,
        theme: Theme,
        header: Sequence[str],
        on_chosen: Callable[[list[str]], object],
        *,
        name: str,
        many: bool = False,
        stretch: int = 0,
        numbers: Sequence[int] = (),
        spare: int | None = None,
        lines: int = 1,
        spread: bool = False,
    ) -> None:
        super().__init__(0, len(header))
        self._theme, self._stretch, self._spare = theme, stretch, spare
        self._spread, self._numbers, self._fitted = spread, tuple(numbers), dict[int, int]()
        self._keys: list[str] = []
        self._on_chosen = on_chosen
        self._filling = False
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(header))
        self.setShowGrid(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        mode = QAbstractItemView.SelectionMode
        self.setSelectionMode(mode.ExtendedSelection if many else mode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.px(12 + 16 * lines))
        self._set_head(numbers)
        self.itemSelectionChanged.connect(self._chosen)

    def _set_head(self, numbers: Sequence[int]) -> None:
        theme = self._theme
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setMinimumSectionSize(theme.px(24))
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(self._stretch, QHeaderView.ResizeMode.Stretch)
        for column in numbers:
            if (head := self.horizontalHeaderItem(column)) is not None:
                head.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_rows(self, rows: Sequence[tuple[str, Sequence[Cell]]], chosen: Sequence[str]) -> None:
        """Show these (key, cells) and the chosen keys; nothing is told to `on_chosen`."""
        self._filling = True
        self._keys = [key for key, _ in rows]
        self.setRowCount(len(rows))
        for index, (_, cells) in enumerate(rows):
            for column, cell in enumerate(cells):
                self.setItem(index, column, _item(cell))
        self._fit_columns()
        self._spare_column()
        self.select_keys(chosen)
        self._filling = False

    def _fit_columns(self) -> None:
        """Give each column but the stretching one the width of its longest text: Qt's own measure adds much air."""
        metrics, padding = self.fontMetrics(), self._theme.px(_PADDING_PX)
        for column in range(self.columnCount()):
            if column == self._stretch:
                continue
            items = [self.item(row, column) for row in range(self.rowCount())]
            head = self.horizontalHeaderItem(column)
            widths = [_text_width(metrics, item.text()) for item in (*items, head) if item is not None]
            icons = any(item is not None and not item.icon().isNull() for item in items)
            width = max(widths, default=0) + padding + (self._theme.px(_ICON_PX) if icons else 0)
            self._fitted[column] = width
            self.setColumnWidth(column, width)
        self._spread_columns()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the spare column where it has room."""
        super().resizeEvent(event)
        self._spread_columns()
        self._spare_column()

    def _spread_columns(self) -> None:
        if not self._spread:
            return
        for column, width in self._fitted.items():
            self.setColumnWidth(column, width)
        share = max(0, self.viewport().width() - self.width_wanted()) // (len(self._numbers) + 1)
        for column in self._numbers:
            self.setColumnWidth(column, self._fitted.get(column, 0) + share)

    def _spare_column(self) -> None:
        if self._spare is not None:
            self.setColumnHidden(self._spare, False)
            self.setColumnHidden(self._spare, self.width_wanted() > self.viewport().width())

    def width_wanted(self) -> int:
        """Return the width, in px, at which no text of the columns that are shown is shortened."""
        column, metrics = self._stretch, self.fontMetrics()
        items = [item for row in range(self.rowCount()) if (item := self.item(row, column)) is not None]
        longest = max((_text_width(metrics, item.text()) for item in items), default=0)
        icon = self._theme.px(_ICON_PX) if any(not item.icon().isNull() for item in items) else 0
        others = sum(self.columnWidth(at) for at in range(self.columnCount()) if at != column)
        return longest + icon + self._theme.px(_PADDING_PX) + others

    def select_keys(self, chosen: Sequence[str]) -> None:
        """Choose the rows of these keys."""
        before, self._filling = self._filling, True
        self.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for key in chosen:
            if key in self._keys:
                self.selectionModel().select(self.model().index(self._keys.index(key), 0), flags)
        self._filling = before

    def fit_height(self, most_rows: int = 8) -> None:
        """Be as high as the rows, up to `most_rows` of them."""
        rows = min(most_rows, max(1, self.rowCount()))
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        self.setFixedHeight(height)

    def _chosen(self) -> None:
        if not self._filling:
            rows = sorted({index.row() for index in self.selectedIndexes()})
            self._on_chosen([self._keys[index] for index in rows])


def _text_width(metrics: QFontMetrics, text: str) -> int:
    return max((metrics.horizontalAdvance(line) for line in text.split("\n")), default=0)


def _item(cell: Cell) -> QTableWidgetItem:
    item = QTableWidgetItem(cell.text)
    side = Qt.AlignmentFlag.AlignRight if cell.number else Qt.AlignmentFlag.AlignLeft
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    if cell.icon is not None:
        item.setIcon(cell.icon)
    if cell.tip:
        item.setToolTip(cell.tip)
    return item
