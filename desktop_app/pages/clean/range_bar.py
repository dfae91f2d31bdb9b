"""A measured value against the usual range of the data set, as a bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.translation import tr
from desktop_app.theme import SMALL_PX, Theme

_HEIGHT_PX = 76
_NAME_PX = 22
_BAR_PX = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """A value, and the range in which nine in ten values of the data set lie; `name` says of what."""

    name: str
    value: float
    low: float
    high: float


class RangeBar(QWidget):
    """Paints the range as a field and the value as a mark; hidden without a measure.

    Attributes
    ----------
    shown_name
        As much of what was measured as there is room for.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._measure: Measure | None = None
        self.shown_name = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_measure(self, measure: Measure | None) -> None:
        """Show a measure, or nothing."""
        self._measure = measure
        self.setVisible(measure is not None)
        if measure is not None:
            self.setAccessibleName(
                tr(
                    "{name}: {value}, usually {low} to {high}",
                    name=measure.name,
                    value=number_words(measure.value),
                    low=number_words(measure.low),
                    high=number_words(measure.high),
                )
            )
            self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the name anew."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Return the bar's size."""
        return QSize(self._theme.px(200), self._theme.px(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the axis, the range and the value."""
        measure = self._measure
        if measure is None:
            return
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axis = QRectF(px(6), px(_NAME_PX + 22), self.width() - px(12), px(_BAR_PX))
        at = _scale(measure, axis)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("sunken"))
        painter.drawRoundedRect(axis, px(4), px(4))
        usual = QRectF(at(measure.low), axis.top(), max(2.0, at(measure.high) - at(measure.low)), axis.height())
        painter.setBrush(theme.colour("border_strong"))
        painter.drawRoundedRect(usual, px(3), px(3))
        x = at(measure.value)
        painter.setBrush(theme.colour("bad"))
        top = axis.top() - px(8)
        tip = QPolygonF([QPointF(x, axis.top()), QPointF(x - px(5), top), QPointF(x + px(5), top)])
        painter.drawPolygon(tip)
        painter.setPen(QPen(theme.colour("bad"), 2))
        painter.drawLine(QPointF(x, axis.top() - 1), QPointF(x, axis.bottom() + 1))
        self._words(painter, measure, axis, x, usual)

    def _fit(self) -> None:
        """Write as much of the name as there is room for; the whole is told where the pointer rests."""
        full = self._measure.name if self._measure is not None else ""
        metrics = QFontMetrics(self._theme.font(SMALL_PX))
        self.shown_name = metrics.elidedText(full, Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(full if self.shown_name != full else "")

    def _words(self, painter: QPainter, measure: Measure, axis: QRectF, x: float, usual: QRectF) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font(SMALL_PX))
        painter.setPen(theme.colour("muted"))
        painter.drawText(QRectF(0, 0, self.width(), px(_NAME_PX - 4)), Qt.AlignmentFlag.AlignVCenter, self.shown_name)
        painter.setFont(theme.font(SMALL_PX, bold=True, tabular=True))
        painter.setPen(theme.colour("bad"))
        _centred(painter, number_words(measure.value), x, px(_NAME_PX), px(14), self.width())
        painter.setFont(theme.font(SMALL_PX, tabular=True))
        painter.setPen(theme.colour("muted"))
        words = tr("usual {low} – {high}", low=number_words(measure.low), high=number_words(measure.high))
        _centred(painter, words, usual.center().x(), axis.bottom() + px(3), px(18), self.width())


def number_words(value: float) -> str:
    """Return a measured number in three figures."""
    if value and (abs(value) >= 1e9 or abs(value) < 0.001):
        return f"{value:.1e}".replace("-", "−")
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}".replace("-", "−")


def _scale(measure: Measure, axis: QRectF) -> Callable[[float], float]:
    """Return where a value stands: on an axis that holds the range and the value with some air."""
    low, high = min(measure.low, measure.value), max(measure.high, measure.value)
    air = 0.08 * (high - low) or 1.0
    start, span = low - air, high - low + 2 * air

    def at(value: float) -> float:
        return axis.left() + axis.width() * (value - start) / span

    return at


def _centred(painter: QPainter, words: str, x: float, top: float, height: float, room: int) -> None:
    width = painter.fontMetrics().horizontalAdvance(words)
    left = min(max(0.0, x - width / 2), max(0.0, room - width))
    painter.drawText(QRectF(left, top, width + 2, height), Qt.AlignmentFlag.AlignVCenter, words)
