"""A chip that is one filter: what it lets through, a way to change that, and a way to take it off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import set_property
from desktop_app.widgets.chips import Chip

_CLEAR_PX: Final = 24
_LONGEST: Final = 22


class FilterChip(Chip):
    """One filter; while it is on, its right end takes it off again (so does Del)."""

    def __init__(self, theme: Theme, name: str, opened: Callable[[], object], cleared: Callable[[], object]) -> None:
        super().__init__(name, opened)
        self._theme, self._name, self._cleared, self.on = theme, name, cleared, False
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # puts the icon behind the text
        self.setIconSize(QSize(theme.px(12), theme.px(12)))
        self.show_values([])

    def show_values(self, values: Sequence[str]) -> None:
        """Show what the filter lets through; nothing means that it is off."""
        self.on = bool(values)
        words = ", ".join(values)
        if len(words) > _LONGEST:
            words = words[: _LONGEST - 1] + "…" if len(values) == 1 else tr("{n} chosen", n=len(values))
        content = f"{self._name}: {words}" if values else self._name
        # The text is laid out from right to left, in which marks such as “<” would move to the other end.
        self.setText(f"\N{LEFT-TO-RIGHT MARK}{content}\N{LEFT-TO-RIGHT MARK}\N{THIN SPACE}".replace("&", "&&"))
        self.setIcon(self._theme.icon("close" if self.on else "chevron-down", "accent" if self.on else "muted"))
        self.setAccessibleName(f"{self._name}: {', '.join(values)}" if values else self._name)
        self.setToolTip(
            tr("{filter} – click to change, × to clear.", filter=self.accessibleName())
            if self.on
            else tr("Filter by {name}", name=self._name)
        )
        set_property(self, "on", self.on)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """At the right end: off; else open the choices."""
        if self.on and event.position().x() >= self.width() - self._theme.px(_CLEAR_PX):
            self.setDown(False)
            self._cleared()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del and Backspace take it off; they never reach the page, where they would mean the selection."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if self.on:
                self._cleared()
        else:
            super().keyPressEvent(event)
