"""The reliability diagram: how often a prediction that claims a confidence is right (Guo et al. 2017)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.evaluation.calibration import Reliability, reliability
from core.translation import tr
from desktop_app.theme import HEAD_PX, Theme

_BINS = 10


class ReliabilityDiagram(QWidget):
    """Bars of accuracy over confidence, beside the diagonal on which an honest classifier lies."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._found: Reliability | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setAccessibleName(tr("Reliability"))

    def show_predictions(self, probabilities: NDArray[np.float64], y: NDArray[np.int64]) -> None:
        """Show how calibrated (N, K) probabilities are against (N,) labels; none clears it."""
        self._found = reliability(probabilities, y, bins=_BINS) if len(y) else None
        if self._found is not None:
            self.setAccessibleDescription(tr("expected calibration error {n}", n=f"{self._found.error:.3f}"))
        self.update()

    def sizeHint(self) -> QSize:
        """Prefer a low rectangle."""
        return QSize(self._theme.px(320), self._theme.px(190))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes, diagonal and bars."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(HEAD_PX, tabular=True))
        area = QRectF(self.rect()).adjusted(theme.px(46), theme.px(4), -theme.px(4), -theme.px(34))
        self._paint_axes(painter, area)
        if self._found is not None:
            self._paint_bars(painter, area, self._found)
        painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(area.bottomLeft(), area.topRight()))
        painter.end()

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        theme = self._theme
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            painter.setPen(theme.colour("border"))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.colour("muted"))
            box = QRectF(0, y - theme.px(8), area.left() - theme.px(6), theme.px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{100 * share:.0f} %")
            x = area.left() + share * area.width()
            box = QRectF(x - theme.px(24), area.bottom() + theme.px(2), theme.px(48), theme.px(14))
            box.moveRight(min(box.right(), float(self.width())))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{100 * share:.0f} %")
        below = QRectF(area.left(), area.bottom() + theme.px(17), area.width(), theme.px(16))
        painter.drawText(
            below, Qt.AlignmentFlag.AlignCenter, tr("confidence of the prediction; height: how often right")
        )

    def _paint_bars(self, painter: QPainter, area: QRectF, found: Reliability) -> None:
        theme = self._theme
        most = float(found.counts.max()) or 1.0
        width = area.width() / len(found.counts)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, (count, accuracy) in enumerate(zip(found.counts.tolist(), found.accuracy.tolist(), strict=True)):
            if not count or math.isnan(accuracy):
                continue
            colour = theme.colour("accent")
            # A bar of few images says little: it is drawn fainter.
            colour.setAlphaF(0.35 + 0.6 * math.sqrt(count / most))
            painter.setBrush(colour)
            height = accuracy * area.height()
            left = area.left() + index * width
            painter.drawRoundedRect(QRectF(left + 2, area.bottom() - height, width - 4, height), 2, 2)
