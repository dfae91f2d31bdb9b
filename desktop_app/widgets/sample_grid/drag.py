"""Dragging the selection out of a grid: what is carried is only that there is one; who takes it knows the grid."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMimeData, QRect, Qt
from PySide6.QtGui import QDrag, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from core.translation import tr_n
from desktop_app.theme import Theme

SAMPLES_MIME: Final = "application/x-coverslip-samples"


def drag_samples(source: QWidget, theme: Theme, count: int) -> None:
    """Let the user drag `count` samples; returns when they were dropped or let go."""
    drag = QDrag(source)
    data = QMimeData()
    data.setData(SAMPLES_MIME, b"selection")
    drag.setMimeData(data)
    drag.setPixmap(drag_pixmap(theme, count, source.devicePixelRatioF()))
    drag.exec(Qt.DropAction.CopyAction)


def drag_pixmap(theme: Theme, count: int, ratio: float) -> QPixmap:
    """Return what hangs at the pointer: a plate that says how many images there are."""
    words, font = tr_n("{n} image", "{n} images", count), theme.font(bold=True)
    width, height = QFontMetrics(font).horizontalAdvance(words) + theme.px(28), theme.px(28)
    pixmap = QPixmap(round(width * ratio), round(height * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("accent"))
    plate = QRect(0, 0, width, height)
    painter.drawRoundedRect(plate, height / 2, height / 2)
    painter.setPen(theme.colour("on_accent"))
    painter.setFont(font)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)
    painter.end()
    return pixmap
