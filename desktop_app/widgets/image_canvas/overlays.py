"""What is drawn over the picture: the lines between pixels, the values in them, and the scale bar."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from core.images.pyramid import PixelSource, Value
from desktop_app.theme import SMALL_PX, Theme
from desktop_app.widgets.image_canvas.scale_bar import scale_bar
from desktop_app.widgets.image_canvas.viewport import Viewport

LINES_FROM_SCALE: Final = 20.0
VALUES_FROM_SCALE: Final = 40.0
_WORDS_KEPT: Final = 4000
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


class PixelValues:
    """Writes each pixel's values into it; the words are drawn once and kept, as moving shows the same ones again."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, int, int, float], QPixmap] = OrderedDict()

    def paint(self, painter: QPainter, view: Viewport, source: PixelSource, font: QFont) -> None:
        """Write the values of the pixels in sight, where they fit; readable on black and on white."""
        seen, shown = view.seen(), min(source.channels, 4)
        left, top = math.floor(seen.left()), math.floor(seen.top())
        across, down = math.ceil(seen.right()) - left, math.ceil(seen.bottom()) - top
        block = source.at_hand(left, top, across, down) if across > 0 and down > 0 else None
        if block is None:
            return
        font = QFont(font)
        font.setPixelSize(max(8, min(12, int(view.scale / (shown + 1.4)), int(view.scale / 4.2))))
        ratio = painter.device().devicePixelRatioF()
        rows = block.reshape(down, across, -1)[..., :shown].tolist()
        for y, row in enumerate(rows):
            for x, values in enumerate(row):
                words = "\n".join(value_text(value) for value in values)
                corner = view.to_widget(left + x, top + y)
                painter.drawPixmap(corner, self._words(words, font, math.floor(view.scale), ratio))

    def _words(self, words: str, font: QFont, side: int, ratio: float) -> QPixmap:
        key = (words, font.pixelSize(), side, ratio)
        found = self._drawn.get(key)
        if found is None:
            found = self._drawn[key] = _draw_words(words, font, side, ratio)
            if len(self._drawn) > _WORDS_KEPT:
                self._drawn.popitem(last=False)
        return found


def _draw_words(words: str, font: QFont, side: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    widest = max(QFontMetricsF(font).horizontalAdvance(line) for line in words.split("\n"))
    if widest <= side - 2:
        painter = QPainter(pixmap)
        painter.setFont(font)
        for offset, colour in ((1, QColor(0, 0, 0, 200)), (0, QColor(255, 255, 255))):
            painter.setPen(colour)
            painter.drawText(QRectF(offset, offset, side, side), Qt.AlignmentFlag.AlignCenter, words)
        painter.end()
    return pixmap


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
