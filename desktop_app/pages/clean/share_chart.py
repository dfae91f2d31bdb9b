"""A few bars with their names and amounts: how labels are spread over something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.theme import SMALL_PX, Theme

_ROW_PX = 24
_NAME_PX = 150


@dataclass(frozen=True, slots=True)
class Bar:
    """One line: its name, its parts as (share of the whole width 0 to 1, colour), and the amount in words.

    An empty colour is the accent.
    """

    name: str
    parts: tuple[tuple[float, str], ...]
    amount: str = ""


class ShareChart(QWidget):
    """Bars, each a line; hidden without any."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these."""
        self._bars = tuple(bars)
        self.setVisible(bool(bars))
        self.setAccessibleName("; ".join(f"{bar.name} {bar.amount}" for bar in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of all lines."""
        return QSize(self._theme.px(320), self._theme.px(_ROW_PX) * len(self._bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint names, bars and amounts."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(SMALL_PX, tabular=True))
        metrics = painter.fontMetrics()
        widest = max((metrics.horizontalAdvance(bar.name) for bar in self._bars), default=0)
        names = min(widest + px(8), px(_NAME_PX))
        amounts = max((metrics.horizontalAdvance(bar.amount) for bar in self._bars), default=0) + px(8)
        room = max(px(40), self.width() - names - amounts)
        for number, bar in enumerate(self._bars):
            top = number * px(_ROW_PX)
            line = QRectF(0, top, names - px(8), px(_ROW_PX))
            painter.setPen(theme.colour("text"))
            shown = metrics.elidedText(bar.name, Qt.TextElideMode.ElideMiddle, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
            self._paint_bar(painter, bar, QRectF(names, top + px(8), room, px(8)))
            painter.setPen(theme.colour("muted"))
            right = QRectF(names + room + px(8), top, amounts, px(_ROW_PX))
            painter.drawText(right, Qt.AlignmentFlag.AlignVCenter, bar.amount)

    def _paint_bar(self, painter: QPainter, bar: Bar, area: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        left = area.left()
        for share, colour in bar.parts:
            width = area.width() * min(1.0, max(0.0, share))
            if width <= 0:
                continue
            painter.setBrush(QColor(colour) if colour else self._theme.colour("accent"))
            painter.drawRoundedRect(QRectF(left, area.top(), max(width, 2.0), area.height()), 2, 2)
            left += width
