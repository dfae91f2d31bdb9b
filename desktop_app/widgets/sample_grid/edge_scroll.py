"""Scrolling on while a rubber band is drawn beyond the edge of what is in sight."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QAbstractScrollArea

from desktop_app.widgets.sample_grid.mouse import MouseSelection

_TICK_MS: Final = 30


class EdgeScroll(QObject):
    """Scrolls `area` by how far the pointer is outside of it, as long as `mouse` draws a band."""

    def __init__(self, area: QAbstractScrollArea, mouse: MouseSelection) -> None:
        super().__init__(area)
        self._area, self._mouse = area, mouse
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._scroll)

    def follow(self, point: QPoint) -> None:
        """Scroll on while the pointer, in the viewport, is outside of it."""
        outside = not 0 <= point.y() < self._area.viewport().height()
        if outside and self._mouse.banding:
            self._timer.start()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Scroll no more."""
        self._timer.stop()

    def _scroll(self) -> None:
        viewport, bar = self._area.viewport(), self._area.verticalScrollBar()
        point = viewport.mapFromGlobal(self._area.cursor().pos())
        overshoot = point.y() if point.y() < 0 else point.y() - viewport.height()
        bar.setValue(bar.value() + overshoot // 2 + (2 if overshoot > 0 else -2))
        self._mouse.move(QPoint(point.x(), point.y() + bar.value()))
        viewport.update()
