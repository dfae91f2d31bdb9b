"""Rings around points that are selected or in question."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from desktop_app.theme import Theme
from desktop_app.widgets.map.view import MapView


def paint_rings(
    painter: QPainter,
    theme: Theme,
    view: MapView,
    positions: NDArray[np.float32],
    colour: str,
    radius_px: float,
    width_px: float,
) -> None:
    """Draw a ring in the theme's `colour` around each of a few points (n, 2) of the map; around none at NaN."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour(colour), width_px * theme.scale))
    reach = theme.px(radius_px)
    for x, y in view.to_screen(positions[np.isfinite(positions).all(axis=1)]).tolist():
        painter.drawEllipse(QPointF(x, y), reach, reach)
