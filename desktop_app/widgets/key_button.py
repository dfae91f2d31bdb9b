"""A push button that shows its key as a cap, such as “Exclude [Del]”."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton

from desktop_app.theme import Theme
from desktop_app.widgets.basics import KeyCap, row, text


class KeyButton(QPushButton):
    """A button whose text stands beside the cap of the key that does the same; the key itself is not installed."""

    def __init__(
        self, theme: Theme, content: str, key: str, clicked: Callable[[], object], *, primary: bool = False
    ) -> None:
        super().__init__()
        self._label, cap = text(content, "on_accent" if primary else ""), KeyCap(key)
        if primary:
            self.setProperty("kind", "primary")
        for part in (self._label, cap):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inside = row(self._label, cap, spacing=theme.px(8))
        inside.setContentsMargins(theme.px(10), 0, theme.px(8), 0)
        self.setLayout(inside)
        self.setAccessibleName(content)
        self.setToolTip(f"{content} ({key})")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # The keyboard stays where it is: a click here is followed by more work in the grid.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: clicked())

    def set_content(self, content: str) -> None:
        """Change what the button says."""
        self._label.setText(content)
        self.setAccessibleName(content)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size that text and cap need."""
        layout = self.layout()
        inside = layout.sizeHint() if layout is not None else QSize()
        return QSize(inside.width(), max(super().sizeHint().height(), inside.height()))

    def minimumSizeHint(self) -> QSize:
        """Return the same size: neither part can be left out."""
        return self.sizeHint()
