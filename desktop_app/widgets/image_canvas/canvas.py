"""A surface for one image of any size: zoomed to its pixels, moved about, its values read. Any page can embed it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from core.images.deep import DeepImage
from core.images.pyramid import Value
from core.images.rendering import Display
from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.image_canvas import overlays
from desktop_app.widgets.image_canvas.layers import PictureLayers
from desktop_app.widgets.image_canvas.tiles import TileStore
from desktop_app.widgets.image_canvas.viewport import Viewport, pixel_under
from desktop_app.widgets.pinch import pinched

ZOOM_STEP: Final = 1.25
MARGIN_PX: Final = 24
_PAN_SHARE: Final = 0.125
_PAN_KEYS: Final = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_Key = Qt.Key


class ImageCanvas(QWidget):
    """Shows one image; wheel, pinch and keys zoom, dragging moves, a double click switches between fitted and 1 : 1.

    Parameters
    ----------
    tiles
        Makes the tiles; canvases that are seen together share one.
    margin
        Left free around a fitted image.

    Signals
    -------
    pointed
        (x, y) of the image pixel under the pointer, (-1, -1) beside the image.
    scale_changed
        Screen pixels per image pixel.
    view_changed
        The user moved or zoomed; not emitted for `show_like`.
    focused
        It got the keyboard, or was clicked.
    """

    pointed = Signal(int, int)
    scale_changed = Signal(float)
    view_changed = Signal()
    focused = Signal()

    def __init__(self, theme: Theme, tiles: TileStore, *, margin: int = MARGIN_PX) -> None:
        super().__init__()
        self._theme, self._tiles = theme, tiles
        self._image: DeepImage | None = None
        self._layers = PictureLayers(tiles, id(self))
        self._message = ""
        self._view = Viewport((1, 1), (1, 1), theme.px(margin)).fit()
        self._grabbed: QPointF | None = None
        self._values = overlays.PixelValues()
        self._ringed = False
        self.scale_text = ""
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.grabGesture(Qt.GestureType.PinchGesture)
        tiles.loaded.connect(self.update)
        owner = id(self)
        self.destroyed.connect(lambda: tiles.leave(owner))

    # -- what is shown

    @property
    def image(self) -> DeepImage | None:
        """What is shown, once it is here."""
        return self._image

    @property
    def view(self) -> Viewport:
        """Which part is in sight, and how large."""
        return self._view

    @property
    def scale(self) -> float:
        """Screen pixels per image pixel."""
        return self._view.scale

    def show_image(self, image: DeepImage, display: Display, preview: QImage | None = None) -> None:
        """Show an image; one of another size than before is fitted.

        Parameters
        ----------
        display
            How its channels are shown.
        preview
            A small version, painted until the tiles are there.
        """
        self._image, self._message = image, ""
        self._layers.show_image(image, display, preview)
        self._take_size((image.source.width, image.source.height))

    def show_preview(self, preview: QImage) -> None:
        """Show a small version of an image that is on its way.

        Where it has the proportions of the image before, it is taken to be as large: walking through images of one
        size keeps the place that is looked at.
        """
        self._image, self._message = None, ""
        self._layers.show_preview(preview)
        (width, height), (across, down) = self._view.image, (preview.width(), preview.height())
        alike = abs(width * down - height * across) <= max(width, height)
        self._take_size(self._view.image if alike and width >= across else (across, down))

    def show_message(self, message: str) -> None:
        """Show no image, but why there is none."""
        self._image, self._message = None, message
        self._layers.clear()
        self.setAccessibleDescription(message)
        self.update()

    def set_display(self, display: Display) -> None:
        """Show the channels otherwise; what is on the screen stays until the new tiles are there."""
        self._layers.set_display(display)
        self.update()

    def set_ringed(self, ringed: bool) -> None:
        """Draw a ring around it: of several, this is the one that keys are meant for."""
        self._ringed = ringed
        self.update()

    def values_at(self, x: int, y: int) -> tuple[Value, ...] | None:
        """Return the values of a pixel in the file's units, one a channel; None where there are none at hand."""
        return self._image.source.values_at(x, y) if self._image is not None else None

    # -- where one looks

    def fit(self) -> None:
        """Show the whole image, as large as it goes."""
        self._set_view(self._view.fit())

    def actual_size(self) -> None:
        """Show one image pixel as one pixel of the screen."""
        self.zoom_to(1.0 / self.devicePixelRatioF())

    def zoom_by(self, factor: float, around: QPointF | None = None) -> None:
        """Zoom; the image point at `around` (in the widget; the middle by default) stays where it is."""
        self.zoom_to(self._view.scale * factor, around)

    def zoom_to(self, scale: float, around: QPointF | None = None) -> None:
        """Show image pixels at `scale` screen pixels."""
        self._set_view(self._view.zoomed(scale, around))

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by pixels of the screen."""
        self._set_view(self._view.panned(dx, dy))

    def show_like(self, other: Viewport) -> None:
        """Show the same part of this image as `other` shows of another one, without telling anyone."""
        self._set_view(self._view.like(other), tell=False)

    def to_image(self, point: QPointF) -> QPointF:
        """Return the point of the image shown at `point` of the widget."""
        return self._view.to_image(point)

    def _take_size(self, size: tuple[int, int]) -> None:
        same = self._view.image == size
        self._view = Viewport(size, self._view.room, self._view.margin).fit() if not same else self._view
        self.scale_changed.emit(self._view.scale)
        self.update()

    def _set_view(self, view: Viewport, *, tell: bool = True) -> None:
        if view == self._view:
            return
        scaled = view.scale != self._view.scale
        self._view = view
        if scaled:
            self.scale_changed.emit(view.scale)
        if tell:
            self.view_changed.emit()
        self.update()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is in sight, sharp where its tiles are here."""
        painter = QPainter(self)
        if self._message:
            painter.setPen(self._theme.colour("muted"))
            area = self.rect().adjusted(16, 16, -16, -16)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._message)
        else:
            self._layers.paint(painter, self._view, self.devicePixelRatioF())
            self._paint_over(painter)
        if self._ringed:
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_over(self, painter: QPainter) -> None:
        image = self._image
        if image is None:
            return
        if self._view.scale >= overlays.LINES_FROM_SCALE:
            overlays.paint_pixel_lines(painter, self._view, dark=self._theme.dark)
        if self._view.scale >= overlays.VALUES_FROM_SCALE:
            self._values.paint(painter, self._view, image.source, self._theme.font(10, tabular=True))
        if image.pixel_size_um:
            self.scale_text = overlays.paint_scale_bar(painter, self._theme, self._view, image.pixel_size_um)
        else:
            self.scale_text = ""

    # -- hands

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay fitted while the window changes."""
        view = self._view.resized((max(1, self.width()), max(1, self.height())))
        self._set_view(view, tell=False)

    def handle_key(self, event: QKeyEvent) -> bool:
        """Zoom at + − Ctrl+0 Ctrl+1, move at Shift + arrows; return whether it was one of these keys."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        key = _Key(event.key())
        if modifiers == shift and key in _PAN_KEYS:
            across, down = _PAN_KEYS[key]
            self.pan(across * self.width() * _PAN_SHARE, down * self.height() * _PAN_SHARE)
        elif key in (_Key.Key_Plus, _Key.Key_Equal):
            self.zoom_by(ZOOM_STEP)
        elif key == _Key.Key_Minus:
            self.zoom_by(1 / ZOOM_STEP)
        elif key == _Key.Key_0 and modifiers == control:
            self.fit()
        elif key == _Key.Key_1 and modifiers == control:
            self.actual_size()
        else:
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys of `handle_key`, and leave the others to whoever holds the canvas."""
        event.setAccepted(self.handle_key(event))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer, by as much as the wheel turned."""
        self.zoom_by(ZOOM_STEP ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom at a pinch, on a touchpad or a screen."""
        zoomed = pinched(self, event)
        if zoomed is not None:
            self.zoom_by(*zoomed)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grabbed = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.focused.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture, or tell which pixel is under the pointer."""
        point = event.position()
        if self._grabbed is not None:
            moved = point - self._grabbed
            self._grabbed = point
            self.pan(moved.x(), moved.y())
        self.pointed.emit(*(pixel_under(self._view, point) or (-1, -1)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grabbed = None
        self.setCursor(Qt.CursorShape.CrossCursor)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing any more."""
        self.pointed.emit(-1, -1)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Switch between fitted and 1 : 1, or four times as large where that would be smaller."""
        if self._view.fitted:
            self.zoom_to(max(1.0, self.scale * 4) if self.scale >= 1 else 1.0, event.position())
        else:
            self.fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that the keys go here now."""
        super().focusInEvent(event)
        self.focused.emit()
