"""A map without a pointer: arrows move it, or the cross that draws a lasso corner by corner."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from desktop_app.widgets.map.lasso import Combine, Lasso, combine_of
from desktop_app.widgets.map.view import MapView

_MOVES: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_CLOSES: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_LARGER: Final = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
_LEAP_PX: Final = 60
_STEP_PX: Final = 12
_FINE_PX: Final = 3


class Moved(Protocol):
    """What keys are for: `desktop_app.widgets.map.plot.PointMap`, whose methods these are."""

    view: MapView

    @property
    def lasso(self) -> Lasso: ...  # noqa: D102
    @property
    def lassoing(self) -> bool: ...  # noqa: D102
    @property
    def selected_rows(self) -> NDArray[np.int64]: ...  # noqa: D102
    def update(self) -> None: ...  # noqa: D102
    def move_by(self, dx: float, dy: float) -> None: ...  # noqa: D102
    def zoom_by(self, steps: float) -> None: ...  # noqa: D102
    def reset(self) -> None: ...  # noqa: D102
    def switch_lasso(self) -> None: ...  # noqa: D102
    def close_lasso(self, combine: Combine) -> None: ...  # noqa: D102
    def select_none(self) -> None: ...  # noqa: D102
    def hover_at(self, x: float, y: float) -> None: ...  # noqa: D102


class MapKeys:
    """What keys do on a map.

    Arrows move the map, + and − zoom, Home shows all of it, L switches the lasso. With the lasso on, arrows move a
    cross (Ctrl: finely, Shift: far), Space puts a corner, Backspace takes it away, and Enter selects what is inside:
    Shift adds it, Alt takes it away. Esc gives up the lasso, then the selection.
    """

    def __init__(self, plot: Moved) -> None:
        self._map = plot

    def wants(self, event: QKeyEvent) -> bool:
        """Say whether a key is for the map, though it may be a shortcut of the page as well."""
        key, lasso = Qt.Key(event.key()), self._map.lasso
        plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key in _MOVES or (plain and key in (*_LARGER, Qt.Key.Key_Minus, Qt.Key.Key_Home, Qt.Key.Key_L)):
            return True
        if key is Qt.Key.Key_Escape:
            return lasso.active or bool(len(self._map.selected_rows))
        return lasso.cross is not None and key in (*_CLOSES, Qt.Key.Key_Space, Qt.Key.Key_Backspace)

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key says; False where it says nothing."""
        if not self.wants(event):
            return False
        key = Qt.Key(event.key())
        if key in _MOVES:
            self._arrow(*_MOVES[key], event.modifiers())
        elif key in _CLOSES:
            self._map.close_lasso(combine_of(event.modifiers()))
        else:
            self._others(key)
        self._map.update()
        return True

    def _others(self, key: Qt.Key) -> None:
        plot = self._map
        if key in _LARGER:
            plot.zoom_by(2)
        elif key is Qt.Key.Key_Minus:
            plot.zoom_by(-2)
        elif key is Qt.Key.Key_Home:
            plot.reset()
        elif key is Qt.Key.Key_L:
            plot.switch_lasso()
        elif key is Qt.Key.Key_Space:
            plot.lasso.put_corner()
        elif key is Qt.Key.Key_Backspace:
            plot.lasso.take_corner()
        elif plot.lasso.active:
            plot.lasso.clear()
        else:
            plot.select_none()

    def _arrow(self, dx: int, dy: int, modifiers: Qt.KeyboardModifier) -> None:
        if not self._map.lassoing:
            self._map.move_by(-dx * _LEAP_PX, -dy * _LEAP_PX)
            return
        step = _STEP_PX
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            step = _FINE_PX
        elif modifiers & Qt.KeyboardModifier.ShiftModifier:
            step = _LEAP_PX
        self._map.hover_at(*self._map.lasso.move_cross(self._map.view, dx * step, dy * step))
