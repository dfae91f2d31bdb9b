"""What is drawn over the picture: the lines between pixels, the values in them, and the scale bar."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from core.images.pyramid import PixelSource, Value
from desktop_app.theme import SMALL_PX, Theme
from desktop_app.widgets.image_canvas.scale_bar import scale_bar
from desktop_app.widgets.image_canvas.viewport import Viewport

LINES_FROM_SCALE: Final = 20.0
VALUES_FROM_SCALE: Final = 40.0
_BAR_SHARE: Final = 0.25
_BAR_LONGEST_PX: Final = 220


def value_text(value: Value) -> str:
    """Return a pixel's value as it is shown: whole numbers whole, others with five digits."""
    return str(value) if isinstance(value, int) else f"{value:.5g}"


def paint_pixel_lines(painter: QPainter, view: Viewport, *, dark: bool) -> None:
    """Draw the lines between pixels."""
    colour = QColor(255, 255, 255, 56) if dark else QColor(0, 0, 0, 46)
    painter.setPen(QPen(colour, 0))
    seen = view.seen()
    top_left, bottom_right = view.to_widget(seen.left(), seen.top()), view.to_widget(seen.right(), seen.bottom())
    lines = []
    for x in range(math.ceil(seen.left()), math.floor(seen.right()) + 1):
        at = view.to_widget(x, 0).x()
        lines.append(QLineF(at, top_left.y(), at, bottom_right.y()))
    for y in range(math.ceil(seen.top()), math.floor(seen.bottom()) + 1):
        at = view.to_widget(0, y).y()
        lines.append(QLineF(top_left.x(), at, bottom_right.x(), at))
    painter.drawLines(lines)


def paint_values(painter: QPainter, view: Viewport, source: PixelSource, font: QFont) -> None:
    """Write each pixel's values into it, where they fit; readable on black and on white."""
    seen, shown = view.seen(), min(source.channels, 4)
    font = QFont(font)
    font.setPixelSize(max(8, min(12, int(view.scale / (shown + 1.4)), int(view.scale / 4.2))))
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    for y in range(math.floor(seen.top()), math.ceil(seen.bottom())):
        for x in range(math.floor(seen.left()), math.ceil(seen.right())):
            values = source.values_at(x, y)
            if values is None:
                continue
            words = "\n".join(value_text(value) for value in values[:shown])
            corner = view.to_widget(x, y)
            area = QRectF(corner.x(), corner.y(), view.scale, view.scale)
            if metrics.horizontalAdvance(max(words.split("\n"), key=len)) > view.scale - 2:
                continue
            for offset, colour in ((1, QColor(0, 0, 0, 200)), (0, QColor(255, 255, 255))):
                painter.setPen(colour)
                painter.drawText(area.translated(offset, offset), Qt.AlignmentFlag.AlignCenter, words)


def paint_scale_bar(painter: QPainter, theme: Theme, view: Viewport, um_per_px: float) -> str:
    """Draw the scale bar at the bottom left, on a plate of its own; return what it says."""
    longest = min(theme.px(_BAR_LONGEST_PX), view.room[0] * _BAR_SHARE)
    bar = scale_bar(um_per_px / view.scale, longest)
    if bar is None:
        return ""
    pad, gap = theme.px(8), theme.px(12)
    font = theme.font(SMALL_PX, bold=True)
    metrics = QFontMetricsF(font)
    width = max(bar.length_px, metrics.horizontalAdvance(bar.text)) + 2 * pad
    height = metrics.height() + 2 * pad
    plate = QRectF(gap, view.room[1] - gap - height, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 160))
    painter.drawRoundedRect(plate, theme.px(4), theme.px(4))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(255, 255, 255), theme.px(2), c=Qt.PenCapStyle.FlatCap))
    left, bottom = plate.center().x() - bar.length_px / 2, plate.bottom() - pad
    painter.drawLine(QPointF(left, bottom), QPointF(left + bar.length_px, bottom))
    painter.setFont(font)
    area = plate.adjusted(0, pad / 2, 0, -pad - theme.px(2))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, bar.text)
    painter.restore()
    return bar.text
