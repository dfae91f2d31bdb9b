"""Pixels on the screen: arrays to pixmaps, and strips of small pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from desktop_app import theme as looks
from desktop_app.theme import Theme


def to_image(rgb: NDArray[np.uint8]) -> QImage:
    """Return (h, w, 3) uint8 as an image of its own memory; from any thread."""
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def to_pixmap(rgb: NDArray[np.uint8]) -> QPixmap:
    """Return (h, w, 3) uint8 as a pixmap; on the GUI thread."""
    return QPixmap.fromImage(to_image(rgb))


class PictureStrip(QWidget):
    """A row of small square pictures with round corners; each keeps its aspect on the sunken colour."""

    def __init__(self, theme: Theme, pictures: Sequence[NDArray[np.uint8]], *, side_px: int, slots: int) -> None:
        """`slots` places are always there, so that rows stay aligned whatever a project has."""
        super().__init__()
        self._theme, self._side, self._gap = theme, theme.px(side_px), theme.px(4)
        self._pixmaps = [to_pixmap(rgb) for rgb in pictures]
        self._slots = slots
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Return the strip's size."""
        return QSize(self._slots * (self._side + self._gap) - self._gap, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for slot in range(self._slots):
            area = QRectF(slot * (self._side + self._gap), 0, self._side, self._side)
            shape = QPainterPath()
            radius = self._theme.px(looks.RADIUS_THUMBNAIL)
            shape.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            painter.fillPath(shape, self._theme.colour("sunken"))
            if slot < len(self._pixmaps):
                painter.setClipPath(shape)
                painter.drawPixmap(_fitted(self._pixmaps[slot], area), self._pixmaps[slot], QRectF())
                painter.setClipping(False)
            painter.setPen(QPen(self._theme.colour("border"), 1))
            painter.drawPath(shape)


def _fitted(pixmap: QPixmap, area: QRectF) -> QRectF:
    size = pixmap.size().toSizeF()
    size.scale(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    fitted = QRectF(area.topLeft(), size)
    fitted.moveCenter(area.center())
    return fitted
