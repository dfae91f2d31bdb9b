"""Pills as they were painted last: a grid shows a handful of labels on hundreds of tiles."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from desktop_app.theme import Theme
from desktop_app.widgets.label_pill import PILL_HEIGHT_PX, paint_pill
from desktop_app.widgets.sample_grid.tiles import Pill

_MOST: Final = 500
_EDGE_PX: Final = 1


class PaintedPills:
    """Paints pills in `font`, each look once."""

    def __init__(self, theme: Theme, font: QFont) -> None:
        self._theme, self._font = theme, font
        self._pictures: dict[tuple[Pill, int, float], QPixmap] = {}

    def paint(self, painter: QPainter, left: float, bottom: float, pill: Pill, room: float) -> float:
        """Paint a pill with its lower left corner there, at most `room` px wide; return its height."""
        look = (pill, int(room), painter.device().devicePixelRatioF())
        picture = self._pictures.get(look)
        if picture is None:
            if len(self._pictures) >= _MOST:
                self._pictures.clear()
            picture = self._pictures[look] = self._painted(*look)
        height = PILL_HEIGHT_PX * self._theme.scale
        painter.drawPixmap(QPointF(left - _EDGE_PX, bottom - height - _EDGE_PX), picture)
        return height

    def _painted(self, pill: Pill, room: int, ratio: float) -> QPixmap:
        scale = self._theme.scale
        height = PILL_HEIGHT_PX * scale
        width_px, height_px = max(1, room) + 2 * _EDGE_PX, math.ceil(height) + 2 * _EDGE_PX
        picture = QPixmap(round(width_px * ratio), round(height_px * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        corner = QPointF(_EDGE_PX, _EDGE_PX + height)
        hollow = self._theme if pill.suggested else None
        paint_pill(
            painter,
            corner,
            pill.text,
            pill.colour,
            pill.glyph,
            self._font,
            max_width=room,
            scale=scale,
            hollow=hollow,
        )
        painter.end()
        return picture
