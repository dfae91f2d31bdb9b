"""A histogram with a window over it, whose two ends are dragged or moved with the arrow keys."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.theme import Theme

HEIGHT_PX: Final = 56
_GRIP_PX: Final = 8
_STEPS: Final = 256


class Histogram(QWidget):
    """Counts over a range of values, and the window [low, high] in it.

    ← → move the low end, with Shift the high one.

    Signals
    -------
    window_changed
        (low, high), by the user.
    """

    window_changed = Signal(float, float)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._counts: NDArray[np.float64] = np.zeros(1)
        self._range = self._window = (0.0, 1.0)
        self._whole = True
        self._colour = theme.colour("muted")
        self._held: int | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_counts(self, counts: NDArray[np.int64], low: float, high: float, *, whole: bool) -> None:
        """Show how many values lie in each part of [`low`, `high`]; `whole`: values are whole numbers."""
        # The square root lets the rare values be seen beside a background of millions.
        self._counts, self._whole = np.sqrt(counts.astype(np.float64)), whole
        self._range = (low, high if high > low else low + 1)
        self.update()

    def set_window(self, low: float, high: float, colour: QColor) -> None:
        """Show a window, and the colour that its high end becomes."""
        self._window, self._colour = (low, high), colour
        self.setAccessibleDescription(f"{low:g} – {high:g}")
        self.update()

    @property
    def window_shown(self) -> tuple[float, float]:
        """The window."""
        return self._window

    def sizeHint(self) -> QSize:
        """Return the size it likes."""
        return QSize(self._theme.px(220), self._theme.px(HEIGHT_PX))

    def _span(self) -> tuple[float, float]:
        """Return the values at the left and the right edge: all that occur, and the window."""
        return min(self._range[0], self._window[0]), max(self._range[1], self._window[1])

    def _x_of(self, value: float) -> float:
        low, high = self._span()
        return _GRIP_PX / 2 + (value - low) / (high - low) * (self.width() - _GRIP_PX)

    def _value_at(self, x: float) -> float:
        low, high = self._span()
        value = low + (x - _GRIP_PX / 2) / max(1, self.width() - _GRIP_PX) * (high - low)
        return float(round(value)) if self._whole else value

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the counts, the window and its two ends."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._theme.colour("accent" if self.hasFocus() else "border"), 1))
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(area, self._theme.px(4), self._theme.px(4))
        low, high = (self._x_of(value) for value in self._window)
        inside = self._theme.colour("accent_background")
        painter.fillRect(QRectF(low, 1, max(1.0, high - low), self.height() - 2), inside)
        self._paint_counts(painter)
        for x in (low, high):
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawLine(QPointF(x, 2), QPointF(x, self.height() - 2))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawRoundedRect(QRectF(x - 3, self.height() / 2 - 8, 6, 16), 3, 3)

    def _paint_counts(self, painter: QPainter) -> None:
        top = float(self._counts.max()) if len(self._counts) else 0.0
        if top <= 0:
            return
        floor, reach = self.height() - 2.0, self.height() - 8.0
        edges = np.linspace(*self._range, len(self._counts) + 1)
        outline = [QPointF(self._x_of(float(edges[0])), floor)]
        for index, count in enumerate(self._counts):
            height = floor - reach * float(count) / top
            outline += [QPointF(self._x_of(float(edges[at])), height) for at in (index, index + 1)]
        outline.append(QPointF(self._x_of(float(edges[-1])), floor))
        painter.setPen(Qt.PenStyle.NoPen)
        field = QColor(self._theme.colour("muted"))
        field.setAlphaF(0.75)
        painter.setBrush(field)
        painter.drawPolygon(QPolygonF(outline))
        painter.fillRect(QRectF(self._x_of(self._window[1]) - 3, 1, 6, 4), self._colour)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the nearer end."""
        x = event.position().x()
        low, high = (self._x_of(value) for value in self._window)
        self._held = 0 if abs(x - low) < abs(x - high) or (low == high and x < low) else 1
        self._move(self._held, self._value_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the end that is held."""
        x = event.position().x()
        near = min(abs(x - self._x_of(value)) for value in self._window) <= _GRIP_PX
        self.setCursor(Qt.CursorShape.SizeHorCursor if near or self._held is not None else Qt.CursorShape.ArrowCursor)
        if self._held is not None:
            self._move(self._held, self._value_at(x))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move an end by a step of the range."""
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
            return
        low, high = self._span()
        step = max(1.0, round((high - low) / _STEPS)) if self._whole else (high - low) / _STEPS
        end = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0
        self._move(end, self._window[end] + direction * step)

    def _move(self, end: int, value: float) -> None:
        low, high = self._span()
        least = 1.0 if self._whole else (high - low) / 1e4
        value = min(max(value, low), high)
        window = (
            (min(value, self._window[1] - least), self._window[1])
            if end == 0
            else (
                self._window[0],
                max(value, self._window[0] + least),
            )
        )
        if window != self._window:
            self._window = window
            self.update()
            self.window_changed.emit(*window)
