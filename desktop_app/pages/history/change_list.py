"""The images that an entry changed, each with its thumbnail, its name, and from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPainterPath
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from core.translation import tr
from desktop_app.pages.history.detail import ItemLine
from desktop_app.theme import GRID, RADIUS_THUMBNAIL, SMALL_PX, Theme
from desktop_app.workers.thumbnail_loader import ThumbnailLoader

_PICTURE_PX: Final = 40
_SIZE_PX: Final = 128
_LINE_ROLE: Final = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class ChangeList(QListWidget):
    """The list; `opened` gets the id of the image that is activated."""

    opened = Signal(int)

    def __init__(self, theme: Theme, thumbnails: ThumbnailLoader) -> None:
        super().__init__()
        self._thumbnails, self._theme = thumbnails, theme
        self.setAccessibleName(tr("Images changed"))
        self.setItemDelegate(_LineDelegate(theme, thumbnails, self))
        self.setUniformItemSizes(False)
        self.setVerticalScrollMode(self.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemActivated.connect(self._open)
        self.itemDoubleClicked.connect(self._open)
        # A method, not a function: the loader outlives the list, which goes with another language or theme.
        thumbnails.loaded.connect(self._repaint)

    def show_lines(self, lines: Sequence[ItemLine]) -> None:
        """Show these instead of those before."""
        self.clear()
        for line in lines:
            item = QListWidgetItem(f"{line.name}: {line.change}{_now(line)}")
            item.setData(_LINE_ROLE, line)
            item.setToolTip(f"{line.path}\n{line.change}{_now(line)}")
            self.addItem(item)
        self._thumbnails.want(dict.fromkeys(line.sample_id for line in lines), _SIZE_PX)

    def _repaint(self) -> None:
        self.viewport().update()

    def _open(self, item: QListWidgetItem) -> None:
        self.opened.emit(item.data(_LINE_ROLE).sample_id)


class _LineDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, thumbnails: ThumbnailLoader, parent: ChangeList) -> None:
        super().__init__(parent)
        self._theme, self._thumbnails = theme, thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a picture, or of three lines where there is a value of now."""
        line: ItemLine = index.data(_LINE_ROLE)
        return QSize(0, self._theme.px(_PICTURE_PX + GRID + (16 if line.now else 0)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the picture and the lines beside it."""
        theme, px, line = self._theme, self._theme.px, index.data(_LINE_ROLE)
        area: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_background"))
            painter.drawRoundedRect(area, px(7), px(7))
        picture = QRectF(area.left() + px(4), area.top() + px(4), px(_PICTURE_PX), px(_PICTURE_PX))
        self._paint_picture(painter, picture, line.sample_id)
        left = round(picture.right()) + px(GRID)
        room = QRect(left, area.top() + px(6), area.right() - left - px(4), px(18))
        mode = Qt.TextElideMode.ElideMiddle
        self._paint_text(painter, room, line.name, "text", mode)
        self._paint_text(painter, room.translated(0, px(18)), line.change, "muted", Qt.TextElideMode.ElideRight)
        if line.now:
            self._paint_text(painter, room.translated(0, px(36)), _now(line).strip(" ·"), "warn", mode)
        painter.restore()

    def _paint_picture(self, painter: QPainter, place: QRectF, sample_id: int) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(place, RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)
        painter.fillPath(shape, self._theme.colour("sunken"))
        image = self._thumbnails.image(sample_id, _SIZE_PX)
        if image is not None:
            size = image.size().toSizeF().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
            box = QRectF(place.topLeft(), size)
            box.moveCenter(place.center())
            painter.save()
            painter.setClipPath(shape)
            painter.drawImage(box, image)
            painter.restore()
        painter.setPen(self._theme.colour("border"))
        painter.drawPath(shape)

    def _paint_text(self, painter: QPainter, room: QRect, words: str, colour: str, mode: Qt.TextElideMode) -> None:
        font = self._theme.font(SMALL_PX, tabular=True)
        painter.setFont(font)
        painter.setPen(self._theme.colour(colour))
        shown = QFontMetrics(font).elidedText(words, mode, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _now(line: ItemLine) -> str:
    return " · " + tr("now: {value}", value=line.now) if line.now else ""
