"""A panel over the window that goes away when the user clicks beside it or presses Esc."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsDropShadowEffect, QVBoxLayout, QWidget

from desktop_app.theme import Theme

Placer = Callable[[QRect, QWidget], QRect]


class Overlay(QWidget):
    """Covers `host` without hiding it, and holds one panel; the focus goes back to where it was.

    Signals
    -------
    closed
        It went away.
    """

    closed = Signal()

    def __init__(self, host: QWidget, theme: Theme, place: Placer) -> None:
        """`place` gets the host's rectangle and the panel, and returns where the panel shall be."""
        super().__init__(host)
        self.host = host
        self._place = place
        self._focus_before: QWidget | None = None
        self.panel = QFrame(self)
        self.panel.setProperty("surface", "popover")
        self.panel.setAutoFillBackground(True)
        shadow = QGraphicsDropShadowEffect(self.panel)
        shadow.setBlurRadius(theme.px(28))
        shadow.setOffset(0, theme.px(6))
        shadow.setColor(QColor(0, 0, 0, 130 if theme.dark else 50))
        self.panel.setGraphicsEffect(shadow)
        self.body = QVBoxLayout(self.panel)
        self.body.setContentsMargins(*(theme.px(8),) * 4)
        self.hide()
        host.installEventFilter(self)

    def open(self, focus: QWidget | None = None) -> None:
        """Show it, with the focus on `focus`."""
        self._focus_before = QApplication.focusWidget()
        self.setGeometry(self.host.rect())
        self.show()
        self.raise_()
        self.arrange()
        (focus or self.panel).setFocus(Qt.FocusReason.PopupFocusReason)

    def close_panel(self) -> None:
        """Hide it and give the focus back."""
        if not self.isVisible():
            return
        self.hide()
        if self._focus_before is not None and self._focus_before.isVisible():
            self._focus_before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._focus_before = None
        self.closed.emit()

    def arrange(self) -> None:
        """Put the panel in its place; after its content changed."""
        self.panel.setGeometry(self._place(self.rect(), self.panel))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the host's size."""
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self.host.rect())
            self.arrange()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Close at a click beside the panel."""
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close_panel()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close at Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            super().keyPressEvent(event)


def fitting_height(panel: QWidget, width: int) -> int:
    """Return the height that a panel's content takes at a width; its size hint guesses another width."""
    return panel.heightForWidth(width) if panel.hasHeightForWidth() else panel.sizeHint().height()
