"""The small card beside a point: its picture and its name."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen, QPixmap

from desktop_app.theme import RADIUS_CONTROL, SMALL_PX, Theme

PICTURE_PX: Final = 112
_PAD_PX: Final = 6
_AWAY_PX: Final = 14


def paint_card(
    painter: QPainter, theme: Theme, at: QPointF, room: QSize, name: str, picture: QPixmap | QImage | None
) -> QRectF:
    """Draw the card of the point at `at` where there is room for it, and return where it is.

    A picture that is not there yet leaves its place empty.
    """
    px = theme.px
    side, pad, font = px(PICTURE_PX), px(_PAD_PX), theme.font(SMALL_PX)
    metrics = QFontMetricsF(font)
    width, height = side + 2 * pad, side + 3 * pad + metrics.height()
    left = at.x() + px(_AWAY_PX)
    if left + width > room.width():
        left = max(0.0, at.x() - px(_AWAY_PX) - width)
    top = min(max(0.0, at.y() - height / 2), max(0.0, room.height() - height))
    card = QRectF(left, top, width, height)
    painter.setPen(QPen(theme.colour("border_strong"), 1))
    painter.setBrush(theme.colour("surface"))
    painter.drawRoundedRect(card, px(RADIUS_CONTROL), px(RADIUS_CONTROL))
    place = QRectF(left + pad, top + pad, side, side)
    painter.fillRect(place, theme.colour("sunken"))
    if picture is not None and not picture.isNull():
        _draw_fitted(painter, place, picture)
    painter.setFont(font)
    painter.setPen(theme.colour("text"))
    line = QRectF(left + pad, place.bottom() + pad, side, metrics.height())
    # The end of a name tells more than its middle, and the beginning more than either.
    painter.drawText(line, metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, side))
    return card


def _draw_fitted(painter: QPainter, place: QRectF, picture: QPixmap | QImage) -> None:
    size = picture.size().scaled(place.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    where = QRectF(0, 0, size.width(), size.height())
    where.moveCenter(place.center())
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if isinstance(picture, QImage):
        painter.drawImage(where, picture)
    else:
        painter.drawPixmap(where, picture, QRectF(picture.rect()))
