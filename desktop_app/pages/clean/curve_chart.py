"""A learning curve: how well a label is known with growing numbers of its images, and where more would lead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.translation import tr
from desktop_app.theme import HEAD_PX, Theme

_HEIGHT_PX = 150
_Place = Callable[[tuple[float, float]], QPointF]


@dataclass(frozen=True, slots=True)
class Learning:
    """Points (images, F1) that were measured, and the one expected with more images with its interval, if known."""

    points: tuple[tuple[float, float], ...]
    expected: tuple[float, float] | None = None
    low: float | None = None
    high: float | None = None


class CurveChart(QWidget):
    """Paints the curve; hidden without one."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._learning: Learning | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_curve(self, learning: Learning | None) -> None:
        """Show a curve, or none."""
        self._learning = learning
        self.setVisible(learning is not None)
        if learning is not None:
            said = ", ".join(f"{count:,.0f}: {f1:.2f}" for count, f1 in learning.points)
            self.setAccessibleName(tr("F1 by number of images: {points}", points=said))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the chart's size."""
        return QSize(self._theme.px(320), self._theme.px(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes, curve and expectation."""
        learning = self._learning
        if learning is None or not learning.points:
            return
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(px(40), px(10), min(self.width(), px(520)) - px(90), self.height() - px(44))
        reach = max([count for count, _ in learning.points] + ([learning.expected[0]] if learning.expected else []))
        low, high = _levels(learning)

        def at(point: tuple[float, float]) -> QPointF:
            share = (point[1] - low) / (high - low)
            return QPointF(area.left() + area.width() * point[0] / reach, area.bottom() - area.height() * share)

        self._axes(painter, area, reach, (low, high))
        line = QPolygonF([at(point) for point in learning.points])
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawPolyline(line)
        painter.setBrush(theme.colour("accent"))
        for point in learning.points:
            painter.drawEllipse(at(point), px(3), px(3))
        if learning.expected is not None:
            self._expected(painter, at(learning.points[-1]), at, learning)

    def _expected(self, painter: QPainter, last: QPointF, at: _Place, learning: Learning) -> None:
        theme, px, expected = self._theme, self._theme.px, learning.expected
        assert expected is not None
        painter.setPen(QPen(theme.colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.drawLine(last, at(expected))
        if learning.low is not None and learning.high is not None:
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.drawLine(at((expected[0], learning.low)), at((expected[0], learning.high)))
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.setBrush(theme.colour("surface"))
        painter.drawEllipse(at(expected), px(4), px(4))

    def _axes(self, painter: QPainter, area: QRectF, reach: float, levels: tuple[float, float]) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font(HEAD_PX, tabular=True))
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - area.height() * share
            painter.setPen(QPen(theme.colour("border"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.colour("muted"))
            level = levels[0] + share * (levels[1] - levels[0])
            box = QRectF(0, y - px(8), area.left() - px(6), px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{level:.2f}")
        below = QRectF(area.left(), area.bottom() + px(4), area.width(), px(16))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{reach:,.0f}")
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, tr("images of the label · F1"))


def _levels(learning: Learning) -> tuple[float, float]:
    values: Sequence[float] = [f1 for _, f1 in learning.points]
    more = [one for one in (learning.low, learning.high) if one is not None]
    if learning.expected is not None:
        more.append(learning.expected[1])
    low, high = min([*values, *more]), max([*values, *more])
    air = max(0.05, 0.15 * (high - low))
    return max(0.0, low - air), min(1.0, high + air)
