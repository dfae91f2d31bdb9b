"""What the pointer does on a map: dragging moves it or draws a lasso, a click selects, hovering looks at a point."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from desktop_app.widgets.map.lasso import Combine, Lasso, combine_of
from desktop_app.widgets.map.view import MapView


class Pointed(Protocol):
    """What of a map the pointer needs; as `desktop_app.widgets.map.plot.PointMap` has it."""

    view: MapView

    @property
    def lasso(self) -> Lasso: ...  # noqa: D102
    @property
    def lassoing(self) -> bool: ...  # noqa: D102
    def update(self) -> None: ...  # noqa: D102
    def move_by(self, dx: float, dy: float) -> None: ...  # noqa: D102
    def hover_at(self, x: float, y: float) -> None: ...  # noqa: D102
    def point_at(self, x: float, y: float) -> int: ...  # noqa: D102
    def select(self, rows: NDArray[np.int64], combine: Combine) -> None: ...  # noqa: D102
    def close_lasso(self, combine: Combine) -> None: ...  # noqa: D102


class MapMouse:
    """Follows the pointer; within `slack_px` of where it was pressed, it clicks and does not drag."""

    def __init__(self, plot: Pointed, slack_px: int) -> None:
        self._map, self._slack_px = plot, slack_px
        self._pressed: QPointF | None = None
        self._moved = False

    @property
    def pressed(self) -> bool:
        """Whether a button is held."""
        return self._pressed is not None

    def press(self, event: QMouseEvent) -> None:
        """Begin to move the map, or a lasso."""
        at = event.position()
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = at
            combine = combine_of(event.modifiers())
            if self._map.lassoing or combine is not Combine.REPLACE:
                self._map.lasso.begin(self._map.view, at, combine)
        elif event.button() is Qt.MouseButton.MiddleButton:
            self._pressed = at

    def move(self, event: QMouseEvent) -> None:
        """Move the map, draw the lasso, or look at a point."""
        plot, at = self._map, event.position()
        if self._pressed is None:
            plot.hover_at(at.x(), at.y())
        elif plot.lasso.active and plot.lasso.cross is None:
            plot.lasso.draw_to(plot.view, at)
            plot.update()
        elif self._moved or (at - self._pressed).manhattanLength() > self._slack_px:
            plot.move_by(at.x() - self._pressed.x(), at.y() - self._pressed.y())
            self._pressed, self._moved = at, True

    def release(self, event: QMouseEvent) -> None:
        """Select what the lasso is around, or what was clicked."""
        if self._pressed is None:
            return
        plot, at, moved = self._map, event.position(), self._moved
        self._pressed, self._moved = None, False
        if len(plot.lasso.corners) >= 3:
            plot.close_lasso(plot.lasso.combine)
        elif not moved and event.button() is Qt.MouseButton.LeftButton:
            plot.lasso.clear()
            found = plot.point_at(at.x(), at.y())
            combine = combine_of(event.modifiers())
            if found >= 0 or combine is Combine.REPLACE:
                plot.select(np.array([found] if found >= 0 else [], dtype=np.int64), combine)
        plot.update()
