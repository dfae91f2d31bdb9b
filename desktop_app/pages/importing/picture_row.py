"""The first pictures of a preview, side by side, as many as there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.translation import tr_n
from desktop_app import theme as looks
from desktop_app.pages.importing.examples import short_name
from desktop_app.theme import Theme
from desktop_app.widgets.pictures import to_pixmap

if TYPE_CHECKING:
    from core.ingest.formats.spec import Entry
    from desktop_app.pages.importing.preview import Pixels

_SIDE_PX: Final = 84


class PictureRow(QWidget):
    """One line of small pictures; what finds no room is not shown."""

    def __init__(self, theme: Theme, entries: Sequence[Entry], pictures: Mapping[str, Pixels]) -> None:
        super().__init__()
        self._theme, self._side, self._gap = theme, theme.px(_SIDE_PX), theme.px(6)
        self._shown = [
            (short_name(entry.path), to_pixmap(pictures[entry.path])) for entry in entries if entry.path in pictures
        ]
        self.setAccessibleName(tr_n("{n} picture of the source", "{n} pictures of the source", len(self._shown)))
        self.setToolTip("\n".join(name for name, _ in self._shown))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(len(self._shown) * (self._side + self._gap), self._side)

    def minimumSizeHint(self) -> QSize:
        """Return that one picture is enough."""
        return QSize(self._side, self._side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as fit now."""
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pictures, none of them cut at the edge."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        step = self._side + self._gap
        radius = self._theme.px(looks.RADIUS_THUMBNAIL)
        for at, (_, pixmap) in enumerate(self._shown[: max(1, (self.width() + self._gap) // step)]):
            area = QRectF(at * step, 0, self._side, self._side)
            shape = QPainterPath()
            shape.addRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            painter.fillPath(shape, self._theme.colour("sunken"))
            painter.setClipPath(shape)
            size = pixmap.size().toSizeF()
            size.scale(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
            fitted = QRectF(area.topLeft(), size)
            fitted.moveCenter(area.center())
            painter.drawPixmap(fitted, pixmap, QRectF(pixmap.rect()))
            painter.setClipping(False)
            painter.setPen(QPen(self._theme.colour("border"), 1))
            painter.drawPath(shape)
