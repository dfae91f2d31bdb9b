"""What a page shows when it has nothing to show: what this place is for, and the button that does the next thing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app import theme as looks
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, text


class EmptyState(QWidget):
    """An icon, a title, a sentence, and up to two buttons, in the middle of the space there is."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        explanation: str,
        action: str = "",
        on_action: Callable[[], object] | None = None,
        *,
        second: str = "",
        on_second: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        picture = QLabel()
        picture.setPixmap(theme.pixmap(icon, 40))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        heading, sentence = text(title, "subtitle"), text(explanation, "muted", wrap=True)
        heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        sentence.setFixedWidth(theme.px(400))
        sentence.ensurePolished()
        sentence.setMinimumHeight(sentence.heightForWidth(theme.px(400)))
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.px(looks.GRID))
        layout.addStretch(2)
        layout.addWidget(picture)
        layout.addWidget(heading)
        layout.addWidget(sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        buttons = []
        if action:
            self.button = button(action, on_action, kind="primary")
            buttons.append(self.button)
        if second:
            buttons.append(button(second, on_second))
        if buttons:
            layout.addSpacing(theme.px(looks.GRID))
            layout.addLayout(row(None, *buttons, None))
        layout.addStretch(3)
