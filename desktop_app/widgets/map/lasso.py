"""A lasso: the line being drawn around points, with the pointer or corner by corner with the keyboard."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from desktop_app.theme import Theme
from desktop_app.widgets.map.view import MapView

_STEP_PX = 2.0


class Combine(StrEnum):
    """What becomes of the selection: what the lasso holds, that as well, or without that."""

    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


def combine_of(modifiers: Qt.KeyboardModifier) -> Combine:
    """Return what the keys held say: Shift to add, Alt to take away."""
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return Combine.REMOVE
    return Combine.ADD if modifiers & Qt.KeyboardModifier.ShiftModifier else Combine.REPLACE


class Lasso:
    """The line so far, in units of the map: it stays around what it is around when the map is moved.

    Attributes
    ----------
    cross
        Where the keyboard's cross is, in units of the map; None while the keyboard does not draw.
    combine
        What is to become of the selection.
    """

    def __init__(self) -> None:
        self._corners: list[tuple[float, float]] = []
        self.cross: tuple[float, float] | None = None
        self.combine = Combine.REPLACE

    @property
    def active(self) -> bool:
        """Whether anything is being drawn."""
        return bool(self._corners) or self.cross is not None

    @property
    def corners(self) -> NDArray[np.float64]:
        """(C, 2) in units of the map."""
        return np.array(self._corners, dtype=np.float64).reshape(-1, 2)

    def begin(self, view: MapView, at: QPointF, combine: Combine) -> None:
        """Begin a line at a point of the widget."""
        self._corners, self.cross, self.combine = [view.to_map(at.x(), at.y())], None, combine

    def draw_to(self, view: MapView, at: QPointF) -> None:
        """Go on to a point of the widget."""
        last = self._corners[-1]
        here = view.to_map(at.x(), at.y())
        if max(abs(here[0] - last[0]), abs(here[1] - last[1])) * view.scale >= _STEP_PX:
            self._corners.append(here)

    def clear(self) -> None:
        """Draw nothing any more."""
        self._corners, self.cross = [], None

    # -- with the keyboard

    def move_cross(self, view: MapView, dx: float, dy: float) -> tuple[float, float]:
        """Move the cross by pixels of the widget, from its middle at first; return where it is in the widget."""
        width, height = view.room
        if self.cross is None:
            at = (width / 2, height / 2)
        else:
            [[x, y]] = view.to_screen(np.array([self.cross], dtype=np.float32))
            at = (min(max(x + dx, 0.0), float(width)), min(max(y + dy, 0.0), float(height)))
        self.cross = view.to_map(*at)
        return at

    def put_corner(self) -> None:
        """Put a corner where the cross is."""
        if self.cross is not None:
            self._corners.append(self.cross)

    def take_corner(self) -> None:
        """Take the last corner away."""
        del self._corners[-1:]

    # -- painting

    def paint(self, painter: QPainter, view: MapView, theme: Theme) -> None:
        """Draw the line as it is, closed by a fainter piece, and the cross."""
        accent = theme.colour("bad" if self.combine is Combine.REMOVE else "accent")
        points = self._corners if self.cross is None or not self._corners else [*self._corners, self.cross]
        placed = view.to_screen(np.array(points, dtype=np.float32).reshape(-1, 2)).tolist()
        line = QPolygonF([QPointF(x, y) for x, y in placed])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = QColor(accent)
        field.setAlphaF(0.12)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(field)
        painter.drawPolygon(line, Qt.FillRule.WindingFill)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, theme.px(1.5)))
        painter.drawPolyline(line)
        if len(points) > 2:
            painter.setPen(QPen(accent, theme.px(1), Qt.PenStyle.DashLine))
            painter.drawLine(line.last(), line.first())
        if self.cross is not None:
            self._paint_cross(painter, view, theme, accent)

    def _paint_cross(self, painter: QPainter, view: MapView, theme: Theme, accent: QColor) -> None:
        assert self.cross is not None
        [[x, y]] = view.to_screen(np.array([self.cross], dtype=np.float32)).tolist()
        arm = theme.px(9)
        # Twice, so that it is seen on points of any colour.
        for colour, width in ((theme.colour("surface"), 4.0), (accent, 2.0)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x - arm, y), QPointF(x + arm, y))
            painter.drawLine(QPointF(x, y - arm), QPointF(x, y + arm))
