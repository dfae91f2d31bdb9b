"""The glyphs of labels, drawn as shapes, so that they look alike whatever fonts the system has."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF


def draw_glyph(painter: QPainter, glyph: str, box: QRectF, colour: QColor) -> None:
    """Draw a label's glyph into `box`; one that is not a known shape is drawn as text."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = _shape(glyph)
    if path is None:
        painter.setPen(colour)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, glyph)
    else:
        painter.translate(box.center())
        painter.scale(box.width() / 2, box.height() / 2)
        hollow = glyph == "○"
        painter.setPen(QPen(colour, 0.3) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
        painter.drawPath(path)
    painter.restore()


@lru_cache(maxsize=16)
def _shape(glyph: str) -> QPainterPath | None:
    """Return the shape within the unit circle, or None."""
    path = QPainterPath()
    match glyph:
        case "■":
            path.addRoundedRect(QRectF(-0.85, -0.85, 1.7, 1.7), 0.15, 0.15)
        case "●":
            path.addEllipse(QPointF(), 0.95, 0.95)
        case "○":
            path.addEllipse(QPointF(), 0.8, 0.8)
        case "▲":
            path.addPolygon(QPolygonF([QPointF(0, -0.9), QPointF(1, 0.85), QPointF(-1, 0.85)]))
        case "◆":
            path.addPolygon(_ring(4, (1.05,)))
        case "★":
            path.addPolygon(_ring(10, (1.1, 0.5)))
        case "✚":
            path.setFillRule(Qt.FillRule.WindingFill)
            path.addRect(QRectF(-0.34, -1, 0.68, 2))
            path.addRect(QRectF(-1, -0.34, 2, 0.68))
        case "⬟":
            path.addPolygon(_ring(5, (1.05,)))
        case "⬢":
            path.addPolygon(_ring(6, (1.05,)))
        case _:
            return None
    path.closeSubpath()
    return path


def _ring(corners: int, radii: Iterable[float]) -> QPolygonF:
    radii = tuple(radii)
    points = []
    for i in range(corners):
        angle, radius = 2 * math.pi * i / corners - math.pi / 2, radii[i % len(radii)]
        points.append(QPointF(radius * math.cos(angle), radius * math.sin(angle)))
    return QPolygonF(points)
