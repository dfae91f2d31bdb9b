"""The picture of a canvas, in layers: what is there at once lies below, what is sharp above, tile by tile."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from core.images.deep import DeepImage
from core.images.rendering import Display
from desktop_app.widgets.image_canvas.tiles import TILE_PX, TileKey, TileStore, tiles_in
from desktop_app.widgets.image_canvas.viewport import Viewport, level_for

SHARP_FROM: Final = 2.0
"""From this scale on a pixel of the image is a square of the screen; below, pictures are smoothed."""


class PictureLayers:
    """Paints one image, and asks for the tiles that it lacks.

    `owner` stands for it in the tile store.
    """

    def __init__(self, tiles: TileStore, owner: int) -> None:
        self._tiles, self._owner = tiles, owner
        self._image: DeepImage | None = None
        self._preview: QImage | None = None
        self._source = 0
        self._displays: tuple[Display, ...] = ()

    def show_image(self, image: DeepImage, display: Display, preview: QImage | None) -> None:
        """Paint `image` from now on."""
        if image is not self._image:
            self._image, self._source, self._displays = image, self._tiles.number_of(image.source), ()
            self._preview = preview
        self.set_display(display)

    def show_preview(self, preview: QImage) -> None:
        """Paint a small version alone."""
        self._image, self._preview, self._displays = None, preview, ()
        self._tiles.want(self._owner, ())

    def clear(self) -> None:
        """Paint nothing."""
        self._image, self._preview = None, None
        self._tiles.want(self._owner, ())

    def set_display(self, display: Display) -> None:
        """Paint the channels otherwise; the tiles as they were are kept below until the new ones come."""
        if self._displays[:1] != (display,):
            self._displays = (display, *self._displays)[:2]

    def paint(self, painter: QPainter, view: Viewport, ratio: float) -> None:
        """Paint what is in sight; `ratio` is the screen's pixels per logical one."""
        device_scale = view.scale * ratio
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, device_scale <= SHARP_FROM)
        if self._image is None:
            self._paint_preview(painter, view)
            return
        source, seen = self._image.source, view.seen()
        level = level_for(tuple(source.downsamples), device_scale)
        size = (source.width, source.height)
        here = list(tiles_in(seen, source.downsamples[level], size))
        keys = [TileKey(self._source, level, column, row, self._displays[0]) for column, row, _ in here]
        missing = [key for key in keys if self._tiles.tile(key) is None]
        if missing and not all(self._has_ancestor(key, area) for key, (_, _, area) in zip(keys, here, strict=True)):
            self._paint_preview(painter, view)
        for key, (_, _, area) in zip(keys, here, strict=True):
            if self._tiles.tile(key) is not None:
                self._paint_tile(painter, view, key, ratio)
            else:
                self._paint_instead(painter, view, key, area)
        coarse = [self._coarsest()] if level < len(source.downsamples) - 1 else []
        self._tiles.want(self._owner, [*(key for key in coarse if self._tiles.tile(key) is None), *missing])

    def _coarsest(self) -> TileKey:
        """Return the one tile that shows everything: what is painted wherever a sharper one is on its way."""
        assert self._image is not None
        return TileKey(self._source, len(self._image.source.downsamples) - 1, 0, 0, self._displays[0])

    def _has_ancestor(self, key: TileKey, area: QRectF) -> bool:
        return self._tiles.tile(key) is not None or self._ancestor(key, area) is not None

    def _ancestor(self, key: TileKey, area: QRectF) -> tuple[TileKey, QImage] | None:
        """Return the finest tile at hand that shows `area` too: seen as now, or as a moment ago."""
        assert self._image is not None
        downsamples, middle = self._image.source.downsamples, area.center()
        for display in self._displays:
            for level in range(key.level, len(downsamples)):
                side = TILE_PX * downsamples[level]
                place = int(middle.x() // side), int(middle.y() // side)
                other = TileKey(key.source, level, *place, display)
                image = self._tiles.tile(other)
                if image is not None:
                    return other, image
        return None

    def _paint_instead(self, painter: QPainter, view: Viewport, key: TileKey, area: QRectF) -> None:
        """Paint the part of a coarser tile where a sharp one is on its way."""
        found = self._ancestor(key, area)
        if found is None:
            return
        assert self._image is not None
        other, image = found
        factor = self._image.source.downsamples[other.level]
        left, top = other.column * TILE_PX * factor, other.row * TILE_PX * factor
        size = area.size()
        part = QRectF(QPointF(area.x() - left, area.y() - top) / factor, size / factor)
        corner = view.to_widget(area.x(), area.y())
        painter.drawImage(QRectF(corner, size * view.scale), image, part)

    def _paint_preview(self, painter: QPainter, view: Viewport) -> None:
        if self._preview is not None:
            painter.drawImage(view.target, self._preview)

    def _paint_tile(self, painter: QPainter, view: Viewport, key: TileKey, ratio: float) -> None:
        image = self._tiles.tile(key)
        if image is None:
            return
        assert self._image is not None
        factor = self._image.source.downsamples[key.level]
        # A tile of a coarse level may reach beyond the image by part of a pixel: it is shown that much larger.
        left, top = key.column * TILE_PX * factor, key.row * TILE_PX * factor
        first = view.to_widget(left, top) * ratio
        last = view.to_widget(left + image.width() * factor, top + image.height() * factor) * ratio
        # On whole pixels of the screen, so that no seam shows between neighbours.
        x, y, right, bottom = round(first.x()), round(first.y()), round(last.x()), round(last.y())
        place = QRectF(x / ratio, y / ratio, max(1, right - x) / ratio, max(1, bottom - y) / ratio)
        painter.drawImage(place, image)
