"""What the mouse does to a grid: click, Ctrl, Shift, the rubber band, and dragging the selection away.

A press on a selected tile may become a drag; a press anywhere else that moves becomes a rubber band, because tiles
stand close together and sweeping over many is what people do most.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPen
from PySide6.QtWidgets import QWidget

from desktop_app.theme import Theme
from desktop_app.widgets.sample_grid.layout import GridLayout
from desktop_app.widgets.sample_grid.state import GridState

_ADDING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class MouseSelection:
    """Turns presses, moves and releases, in pixels of the content, into selections of `state`."""

    def __init__(self, state: GridState, layout: Callable[[], GridLayout], start_drag: Callable[[], None]) -> None:
        self._state, self._layout, self._start_drag = state, layout, start_drag
        self._origin: QPoint | None = None
        self._base: NDArray[np.bool_] | None = None
        self._drags = False
        self._click = -1
        self.band = QRect()

    def press(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """The left button went down."""
        item = self._layout().at(point.x(), point.y())
        self._origin, self.band, self._click = point, QRect(), -1
        self._base = self._state.mask() if modifiers & _ADDING else None
        self._drags = not modifiers & _ADDING and item >= 0 and self._state.is_selected(item)
        if item < 0:
            if not modifiers & _ADDING:
                self._state.select_none()
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._state.extend_to(item)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._state.toggle(item)
        elif self._drags:
            # A click inside the selection takes it down to one, but only on release: it may be a drag of all.
            self._click = item
            self._state.set_current(item)
        else:
            self._state.select_only(item)

    def move(self, point: QPoint) -> None:
        """The pointer moved with the button down."""
        if self._origin is None:
            return
        far = (point - self._origin).manhattanLength() >= QGuiApplication.styleHints().startDragDistance()
        if self.band.isNull() and not far:
            return
        self._click = -1
        if self._drags:
            self._origin = None
            self._start_drag()
            return
        self.band = QRect(self._origin, point).normalized()
        layout = self._layout()
        indexes = layout.touching(self.band.left(), self.band.top(), self.band.right(), self.band.bottom())
        self._state.select_indexes(indexes, base=self._base)

    def release(self) -> None:
        """The button went up."""
        if self._click >= 0:
            self._state.select_only(self._click)
        self._origin, self.band, self._click = None, QRect(), -1

    @property
    def banding(self) -> bool:
        """Whether a rubber band is being drawn."""
        return self._origin is not None and not self.band.isNull()

    def paint_band(self, viewport: QWidget, theme: Theme, scrolled: int) -> None:
        """Paint the rubber band, if there is one."""
        if not self.banding:
            return
        painter = QPainter(viewport)
        accent = theme.colour("accent")
        painter.setPen(QPen(accent, 1))
        accent.setAlphaF(0.14)
        painter.setBrush(accent)
        painter.drawRect(self.band.translated(0, -scrolled))
