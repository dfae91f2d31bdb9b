"""A card: the surface things that belong together stand on."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from desktop_app import theme as looks
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle


class Card(QFrame):
    """A surface with a hairline and round corners; with a `title`, a head line that takes widgets on its right.

    Attributes
    ----------
    body
        The layout to put the content into.
    head
        The head line's layout, or None without a title.
    """

    def __init__(self, theme: Theme, title: str = "", *, padding: int = looks.CARD_PADDING) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.theme = theme
        self.head: QHBoxLayout | None = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*(theme.px(padding),) * 4)
        outer.setSpacing(theme.px(looks.GRID))
        if title:
            self.setAccessibleName(title)
            self.head = QHBoxLayout()
            self.head.addWidget(SectionTitle(title, theme))
            self.head.addStretch(1)
            outer.addLayout(self.head)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(looks.GRID))
        outer.addLayout(self.body, 1)

    def add(self, item: QWidget | QLayout, stretch: int = 0) -> None:
        """Put a widget or a layout at the end of the body."""
        if isinstance(item, QWidget):
            self.body.addWidget(item, stretch)
        else:
            self.body.addLayout(item, stretch)

    def add_to_head(self, widget: QWidget) -> None:
        """Put a widget at the right of the head line; the card must have a title."""
        if self.head is None:
            raise ValueError("a card without a title has no head line")
        self.head.addWidget(widget)
