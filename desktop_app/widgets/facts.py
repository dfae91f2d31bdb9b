"""A list of facts whose values change: names on the left, values on the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.wrapped import WrappedLabel


class FactList(QWidget):
    """Names and values; rows are made as they are needed and used again."""

    def __init__(self, theme: Theme, *, name_width_px: int = 84, yielding: bool = False) -> None:
        """A `yielding` list fits any width: long values, such as paths, wrap anywhere, and long names are elided."""
        super().__init__()
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._yielding = yielding
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(GRID))
        self._grid.setVerticalSpacing(theme.px(4))
        self._grid.setColumnMinimumWidth(0, theme.px(name_width_px))
        self._grid.setColumnStretch(1, 1)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these (name, value) pairs instead of those before."""
        while len(self._rows) < len(facts):
            pair = self._pair()
            self._grid.addWidget(pair[0], len(self._rows), 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(pair[1], len(self._rows), 1, Qt.AlignmentFlag.AlignTop)
            self._rows.append(pair)
        for index, (name, value) in enumerate(self._rows):
            shown = index < len(facts)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                if isinstance(name, ElidedLabel):
                    name.set_full_text(facts[index][0])
                else:
                    name.setText(facts[index][0])
                value.setText(facts[index][1])

    def _pair(self) -> tuple[QLabel, QLabel]:
        if self._yielding:
            return ElidedLabel("", "small", Qt.TextElideMode.ElideMiddle), WrappedLabel("", "value")
        return text("", "small"), text("", "value", wrap=True, selectable=True)
