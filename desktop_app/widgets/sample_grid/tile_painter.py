"""Paints one tile: the picture with its aspect kept, the label on it, marks in the corners, the ring of selection."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap

from core.translation import tr
from desktop_app.theme import RADIUS_THUMBNAIL, Theme
from desktop_app.widgets.label_pill import paint_glyph, paint_plate, pill_colours
from desktop_app.widgets.sample_grid.layout import GAP_PX
from desktop_app.widgets.sample_grid.painted_pills import PaintedPills
from desktop_app.widgets.sample_grid.painted_tiles import PaintedTiles, painted_cell
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Pill, ThumbnailSource, Tile, TileSource

RING_PX: Final = 3
MOST_PILLS: Final = 3
"""So many labels of an image have a plate; the rest are counted."""
_SMALL_TILE_PX: Final = 84
_DIMMED_OPACITY: Final = 0.35
_INSET_PX: Final = 4.0


class TilePainter:
    """Paints the tiles of a `SampleGrid`; `size_px` is the thumbnail size that it asks for."""

    def __init__(self, state: GridState, tiles: TileSource, thumbnails: ThumbnailSource, theme: Theme) -> None:
        self._state, self._tiles, self._thumbnails, self._theme = state, tiles, thumbnails, theme
        self._font = theme.font(11, bold=True)
        self._small = theme.font(10, bold=True)
        self._painted, self._pills = PaintedTiles(), PaintedPills(theme, self._font)
        self._blank: tuple[int, float, QPixmap] | None = None
        self.size_px = 128

    def paint(self, painter: QPainter, cell: QRect, item: int, *, focused: bool) -> None:
        """Paint the tile `item` into its cell, antialiased; `focused` where the keyboard is."""
        self._paint_cell(painter, cell, int(self._state.ids[item]))
        selected = self._state.is_selected(item)
        if not (selected or focused):
            return
        square = _square(cell)
        if selected:
            self._outline(painter, square, self._theme.colour("accent"), RING_PX, 0.5)
        if focused:
            # Two tones, so that it is seen on dark and on bright pictures.
            self._outline(painter, square, self._theme.colour("background"), 3, 4)
            self._outline(painter, square, self._theme.colour("text"), 1.4, 4)

    def _paint_cell(self, painter: QPainter, cell: QRect, sample_id: int) -> None:
        """Paint everything but the rings, which come and go."""
        tile = self._tiles.tile(sample_id)
        problem = tile.problem or self._thumbnails.failure(sample_id, self.size_px)
        image = None if problem else self._thumbnails.image(sample_id, self.size_px)
        ratio, side = painter.device().devicePixelRatioF(), cell.width()
        if image is None and not problem:
            # Its picture comes in a moment: not worth keeping.
            painter.drawPixmap(cell.topLeft(), self._blank_cell(side, ratio))
            self._plates(painter, _square(cell), tile)
            return
        look = (tile, image.cacheKey() if image is not None else 0, problem, side, ratio)
        square = _square(QRect(0, 0, side, side))

        def paint(fresh: QPainter) -> None:
            self._ground(fresh, square)
            self._picture(fresh, square, image, problem, tile)
            self._plates(fresh, square, tile)

        painter.drawPixmap(cell.topLeft(), self._painted.cell(sample_id, look, paint))

    def _blank_cell(self, side: int, ratio: float) -> QPixmap:
        """Return the cell of a tile that shows nothing yet: after a jump all of them do."""
        if self._blank is None or self._blank[:2] != (side, ratio):
            square = _square(QRect(0, 0, side, side))
            self._blank = side, ratio, painted_cell(side, ratio, lambda fresh: self._ground(fresh, square))
        return self._blank[2]

    def _ground(self, painter: QPainter, square: QRectF) -> None:
        self._outline(painter, square, self._theme.colour("border"), 1, -0.5, fill=self._theme.colour("sunken"))

    def _picture(self, painter: QPainter, square: QRectF, image: QImage | None, problem: str, tile: Tile) -> None:
        if problem:
            self._placeholder(painter, square, problem)
            return
        if image is None:
            return
        painter.save()
        painter.setClipPath(_rounded(square.width(), square.height()).translated(square.topLeft()))
        painter.setOpacity(_DIMMED_OPACITY if tile.dimmed else 1.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(_fitted(image, square), image)
        painter.restore()

    def _placeholder(self, painter: QPainter, square: QRectF, problem: str) -> None:
        painter.setPen(self._theme.colour("muted"))
        roomy = square.width() >= 1.3 * _SMALL_TILE_PX
        icon_px = square.width() / (5 if roomy else 2.5)
        centre = square.center()
        box = QRectF(0, 0, icon_px, icon_px)
        box.moveCenter(centre)
        if roomy:
            box.moveTop(square.top() + square.height() * 0.18)
        pixmap = self._theme.pixmap("image-off", max(12.0, icon_px))
        painter.drawPixmap(box, pixmap, QRectF(pixmap.rect()))
        if roomy:
            painter.setFont(self._theme.font(11))
            text = square.adjusted(8, square.height() * 0.4, -8, -26)
            # The first sentence is the reason; what to do about it stands in the tooltip.
            reason = f"{problem.split('. ')[0].rstrip('.')}."
            painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, reason)

    def _plates(self, painter: QPainter, square: QRectF, tile: Tile) -> None:
        small = square.width() < _SMALL_TILE_PX
        bottom = square.bottom() - _INSET_PX
        more = len(tile.pills) - MOST_PILLS
        note = " ".join(part for part in (f"+{more}" if more > 0 else "", tile.note) if part)
        taken = QFontMetricsF(self._small).horizontalAdvance(note) + 14 if note else 0.0
        for pill in tile.pills[:MOST_PILLS]:
            bottom -= self._pill(painter, square, bottom, pill, small, taken) + 2
            taken = 0.0  # the note stands beside the lowest pill
        if note and not small:
            self._note(painter, square, note, right=True, bottom=True)
        if not small:
            corner = tr("excluded") if tile.dimmed else tile.corner
            if corner:
                self._note(painter, square, corner, right=False, bottom=False)
        if tile.warning:
            self._mark(painter, square)

    def _pill(self, painter: QPainter, square: QRectF, bottom: float, pill: Pill, small: bool, taken: float) -> float:
        """Paint a plate whose lower edge is at `bottom`, `taken` px of its line being used; return its height."""
        left, scale = square.left() + _INSET_PX, self._theme.scale
        if not small:
            room = square.width() - 2 * _INSET_PX - taken
            return self._pills.paint(painter, left, bottom, pill, room)
        field, ink = pill_colours(pill.colour)
        if pill.suggested:
            field, ink = self._theme.tokens.surface, pill.colour
        side = 14.0 * scale
        plate = QRectF(left, bottom - side, side, side)
        paint_plate(painter, plate, field, pill.colour if pill.suggested else "", scale)
        inset = side * 0.25
        paint_glyph(painter, plate.adjusted(inset, inset, -inset, -inset), pill.glyph, ink)
        return side

    def _note(self, painter: QPainter, square: QRectF, text: str, *, right: bool, bottom: bool) -> None:
        metrics = QFontMetricsF(self._small)
        width, height = metrics.horizontalAdvance(text) + 10, metrics.height() + 2
        x = square.right() - _INSET_PX - width if right else square.left() + _INSET_PX
        y = square.bottom() - _INSET_PX - height if bottom else square.top() + _INSET_PX
        plate = QRectF(x, y, width, height)
        field = self._theme.colour("surface")
        field.setAlphaF(0.88)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(field)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(self._theme.colour("text"))
        painter.setFont(self._small)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _mark(self, painter: QPainter, square: QRectF) -> None:
        side = 18.0 if square.width() >= _SMALL_TILE_PX else 13.0
        circle = QRectF(square.right() - _INSET_PX - side, square.top() + _INSET_PX, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("warn"))
        painter.drawEllipse(circle)
        painter.setPen(self._theme.colour("on_accent"))
        painter.setFont(self._font)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, "!")

    @staticmethod
    def _outline(
        painter: QPainter, square: QRectF, colour: QColor, width: float, inset: float, *, fill: QColor | None = None
    ) -> None:
        pen = QPen(colour, width)
        painter.setPen(pen)
        painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(square.adjusted(inset, inset, -inset, -inset), RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)


def _square(cell: QRect) -> QRectF:
    """Return where the tile is in a cell."""
    half = GAP_PX // 2
    return QRectF(cell.adjusted(half, half, -half, -half))


@lru_cache(maxsize=8)
def _rounded(width: float, height: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, width, height), RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)
    return path


def _fitted(image: QImage, square: QRectF) -> QRectF:
    """Return the largest rectangle of the image's aspect centred in the square."""
    scale = min(square.width() / image.width(), square.height() / image.height())
    box = QRectF(0, 0, image.width() * scale, image.height() * scale)
    box.moveCenter(square.center())
    return box
