"""The rows of the history as a table model; entries that are not here yet are blank until they come."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.domain.edits import EditState
from core.store.history import Entry
from core.translation import mark, tr
from desktop_app.pages.history.controller import HistoryController
from desktop_app.pages.history.words import (
    day_words,
    images_words,
    moment_words,
    state_words,
    time_words,
    tool_words,
    what_words,
)

SHORT_HASH: Final = 8
FAINT_ROLE: Final = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
_NOTHING = QModelIndex()


class Column(IntEnum):
    """The columns, from left to right."""

    WHEN = 0
    WHAT = 1
    IMAGES = 2
    WHO = 3
    TOOL = 4
    STATE = 5
    HASH = 6


TITLES: Final = {
    Column.WHEN: mark("Time"),
    Column.WHAT: mark("What"),
    Column.IMAGES: mark("Images"),
    Column.WHO: mark("Who"),
    Column.TOOL: mark("With"),
    Column.STATE: mark("State"),
    Column.HASH: mark("Seal"),
}


class HistoryModel(QAbstractTableModel):
    """A row for each day and each entry under it."""

    def __init__(self, controller: HistoryController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        controller.listed.connect(self._reset)
        controller.loaded.connect(self._loaded)

    def rowCount(self, parent: Index = _NOTHING) -> int:
        """Return how many rows there are."""
        listing = self._controller.listing
        return 0 if parent.isValid() or listing is None else len(listing.rows)

    def columnCount(self, parent: Index = _NOTHING) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(Column)

    def is_day(self, row: int) -> bool:
        """Whether a row is where a day begins."""
        listing = self._controller.listing
        return listing is not None and bool(listing.rows[row] < 0)

    def entry(self, row: int) -> Entry | None:
        """Return the entry of a row, if it is here."""
        return self._controller.entry_at(row)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Days cannot be chosen."""
        if index.isValid() and self.is_day(index.row()):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(TITLES[Column(section)])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(Column(section))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        listing = self._controller.listing
        if listing is None or not index.isValid():
            return None
        column = Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        number = int(listing.rows[index.row()])
        if number < 0:
            shown = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return day_words(listing.days[-1 - number]) if shown and column is Column.WHEN else None
        entry = self._controller.entry_at(index.row())
        if entry is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(entry, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(entry, column)
        if role == FAINT_ROLE:
            return self._faint(entry)
        return None

    def _text(self, entry: Entry, column: Column) -> str:
        match column:
            case Column.WHEN:
                return time_words(entry.at)
            case Column.WHAT:
                return what_words(entry)
            case Column.IMAGES:
                return images_words(entry)
            case Column.WHO:
                return entry.user
            case Column.TOOL:
                return tool_words(entry.tool)
            case Column.STATE:
                return self._state(entry)
            case Column.HASH:
                return entry.hash[:SHORT_HASH]

    def _tip(self, entry: Entry, column: Column) -> str:
        if column is Column.HASH:
            return entry.hash
        if column is Column.WHEN:
            return tr("{moment}, entry {entry}", moment=moment_words(entry.at), entry=entry.id)
        return what_words(entry) if column is Column.WHAT else ""

    def _state(self, entry: Entry) -> str:
        listing = self._controller.listing
        by = listing.taken_back.get(entry.edit.id) if listing is not None else None
        return state_words(entry.edit, by) if entry.action == "edit" else ""

    def _faint(self, entry: Entry) -> bool:
        """What no longer holds, and what only undid or redid something, is faint."""
        return entry.action != "edit" or entry.edit.state is not EditState.DONE or bool(self._state(entry))

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _loaded(self) -> None:
        rows = self.rowCount()
        if rows:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, len(Column) - 1))


def _side(column: Column) -> int:
    side = Qt.AlignmentFlag.AlignRight if column is Column.IMAGES else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
