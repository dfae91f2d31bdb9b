"""Asks before one label is merged into another, and says what that does."""

from __future__ import annotations

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget

from core.translation import tr, tr_n
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.overlay import Overlay, fitting_height


class MergePanel(Overlay):
    """Signals: `accepted`, the labels shall be merged."""

    accepted = Signal()

    def __init__(self, host: QWidget, theme: Theme, name: str, into: str, images: int, below: int) -> None:
        """`images` have the label `name`, and `below` labels are below it."""
        super().__init__(host, theme, self._middle)
        self._theme = theme
        self.words = [
            tr("No image has the label “{name}”.", name=name)
            if not images
            else tr_n(
                "{n} image labelled “{name}” becomes “{into}”.",
                "{n} images labelled “{name}” become “{into}”.",
                images,
                name=name,
                into=into,
            ),
            tr("“{name}” leaves the list of labels.", name=name),
        ]
        if below:
            self.words.append(
                tr_n(
                    "{n} label below it moves below “{into}”.",
                    "{n} labels below it move below “{into}”.",
                    below,
                    into=into,
                )
            )
        self.words.append(tr("Undo brings it all back."))
        self.merge = button(tr("Merge"), self._accept, kind="primary")
        px = theme.px
        self.body.setContentsMargins(px(18), px(16), px(18), px(16))
        self.body.setSpacing(px(8))
        self.body.addWidget(text(tr("Merge “{name}” into “{into}”?", name=name, into=into), "subtitle", wrap=True))
        for line in self.words:
            self.body.addWidget(text(line, wrap=True))
        self.body.addSpacing(px(6))
        self.body.addLayout(row(None, button(tr("Cancel"), self.close_panel), self.merge))
        self.closed.connect(self.deleteLater)

    def _accept(self) -> None:
        self.close_panel()
        self.accepted.emit()

    def _middle(self, room: QRect, panel: QWidget) -> QRect:
        width = min(self._theme.px(380), room.width() - 32)
        height = fitting_height(panel, width)
        return QRect((room.width() - width) // 2, (room.height() - height) // 3, width, height)
