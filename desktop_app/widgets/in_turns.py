"""Doing several things one after the other, each in a turn of the event loop of its own, with frames between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer


class InTurns(QObject):
    """Does the parts in their order, one in each of the next turns: all of them at once would take longer than a frame.

    Ends with its `parent`.
    """

    def __init__(self, parts: Iterable[Callable[[], object]], parent: QObject) -> None:
        super().__init__(parent)
        self._left = deque(parts)
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._next)
        if self._left:
            self._timer.start()

    @property
    def ended(self) -> bool:
        """Whether all of it is done."""
        return not self._left

    def finish(self) -> None:
        """Do what is left, now."""
        while self._left:
            self._next()

    def _next(self) -> None:
        part = self._left.popleft()
        if not self._left:
            self._timer.stop()
        part()
