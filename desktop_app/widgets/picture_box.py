"""A picture with its aspect kept on the sunken colour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.theme import RADIUS_THUMBNAIL, Theme


class PictureBox(QWidget):
    """Shows a picture, or a message in its place; `clicked` on a double click."""

    opened = Signal()

    def __init__(self, theme: Theme, height_px: int = 164) -> None:
        super().__init__()
        self._theme, self._height = theme, theme.px(height_px)
        self._image: QImage | None = None
        self._message = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_image(self, image: QImage | None, message: str = "") -> None:
        """Show an image; without one, a message."""
        self._image, self._message = image, message
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height asked for."""
        return QSize(self._theme.px(200), self._height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, as large as it fits."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        painter.drawRoundedRect(frame, RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)
        if self._image is not None:
            painter.save()
            path = QPainterPath()
            path.addRoundedRect(frame, RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)
            painter.setClipPath(path)
            size = QSizeF(self._image.size()).scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            box = QRectF(frame.topLeft(), size)
            box.moveCenter(frame.center())
            painter.drawImage(box, self._image)
            painter.restore()
        elif self._message:
            painter.setPen(self._theme.colour("muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(frame.adjusted(12, 8, -12, -8), flags, self._message)
        painter.setPen(QPen(self._theme.colour("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open it."""
        self.opened.emit()
