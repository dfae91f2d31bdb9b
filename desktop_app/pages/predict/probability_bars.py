"""All probabilities of one image, as bars in the colours of the labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.kit.metadata import KitLabel
from desktop_app.pages.predict.tiles import percent
from desktop_app.theme import Theme
from desktop_app.widgets.label_pill import paint_glyph

_ROW_PX: Final = 34
_BAR_PX: Final = 5


class ProbabilityBars(QWidget):
    """Rows of glyph, name and probability over a bar."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[tuple[KitLabel, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rows(self, rows: Sequence[tuple[KitLabel, float]]) -> None:
        """Show these (label, probability) pairs, in this order."""
        self._rows = list(rows)
        self.setAccessibleName(", ".join(f"{label.name} {percent(value)}" for label, value in rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of the rows."""
        return QSize(self._theme.px(200), self._theme.px(_ROW_PX) * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, (label, value) in enumerate(self._rows):
            self._row(painter, index * self._theme.px(_ROW_PX), label, value, first=index == 0)

    def _row(self, painter: QPainter, top: int, label: KitLabel, value: float, *, first: bool) -> None:
        px, theme, width = self._theme.px, self._theme, self.width()
        line = QRectF(0, top, width, px(20))
        paint_glyph(painter, QRectF(0.5, line.center().y() - px(5), px(10), px(10)), label.glyph, label.colour)
        number = percent(value)
        painter.setFont(theme.font(bold=first, tabular=True))
        metrics = QFontMetrics(painter.font())
        room = width - px(18) - metrics.horizontalAdvance(number) - px(8)
        name = metrics.elidedText(label.name, Qt.TextElideMode.ElideRight, room)
        painter.setPen(theme.colour("text"))
        painter.drawText(line.adjusted(px(18), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(theme.colour("text" if first else "muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)
        track = QRectF(0, top + px(22), width, px(_BAR_PX))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        track.setWidth(width * value)
        if track.width() >= 1:
            painter.setBrush(QColor(label.colour))
            radius = min(track.height(), track.width()) / 2
            painter.drawRoundedRect(track, radius, radius)
