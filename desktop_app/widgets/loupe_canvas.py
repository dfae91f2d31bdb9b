"""The surface of the loupe: one picture, zoomed to its pixels and moved about."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.loupe_pictures import LoupePicture

ZOOM_STEP: Final = 1.25
MAX_SCALE: Final = 64.0
_MARGIN_PX: Final = 24
_PIXELS_FROM_SCALE: Final = 8.0
_LINES_FROM_SCALE: Final = 24.0


class LoupeCanvas(QWidget):
    """Shows a picture; wheel and keys zoom, dragging moves, a double click switches between fitted and 1 : 1.

    Signals
    -------
    pointed
        (x, y) of the image pixel under the pointer, (-1, -1) beside the image.
    scale_changed
        Screen pixels per image pixel.
    """

    pointed = Signal(int, int)
    scale_changed = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._picture: LoupePicture | None = None
        self._message = ""
        self._scale = 1.0
        self._centre = QPointF()
        self._fitted = True
        self._grabbed: QPoint | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Picture"))
        self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def scale(self) -> float:
        """Screen pixels per image pixel."""
        return self._scale

    def show_picture(self, picture: LoupePicture | None, message: str = "") -> None:
        """Show a picture; one of another size than before is fitted. Without one, show a message."""
        before, self._picture, self._message = self._picture, picture, message
        if picture is not None:
            same = before is not None and (before.width, before.height) == (picture.width, picture.height)
            if self._fitted or not same:
                self.fit()
        self.update()

    def fit(self) -> None:
        """Show the whole picture, as large as it goes."""
        picture = self._picture
        if picture is None:
            return
        room = QSizeF(max(1, self.width() - 2 * _MARGIN_PX), max(1, self.height() - 2 * _MARGIN_PX))
        scale = min(room.width() / picture.width, room.height() / picture.height, MAX_SCALE)
        self._centre = QPointF(picture.width / 2, picture.height / 2)
        self._fitted = True
        self._set_scale(scale)

    def actual_size(self) -> None:
        """Show one image pixel as one pixel of the screen."""
        self.zoom_to(1.0 / self.devicePixelRatioF())

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom; the image point at `around` (in the widget; the middle by default) stays where it is."""
        self.zoom_to(self._scale * factor, around)

    def zoom_to(self, scale: float, around: QPointF | None = None) -> None:
        """Show image pixels at `scale` screen pixels."""
        around = around or QRectF(self.rect()).center()
        fixed = self.to_image(around)
        self._fitted = False
        self._set_scale(max(self._least_scale(), min(scale, MAX_SCALE)))
        moved = self.to_image(around) - fixed
        self._centre -= moved
        self._keep_in_sight()

    def to_image(self, point: QPointF) -> QPointF:
        """Return the point of the image shown at `point` of the widget."""
        return self._centre + (point - QRectF(self.rect()).center()) / self._scale

    def _set_scale(self, scale: float) -> None:
        self._scale = scale
        self.scale_changed.emit(scale)
        self.update()

    def _least_scale(self) -> float:
        picture = self._picture
        return min(1.0, 32 / max(picture.width, picture.height)) if picture else 0.01

    def _keep_in_sight(self) -> None:
        if self._picture is not None:
            x = min(max(self._centre.x(), 0.0), float(self._picture.width))
            y = min(max(self._centre.y(), 0.0), float(self._picture.height))
            self._centre = QPointF(x, y)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, from the version closest above the scale."""
        painter = QPainter(self)
        picture = self._picture
        if picture is None:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
            return
        corner = QRectF(self.rect()).center() - self._centre * self._scale
        target = QRectF(corner, QSizeF(picture.width, picture.height) * self._scale)
        ratio = self.devicePixelRatioF()
        level = min(len(picture.levels) - 1, max(0, int(-math.log2(max(1e-6, self._scale * ratio)))))
        image = picture.levels[level]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._scale < _PIXELS_FROM_SCALE)
        painter.drawImage(target, image)
        if self._scale >= _LINES_FROM_SCALE:
            self._pixel_lines(painter, target)

    def _pixel_lines(self, painter: QPainter, target: QRectF) -> None:
        line = self._theme.colour("text")
        line.setAlphaF(0.18)
        painter.setPen(QPen(line, 0))
        seen = target.intersected(QRectF(self.rect()))
        x = target.x() + math.ceil((seen.left() - target.x()) / self._scale) * self._scale
        while x <= seen.right():
            painter.drawLine(QPointF(x, seen.top()), QPointF(x, seen.bottom()))
            x += self._scale
        y = target.y() + math.ceil((seen.top() - target.y()) / self._scale) * self._scale
        while y <= seen.bottom():
            painter.drawLine(QPointF(seen.left(), y), QPointF(seen.right(), y))
            y += self._scale

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay fitted while the window changes."""
        if self._fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        notches = event.angleDelta().y() / 120
        self.zoom_by(ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture, or tell which pixel is under the pointer."""
        point = event.position()
        if self._grabbed is not None:
            self._centre -= (point - QPointF(self._grabbed)) / self._scale
            self._grabbed = point.toPoint()
            self._fitted = False
            self._keep_in_sight()
        self._point(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grabbed = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Switch between fitted and 1 : 1."""
        if self._fitted:
            self.zoom_to(max(1.0, self._scale * 4) if self._scale >= 1 else 1.0, event.position())
        else:
            self.fit()

    def _point(self, point: QPointF) -> None:
        at = self.to_image(point)
        x, y = math.floor(at.x()), math.floor(at.y())
        picture = self._picture
        inside = picture is not None and 0 <= x < picture.width and 0 <= y < picture.height
        self.pointed.emit(x if inside else -1, y if inside else -1)
