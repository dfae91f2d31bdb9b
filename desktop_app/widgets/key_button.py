"""A push button that shows its key as a cap, such as “Exclude [Del]”."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton

from desktop_app.theme import Theme
from desktop_app.widgets.basics import KeyCap, row, text

_WIDEST_PX = 240


class KeyButton(QPushButton):
    """A button whose text stands beside the cap of the key that does the same; the key itself is not installed."""

    def __init__(
        self,
        theme: Theme,
        content: str,
        key: str,
        clicked: Callable[[], object],
        *,
        primary: bool = False,
        widest_px: int = _WIDEST_PX,
    ) -> None:
        """`widest_px` is the width beyond which its words are elided, where they are not brief."""
        super().__init__()
        self._widest = theme.px(widest_px)
        self._label, cap = text(content, "on_accent" if primary else ""), KeyCap(key)
        if primary:
            self.setProperty("kind", "primary")
        for part in (self._label, cap):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme, self._key = theme, key
        inside = row(self._label, cap, spacing=theme.px(7))
        inside.setContentsMargins(theme.px(10), 0, theme.px(7), 0)
        self.setLayout(inside)
        self.set_content(content)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # The keyboard stays where it is: a click here is followed by more work in the grid.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: clicked())

    def set_content(self, content: str, shown: str | None = None) -> None:
        """Change what the button says; `shown` is written on it instead where there is little room."""
        room = self._widest if shown is None else self._theme.px(_WIDEST_PX)
        self._label.setText(_elided(self._label, content if shown is None else shown, room))
        self.setAccessibleName(content)
        self.setToolTip(f"{content} ({self._key})" if content else "")
        self.updateGeometry()

    def set_icon(self, name: str) -> None:
        """Write an icon on the button, not its words."""
        self._label.setPixmap(self._theme.pixmap(name, 16, "text"))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size that text and cap need."""
        layout = self.layout()
        inside = layout.sizeHint() if layout is not None else QSize()
        return QSize(inside.width(), max(super().sizeHint().height(), inside.height()))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: neither part can be left out."""
        return self.sizeHint()


def _elided(label: QLabel, content: str, room: int) -> str:
    """Return words as long as there is room for them on a label: the name of a label can be any length."""
    return label.fontMetrics().elidedText(content, Qt.TextElideMode.ElideMiddle, room)
