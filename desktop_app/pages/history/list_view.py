"""The history as a list: days, and the entries under them; as many as there are, for only those in sight are read."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from core.store.history import Entry
from core.translation import tr
from desktop_app.pages.history.controller import HistoryController
from desktop_app.pages.history.list_model import FAINT_ROLE, Column, HistoryModel
from desktop_app.theme import SMALL_PX, Theme

_ROW_PX: Final = 30
_WIDTHS_PX: Final = {
    Column.WHEN: 64,
    Column.IMAGES: 76,
    Column.WHO: 104,
    Column.TOOL: 112,
    Column.STATE: 128,
    Column.HASH: 88,
}
# Where there is little room, these go, the first of them first.
_SPARE: Final = (Column.HASH, Column.TOOL, Column.STATE, Column.WHO)
_LEAST_WHAT_PX: Final = 240
_NO_ROWS: Final = np.empty(0, np.int64)
Index = QModelIndex | QPersistentModelIndex


class HistoryList(QTableView):
    """The list.

    Signals
    -------
    leave
        Up at the first entry: the keyboard goes to the filters.
    """

    leave = Signal()

    def __init__(self, controller: HistoryController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._following = False
        self._anchor: tuple[int, int] | None = None  # an entry, and how far below the top it stood
        self._first_wanted = False
        self._rows = _NO_ROWS
        self.setAccessibleName(tr("History"))
        self.setItemDelegate(_EntryDelegate(theme, self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(theme.px(_ROW_PX))
        self._model = HistoryModel(controller, self)
        self.setModel(self._model)
        self._set_columns()
        self._model.modelAboutToBeReset.connect(self._remember)
        controller.listed.connect(self._listed)
        controller.chosen_changed.connect(self._follow)
        controller.loaded.connect(self._catch_up)
        self._listed(False)

    def chosen(self) -> Entry | None:
        """Return the entry that is chosen."""
        index = self.currentIndex()
        return self._model.entry(index.row()) if index.isValid() else None

    def resizeEvent(self, event: object) -> None:
        """Leave out what there is no room for."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        room = self.viewport().width() - self._theme.px(_LEAST_WHAT_PX)
        wanted = sum(self._theme.px(width) for width in _WIDTHS_PX.values())
        for column in _SPARE:
            self.setColumnHidden(column, wanted > room)
            wanted -= self._theme.px(_WIDTHS_PX[column]) if wanted > room else 0

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up at the first entry leads to the filters."""
        first = self.currentIndex().row() <= 1
        if event.key() == Qt.Key.Key_Up and first:
            self.leave.emit()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Look at the entry."""
        super().currentChanged(current, previous)
        if not self._following and current.isValid():
            entry = self._model.entry(current.row())
            if entry is not None:
                self._controller.choose(entry)

    def _catch_up(self) -> None:
        """Look at the entry that was gone to before it was here."""
        entry = self.chosen()
        if entry is not None and self.selectionModel().hasSelection():
            self._controller.choose(entry)

    def choose_first(self) -> None:
        """Choose the newest entry, unless one is chosen, and take the keyboard."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.currentIndex().isValid() and self._model.rowCount() > 1:
            self.setCurrentIndex(self._model.index(1, 0))

    def choose_first_listed(self) -> None:
        """Choose the newest entry of what is being read just now, as soon as it is here."""
        self._first_wanted = True

    def _set_columns(self) -> None:
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setMinimumSectionSize(self._theme.px(24))
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(Column.WHAT, QHeaderView.ResizeMode.Stretch)
        for column, width in _WIDTHS_PX.items():
            self.setColumnWidth(column, self._theme.px(width))

    def _remember(self) -> None:
        """Note which entry is at the top, unless that is the newest: then new ones shall be seen."""
        self._anchor = None
        row = self.rowAt(0) if self.verticalScrollBar().value() > 0 else -1
        if 0 <= row < len(self._rows):
            near = range(row, min(row + 2, len(self._rows)))
            at = next((at for at in near if self._rows[at] > 0), None)
            self._anchor = (int(self._rows[at]), self.rowViewportPosition(at)) if at is not None else None

    def _listed(self, kept: bool) -> None:
        listing = self._controller.listing
        self.clearSpans()
        for day in listing.day_rows() if listing is not None else ():
            self.setSpan(day, 0, 1, len(Column))
        self._rows = listing.rows if listing is not None else _NO_ROWS
        anchor, self._anchor = self._anchor, None
        row = listing.row_of(anchor[0]) if kept and anchor is not None and listing is not None else None
        if row is None or anchor is None:
            self.scrollToTop()
        else:
            self.verticalScrollBar().setValue(row * self._theme.px(_ROW_PX) - anchor[1])
        self._follow()
        if self._first_wanted:
            self._first_wanted = False
            self.choose_first()

    def _follow(self) -> None:
        """Show the controller's entry as the chosen one."""
        listing, chosen = self._controller.listing, self._controller.chosen
        row = listing.row_of(chosen.id) if listing is not None and chosen is not None else None
        before, self._following = self._following, True
        if row is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif row != self.currentIndex().row() or not self.selectionModel().hasSelection():
            place = self.verticalScrollBar().value()
            self.selectRow(row)
            if not self.hasFocus():
                self.verticalScrollBar().setValue(place)
        self._following = before


class _EntryDelegate(QStyledItemDelegate):
    """Paints a day as a quiet head line, and what no longer holds in the muted colour."""

    def __init__(self, theme: Theme, parent: HistoryList) -> None:
        super().__init__(parent)
        self._theme = theme
        self._font = theme.font(SMALL_PX, tabular=True)
        self._head = theme.font(SMALL_PX, bold=True, tabular=True)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(0, self._theme.px(_ROW_PX))

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Choose font and colour."""
        super().initStyleOption(option, index)
        column = index.column()
        small = column not in (Column.WHAT, Column.IMAGES)
        faint = bool(index.data(FAINT_ROLE)) or small
        if small:
            option.font = self._font
        if faint:
            for role in (QPalette.ColorRole.Text, QPalette.ColorRole.HighlightedText):
                option.palette.setColor(role, self._theme.colour("muted"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a cell."""
        if index.flags() & Qt.ItemFlag.ItemIsEnabled:
            super().paint(painter, option, index)
            return
        theme, rect = self._theme, option.rect
        painter.save()
        painter.fillRect(rect, theme.colour("background"))
        painter.setFont(self._head)
        painter.setPen(theme.colour("muted"))
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(theme.px(11), 0, 0, 0), side, str(index.data() or ""))
        painter.restore()
