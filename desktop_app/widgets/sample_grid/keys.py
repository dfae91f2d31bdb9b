"""What the keyboard does to a grid: pure steps over the layout, and the table of keys that take them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from desktop_app.widgets.sample_grid.layout import GridLayout
from desktop_app.widgets.sample_grid.state import GridState

Key = Qt.Key
_CONTROL: Final = Qt.KeyboardModifier.ControlModifier
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_OTHER: Final = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def step(key: int, current: int, layout: GridLayout, rows_per_page: int) -> int | None:
    """Return where a key leads from `current`, or None where it is no key of movement."""
    last = layout.count - 1
    match key:
        case Key.Key_Left:
            return max(0, current - 1)
        case Key.Key_Right:
            return min(last, current + 1)
        case Key.Key_Up:
            return layout.by_rows(current, -1)
        case Key.Key_Down:
            return layout.by_rows(current, 1)
        case Key.Key_PageUp:
            return layout.by_rows(current, -rows_per_page)
        case Key.Key_PageDown:
            return layout.by_rows(current, rows_per_page)
        case Key.Key_Home:
            return 0
        case Key.Key_End:
            return last
        case _:
            return None


def handle_key(event: QKeyEvent, state: GridState, layout: GridLayout, rows_per_page: int) -> bool:
    """Move or select as the key says; return whether it was a key of the grid."""
    if event.modifiers() & _OTHER or not len(state):
        return False
    control = bool(event.modifiers() & _CONTROL)
    target = step(event.key(), max(0, state.current), layout, rows_per_page)
    if target is not None:
        extend = bool(event.modifiers() & _SHIFT)
        steps = event.key() not in (Key.Key_Home, Key.Key_End)
        state.move_to(target, extend=extend, keep=control and steps and not extend)
        return True
    if not control:
        return False
    match event.key():
        case Key.Key_A:
            state.select_all()
        case Key.Key_D:
            state.select_none()
        case Key.Key_I:
            state.invert()
        case Key.Key_Space if state.current >= 0:
            state.toggle(state.current)
        case _:
            return False
    return True
