"""A command to copy: what it does, the line itself, and a button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import icon_button, text
from desktop_app.widgets.elided import ElidedLabel


class CommandLine(QWidget):
    """One line for a terminal, on a sunken field."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._purpose = text("", "muted")
        self._purpose.setMinimumWidth(theme.px(60))
        self._line = ElidedLabel("", "mono")
        self._line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = icon_button(theme.icon("copy"), tr("Copy"), self._copy)
        field = QFrame()
        field.setProperty("surface", "sunken")
        inside = QHBoxLayout(field)
        inside.setContentsMargins(theme.px(10), theme.px(3), theme.px(4), theme.px(3))
        inside.addWidget(self._line, 1)
        inside.addWidget(self.copy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addWidget(self._purpose)
        layout.addWidget(field, 1)

    def show_command(self, purpose: str, line: str) -> None:
        """Show a command and what it is for."""
        self._purpose.setText(purpose)
        self._line.set_full_text(line)
        self.copy.setAccessibleName(tr("Copy: {line}", line=line))
        self.copy.setIcon(self._theme.icon("copy"))
        self.copy.setToolTip(tr("Copy"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._line.full_text)
        self.copy.setIcon(self._theme.icon("check", "good"))
        self.copy.setToolTip(tr("Copied"))
