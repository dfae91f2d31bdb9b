"""The sheet of keys (``?``), made from the actions table and the keys of the page that is shown."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.theme import Theme
from desktop_app.widgets.basics import KeyCap, SectionTitle, clear, column, icon_button, row, text
from desktop_app.widgets.overlay import Overlay

# What stands before the point in an action's id, and how the sheet names it.
GROUPS: Final = {
    "go": mark("Go to"),
    "project": mark("Project"),
    "edit": mark("Editing"),
    "view": mark("View"),
    "help": mark("Help"),
}


class KeySheet(Overlay):
    """All keys that work now, in groups."""

    def __init__(self, host: QWidget, theme: Theme) -> None:
        super().__init__(host, theme, self._middle)
        self._theme = theme
        self._groups = QVBoxLayout()
        self.panel.setAccessibleName(tr("Keys"))
        self.body.setContentsMargins(*(theme.px(20),) * 4)
        close = icon_button(theme.icon("close"), tr("Close"), self.close_panel)
        self.body.addLayout(row(text(tr("Keys"), "subtitle"), None, close))
        self.body.addSpacing(theme.px(8))
        self.body.addLayout(self._groups)
        self.body.addStretch(1)

    def show_actions(
        self, actions: Sequence[Action], page_title: str, most_used: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Show the keys of `actions`, those of no known group as the page's, and its `most_used`: words, keys."""
        clear(self._groups)
        grouped: dict[str, list[Action]] = {}
        for action in actions:
            if action.shown_shortcut:
                prefix = action.id.split(".")[0]
                grouped.setdefault(tr(GROUPS[prefix]) if prefix in GROUPS else page_title, []).append(action)
        tables = [(title, _lines(group)) for title, group in grouped.items()] + [(tr("Most used"), list(most_used))]
        columns = [column(spacing=self._theme.px(6)) for _ in range(3)]
        heights = [0] * len(columns)
        for title, rows in sorted(filter(lambda table: table[1], tables), key=lambda table: -len(table[1])):
            shortest = heights.index(min(heights))
            columns[shortest].addWidget(SectionTitle(title, self._theme))
            columns[shortest].addLayout(self._table(rows))
            columns[shortest].addSpacing(self._theme.px(12))
            heights[shortest] += len(rows) + 2
        side_by_side = QHBoxLayout()
        side_by_side.setSpacing(self._theme.px(32))
        for filled in columns:
            filled.addStretch(1)
            side_by_side.addLayout(filled)
        self._groups.addLayout(side_by_side)
        self.open()

    def _table(self, lines: Sequence[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._theme.px(16))
        grid.setVerticalSpacing(self._theme.px(5))
        grid.setColumnStretch(0, 1)
        for index, (words, keys) in enumerate(lines):
            grid.addWidget(text(words), index, 0)
            grid.addWidget(KeyCap(keys), index, 1, Qt.AlignmentFlag.AlignRight)
        return grid

    def _middle(self, area: QRect, panel: QWidget) -> QRect:
        wanted = panel.sizeHint().width()
        width = min(max(self._theme.px(860), wanted), area.width() - 32)
        height = min(panel.sizeHint().height(), area.height() - 32)
        return QRect((area.width() - width) // 2, (area.height() - height) // 2, width, height)


def _lines(actions: Sequence[Action]) -> list[tuple[str, str]]:
    """Return what is done and its keys.

    Actions of one name in a row (the saved views) are one line, first to last, and none where none can be done.
    """
    named = ((words, list(same)) for words, same in itertools.groupby(actions, key=_text))
    return [
        (words, _keys([one.shown_shortcut for one in same]))
        for words, same in named
        if len(same) == 1 or any(one.enabled_when() for one in same)
    ]


def _keys(keys: Sequence[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{keys[0]} … {keys[-1].split('+')[-1]}"


def _text(action: Action) -> str:
    """Return what a key does: in general, but for the pages, which are named by their label only."""
    return action.shown_text if action.id.startswith("go.") else tr(action.text)
