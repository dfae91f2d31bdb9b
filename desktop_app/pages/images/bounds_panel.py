"""Small panels that are typed into: from … to …, and a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QLineEdit, QSlider, QWidget

from desktop_app.theme import Theme
from desktop_app.widgets.basics import row, set_property, text
from desktop_app.widgets.overlay import Overlay

_WIDTH_PX: Final = 280


class TypedPanel(Overlay):
    """Fields below `anchor`; what is typed is used at once where it is understood, and marked where it is not.

    `use` is told the texts of the fields; it raises `ValueError` where they are not understood. Enter closes.
    """

    def __init__(
        self,
        host: QWidget,
        anchor: QWidget,
        theme: Theme,
        fields: list[tuple[str, str, str]],
        use: Callable[[list[str]], object],
        *,
        hint: str = "",
        upper_percent: bool = False,
    ) -> None:
        """`fields` are (name, content, placeholder); with `upper_percent` a slider moves the last from 0 to 1."""
        super().__init__(host, theme, self._place_below)
        self._anchor, self._theme, self._use = anchor, theme, use
        self.fields: list[QLineEdit] = []
        self.slider: QSlider | None = None
        width = max(self.fontMetrics().horizontalAdvance(name) for name, _, _ in fields) + theme.px(8)
        for name, content, placeholder in fields:
            field = QLineEdit(content)
            field.setPlaceholderText(placeholder)
            field.setAccessibleName(name)
            field.setClearButtonEnabled(True)
            field.textEdited.connect(self._changed)
            field.returnPressed.connect(self.close_panel)
            caption = text(name, "muted")
            caption.setMinimumWidth(width)
            self.body.addLayout(row(caption, field))
            self.fields.append(field)
        if upper_percent:
            self._add_slider()
        if hint:
            self.body.addWidget(text(hint, "small", wrap=True))
        self.closed.connect(self.deleteLater)

    def open_panel(self) -> None:
        """Show it, ready to be typed into."""
        self.open(self.fields[0])
        self.fields[0].selectAll()

    def _add_slider(self) -> None:
        self.slider = slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, 100)
        slider.setAccessibleName(self.fields[-1].accessibleName())
        try:
            slider.setValue(round(float(self.fields[-1].text()) * 100))
        except ValueError:
            slider.setValue(100)
        slider.valueChanged.connect(self._slid)
        self.body.addWidget(slider)

    def _slid(self, value: int) -> None:
        self.fields[-1].setText(f"{value / 100:g}" if value < 100 else "")
        self._changed()

    def _changed(self) -> None:
        try:
            self._use([field.text() for field in self.fields])
            wrong = False
        except ValueError:
            wrong = True
        for field in self.fields:
            set_property(field, "invalid", wrong and bool(field.text()))

    def _place_below(self, room: QRect, panel: QWidget) -> QRect:
        px = self._theme.px
        corner = self.mapFromGlobal(self._anchor.mapToGlobal(QPoint(0, self._anchor.height() + px(4))))
        width = px(_WIDTH_PX)
        height = self.body.heightForWidth(width) if self.body.hasHeightForWidth() else panel.sizeHint().height()
        return QRect(min(corner.x(), room.width() - width - px(8)), corner.y(), width, height)
