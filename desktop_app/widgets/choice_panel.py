"""A small panel of choices to tick, with a line to search them where they are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core.domain.fuzzy import ranked
from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.overlay import Overlay

SEARCH_FROM: Final = 9
MOST_SHOWN: Final = 100
_ROW_PX: Final = 30
_CHOICE: Final = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: a value, its text, perhaps an icon, how many have it, and how deep it stands in a tree."""

    value: object
    text: str
    icon: QIcon | None = None
    count: int | None = None
    depth: int = 0


Find = Callable[[str], Sequence[Choice]]
"""Answers the choices that a text finds, the best first; all of them (or the first `MOST_SHOWN` + 1) for no text."""


def among(choices: Sequence[Choice]) -> Find:
    """Return a search among few choices."""
    return lambda typed: ranked(typed, choices, lambda choice: choice.text)


class ChoicePanel(Overlay):
    """Opens below `anchor`; tells `changed` the values ticked, and those that must not be, after every tick.

    Attributes
    ----------
    single
        Whether at most one can be ticked; then a tick also closes the panel.
    """

    def __init__(
        self,
        host: QWidget,
        anchor: QWidget,
        theme: Theme,
        title: str,
        find: Find,
        changed: Callable[[list[object], list[object]], object],
        *,
        ticked: Sequence[object] = (),
        barred: Sequence[object] = (),
        can_bar: bool = False,
    ) -> None:
        """With `can_bar`, a tick with Alt, or while “Not” is on, says that the value must not be."""
        super().__init__(host, theme, self._place_below)
        self._anchor, self._theme, self._find, self._changed = anchor, theme, find, changed
        # In the order in which they were ticked: that is how they stand in what is made of them.
        self._ticked, self._barred = dict.fromkeys(ticked), dict.fromkeys(barred)
        self._can_bar = can_bar
        every = find("")
        self._many = len(every) >= SEARCH_FROM
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("Search"))
        self._search.setAccessibleName(tr("Search"))
        self._search.setVisible(self._many)
        self._search.textChanged.connect(self._fill)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_CountDelegate(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self._toggle)
        self.list.itemActivated.connect(self._toggle)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.list)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(lambda: self._toggle(self.list.currentItem()))
        self.bar = QCheckBox(tr("Not these"))
        self.bar.setToolTip(tr("What is ticked now is kept out; Alt and a click does the same."))
        self.bar.setVisible(can_bar)
        self.body.addWidget(self._search)
        self.body.addWidget(self.list)
        self.body.addWidget(self.bar)
        self.closed.connect(self.deleteLater)
        self.single = False
        self._fill()

    def open_panel(self) -> None:
        """Show it, ready to be typed into or ticked."""
        self.open(self._search if self._many else self.list)
        if not self._many and self.list.count():
            self.list.setCurrentRow(0)

    def _place_below(self, room: QRect, panel: QWidget) -> QRect:
        px = self._theme.px
        width = px(280)
        rows = min(max(1, self.list.count()), 10)
        extra = px(64 if self._search.isVisibleTo(panel) else 24) + (px(30) if self._can_bar else 0)
        corner = self.mapFromGlobal(self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + px(4))))
        left = min(corner.x(), room.width() - width - px(8))
        height = min(rows * px(_ROW_PX) + extra, room.height() - px(16))
        return QRect(left, min(corner.y(), room.height() - height - px(8)), width, height)

    def _fill(self) -> None:
        typed = self._search.text().strip()
        found = list(self._find(typed))
        if not typed and len(found) > SEARCH_FROM:
            # Those ticked come first: with a thousand groups they would otherwise be out of sight.
            known = {choice.value for choice in found}
            chosen = [value for value in (*self._ticked, *self._barred) if value not in known]
            found = [*(Choice(value, str(value)) for value in chosen), *found]
            found.sort(key=lambda choice: choice.value not in self._ticked and choice.value not in self._barred)
        self.list.clear()
        for choice in found[:MOST_SHOWN]:
            self.list.addItem(self._item(choice, nested=not typed))
        if len(found) > MOST_SHOWN:
            rest = QListWidgetItem(tr("There are more: type to search"))
            rest.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(rest)

    def _item(self, choice: Choice, *, nested: bool) -> QListWidgetItem:
        item = QListWidgetItem()
        if choice.icon is not None:
            item.setIcon(choice.icon)
        item.setData(_CHOICE, choice)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self._show_state(item, "\N{EM SPACE}" * 2 * choice.depth if nested else "")
        return item

    def _show_state(self, item: QListWidgetItem, indent: str) -> None:
        choice: Choice = item.data(_CHOICE)
        barred = choice.value in self._barred
        item.setText(indent + (tr("not {value}", value=choice.text) if barred else choice.text))
        state = Qt.CheckState.Checked if choice.value in self._ticked else Qt.CheckState.Unchecked
        item.setCheckState(Qt.CheckState.PartiallyChecked if barred else state)
        amount = f", {choice.count:,}" if choice.count is not None else ""
        item.setData(Qt.ItemDataRole.AccessibleTextRole, item.text().strip() + amount)

    def _toggle(self, item: QListWidgetItem | None) -> None:
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        alt = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.AltModifier)
        choice: Choice = item.data(_CHOICE)
        bars = self._can_bar and (alt or self.bar.isChecked())
        into, other = (self._barred, self._ticked) if bars else (self._ticked, self._barred)
        was = choice.value in into
        if self.single:
            self._ticked.clear()
            self._barred.clear()
        other.pop(choice.value, None)
        into.pop(choice.value, None)
        if not was:
            into[choice.value] = None
        indent = item.text()[: len(item.text()) - len(item.text().lstrip("\N{EM SPACE}"))]
        self._show_state(item, indent)
        self._changed(list(self._ticked), list(self._barred))
        if self.single:
            self.close_panel()


class _CountDelegate(QStyledItemDelegate):
    """The usual row, with how many at its right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row."""
        choice: Choice | None = index.data(_CHOICE)
        if choice is None or choice.count is None:
            super().paint(painter, option, index)
            return
        amount, px = f"{choice.count:,}", self._theme.px
        font = self._theme.font(tabular=True)
        painter.save()
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        width = painter.fontMetrics().horizontalAdvance(amount) + px(12)
        where = option.rect.adjusted(0, 0, -px(8), 0)
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, amount)
        painter.restore()
        option.rect.setRight(option.rect.right() - width)
        super().paint(painter, option, index)
