"""The status bar: what there is on the left, the last edit and its undo on the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout

from core.translation import tr
from desktop_app import theme as looks
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button
from desktop_app.widgets.elided import ElidedLabel


class StatusBar(QFrame):
    """Counts; the last edit with its undo."""

    def __init__(self, theme: Theme, on_undo: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("statusBar")
        self.setFixedHeight(theme.px(looks.STATUS_BAR_HEIGHT))
        self._left = ElidedLabel("", "small")
        self._right = ElidedLabel("", "small")
        self._right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._undo = button(tr("Undo"), on_undo, kind="link", name=tr("Undo the last edit"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(14), 0, theme.px(10), 0)
        layout.setSpacing(theme.px(6))
        layout.addWidget(self._left, 3)
        layout.addWidget(self._right, 2)
        layout.addWidget(self._undo)
        self.show_edit("", "")

    def show_counts(self, content: str) -> None:
        """Show what there is."""
        self._left.set_full_text(content)

    def show_edit(self, content: str, undo_text: str) -> None:
        """Show the last edit, and offer its undo named `undo_text`; empty where there is none."""
        self._right.set_full_text(content)
        self._undo.setVisible(bool(undo_text))
        self._undo.setToolTip(undo_text)
        self._undo.setAccessibleName(undo_text or tr("Undo"))
