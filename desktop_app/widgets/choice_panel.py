"""A small panel of choices to tick, with a line to search them where they are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.overlay import Overlay

_SEARCH_FROM: Final = 9
_MOST_SHOWN: Final = 300
_ROW_PX: Final = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: a value, its text, perhaps an icon, and whether it is ticked."""

    value: object
    text: str
    ticked: bool
    icon: QIcon | None = None


class ChoicePanel(Overlay):
    """Opens below `anchor`; tells `changed` the values ticked, in the order of the choices, after every tick.

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
        choices: Sequence[Choice],
        changed: Callable[[list[object]], object],
    ) -> None:
        super().__init__(host, theme, self._place_below)
        self._anchor, self._theme, self._choices, self._changed = anchor, theme, list(choices), changed
        self._ticked = {choice.value for choice in choices if choice.ticked}
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("Search"))
        self._search.setAccessibleName(tr("Search"))
        self._search.setVisible(len(choices) >= _SEARCH_FROM)
        self._search.textChanged.connect(self._fill)
        self.list = QListWidget()
        self.list.setAccessibleName(title)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._toggle)
        self.list.itemActivated.connect(self._toggle)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.list)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(lambda: self._toggle(self.list.currentItem()))
        self.body.addWidget(self._search)
        self.body.addWidget(self.list)
        self.closed.connect(self.deleteLater)
        self.single = False
        self._fill()

    def open_panel(self) -> None:
        """Show it, ready to be typed into or ticked."""
        many = len(self._choices) >= _SEARCH_FROM
        self.open(self._search if many else self.list)
        if not many and self.list.count():
            self.list.setCurrentRow(0)

    def _place_below(self, room: QRect, panel: QWidget) -> QRect:
        width = self._theme.px(260)
        rows = min(max(1, self.list.count()), 10)
        extra = self._theme.px(64 if self._search.isVisibleTo(panel) else 24)
        height = rows * self._theme.px(_ROW_PX) + extra
        corner = self.mapFromGlobal(self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + self._theme.px(4))))
        left = min(corner.x(), room.width() - width - self._theme.px(8))
        top = min(corner.y(), room.height() - height - self._theme.px(8))
        return QRect(left, top, width, height)

    def _fill(self) -> None:
        wanted = self._search.text().casefold()
        found = [choice for choice in self._choices if wanted in choice.text.casefold()]
        # Those ticked come first: with a thousand groups they would otherwise be out of sight.
        if len(found) > _SEARCH_FROM:
            found.sort(key=lambda choice: choice.value not in self._ticked)
        self.list.clear()
        for choice in found[:_MOST_SHOWN]:
            item = QListWidgetItem(choice.text)
            if choice.icon is not None:
                item.setIcon(choice.icon)
            item.setData(Qt.ItemDataRole.UserRole, self._choices.index(choice))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(_check(choice.value in self._ticked))
            self.list.addItem(item)
        if len(found) > _MOST_SHOWN:
            rest = QListWidgetItem(tr("{n} more: type to search", n=f"{len(found) - _MOST_SHOWN:,}"))
            rest.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(rest)

    def _toggle(self, item: QListWidgetItem | None) -> None:
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        choice = self._choices[item.data(Qt.ItemDataRole.UserRole)]
        others = set() if self.single else self._ticked - {choice.value}
        self._ticked = others if choice.value in self._ticked else others | {choice.value}
        item.setCheckState(_check(choice.value in self._ticked))
        self._changed([choice.value for choice in self._choices if choice.value in self._ticked])
        if self.single:
            self.close_panel()


def _check(ticked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
