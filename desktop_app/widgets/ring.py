"""A small ring that fills with progress, or turns where nobody knows how long it takes."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from desktop_app.theme import Theme

_TURN_MS = 60
_TURN_DEGREES = 24


def paint_ring(painter: QPainter, rect: QRectF, theme: Theme, progress: float | None, turn: int = 0) -> None:
    """Paint a ring into `rect`, filled up to `progress` (0 to 1); None paints an arc at `turn` degrees."""
    width = max(1.5, rect.width() / 7)
    inner = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("border"), width))
    painter.drawEllipse(inner)
    painter.setPen(QPen(theme.colour("accent"), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    start, span = (90, -360 * progress) if progress is not None else (90 - turn, -100)
    if span:
        painter.drawArc(inner, round(start * 16), round(span * 16))
    painter.restore()


class ProgressRing(QWidget):
    """The ring as a widget; it turns only while it is seen."""

    def __init__(self, theme: Theme, size_px: int = 14) -> None:
        super().__init__()
        self._theme = theme
        self._progress: float | None = None
        self._turn = 0
        self.setFixedSize(theme.px(size_px), theme.px(size_px))
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._turn_on)

    def set_progress(self, progress: float | None) -> None:
        """Fill the ring up to `progress` (0 to 1), or let it turn (None)."""
        self._progress = progress
        self._run_timer()
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Start turning, if it turns."""
        self._run_timer()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop turning."""
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        paint_ring(QPainter(self), QRectF(self.rect()), self._theme, self._progress, self._turn)

    def _run_timer(self) -> None:
        if self._progress is None and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _turn_on(self) -> None:
        self._turn = (self._turn + _TURN_DEGREES) % 360
        self.update()
