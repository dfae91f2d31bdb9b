"""The message bar: what went wrong or what was done, above the page, without stopping anybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, clear, icon_button, row, set_property, text

_INFORMATION_MS = 7000
_READ_MS = 3000


class MessageBar(QFrame):
    """One message at a time. Information goes away by itself; what went wrong stays until it is closed.

    It goes with the page too, once there was time to read it: on another page it would speak of what is not there.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self._theme = theme
        self._picture = QLabel()
        self._text = text("", wrap=True, selectable=True)
        self._since = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(7), theme.px(10), theme.px(7))
        layout.setSpacing(theme.px(10))
        layout.addWidget(self._picture)
        layout.addWidget(self._text, 1)
        self._links = row(spacing=theme.px(4))
        layout.addLayout(self._links)
        self._copy = icon_button(theme.icon("copy"), tr("Copy this message"), self._copy_text)
        layout.addWidget(self._copy)
        layout.addWidget(icon_button(theme.icon("close"), tr("Close this message"), self.hide))
        self.hide()

    @property
    def message(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, message: str, links: Sequence[tuple[str, Callable[[], object]]] = ()) -> None:
        """Show information for a while; with links to what it speaks of, until it is closed or the page changes."""
        self._show(message, "info", "accent")
        for words, go in links:
            self._links.addWidget(button(words, go, kind="link"))
        if links:
            self._timer.stop()
        else:
            self._timer.start(_INFORMATION_MS)

    def warn(self, message: str) -> None:
        """Show what went wrong, until it is closed."""
        self._show(message, "error", "bad")
        self._timer.stop()

    def leave_page(self) -> None:
        """Another page comes: take away what was there to be read."""
        if self._since.isValid() and self._since.elapsed() >= _READ_MS:
            self.hide()

    def _show(self, message: str, icon: str, colour: str) -> None:
        clear(self._links)
        self._picture.setPixmap(self._theme.pixmap(icon, 18, colour))
        self._text.setText(message)
        self.setAccessibleName(message)
        self._copy.setVisible(colour == "bad")
        set_property(self, "tone", colour)
        self._since.start()
        self.show()

    def _copy_text(self) -> None:
        QApplication.clipboard().setText(self._text.text())
