"""The grid of samples: quick at a thousand and at a million, because the table never looks at more than a screen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QTableView, QWidget

from desktop_app.theme import Theme
from desktop_app.widgets.sample_grid.drag import drag_samples
from desktop_app.widgets.sample_grid.edge_scroll import EdgeScroll
from desktop_app.widgets.sample_grid.headings import heading_at, heading_bands, paint_headings
from desktop_app.widgets.sample_grid.keys import handle_key
from desktop_app.widgets.sample_grid.layout import GAP_PX, HEAD_PX, MAX_ZOOM_PX, MIN_ZOOM_PX, GridLayout
from desktop_app.widgets.sample_grid.model import GridModel
from desktop_app.widgets.sample_grid.mouse import MouseSelection
from desktop_app.widgets.sample_grid.set_up import set_up
from desktop_app.widgets.sample_grid.state import GridState, among
from desktop_app.widgets.sample_grid.tile_painter import TilePainter
from desktop_app.widgets.sample_grid.tiles import ThumbnailSource, TileSource
from desktop_app.workers.thumbnail_loader import size_for

DEFAULT_ZOOM_PX: Final = 104


class SampleGrid(QTableView):
    """Shows `state` with tiles and pictures from the two sources.

    Signals
    -------
    open_requested
        (id) the sample to look at closely: double click or Enter.
    menu_requested
        (global position) a context menu on the selection.
    zoom_changed
        (px) the side of a tile that is asked for.
    """

    open_requested = Signal(int)
    menu_requested = Signal(QPoint)
    zoom_changed = Signal(int)

    def __init__(
        self,
        state: GridState,
        tiles: TileSource,
        thumbnails: ThumbnailSource,
        theme: Theme,
        *,
        zoom_px: int = DEFAULT_ZOOM_PX,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._tiles, self._thumbnails, self._theme = state, tiles, thumbnails, theme
        self._zoom_px = zoom_px
        # What Enter does instead of opening; it answers whether it did anything.
        self.on_enter: Callable[[], bool] = lambda: False
        self._shown = state.ids
        self._grid_model = GridModel(state, tiles)
        self._tile_painter = TilePainter(state, tiles, thumbnails, theme)
        self._mouse = MouseSelection(state, lambda: self._grid_model.layout, self._start_drag)
        self._edge = EdgeScroll(self, self._mouse)
        self._want_timer = QTimer(self, singleShot=True, interval=0)
        self._want_timer.timeout.connect(self._want)
        self.setModel(self._grid_model)
        set_up(self)
        state.ids_changed.connect(self._ids_changed)
        state.selection_changed.connect(self.viewport().update)
        state.current_changed.connect(self._sync_current)
        thumbnails.loaded.connect(self._pictures_arrived)
        self._relayout(0)

    @property
    def zoom_px(self) -> int:
        """The side of a tile that is asked for; tiles differ from it a little, to fill the width."""
        return self._zoom_px

    @property
    def grid_layout(self) -> GridLayout:
        """The arrangement in force."""
        return self._grid_model.layout

    def set_zoom(self, zoom_px: int, around: QPoint | None = None) -> None:
        """Change the size of the tiles; what is at `around` (in the viewport; else the current one, if seen) stays."""
        zoom_px = max(MIN_ZOOM_PX, min(zoom_px, MAX_ZOOM_PX))
        if zoom_px == self._zoom_px:
            return
        index = self._fixed_point(around)
        offset = self._top_of(index)
        self._zoom_px = zoom_px
        self._relayout(index, offset)
        self.zoom_changed.emit(zoom_px)

    def reveal(self, index: int) -> None:
        """Scroll as little as it takes to see the tile at `index` whole."""
        layout, bar = self._grid_model.layout, self.verticalScrollBar()
        top = layout.row_top(layout.cell(index)[0])
        bottom = top + layout.cell_px - self.viewport().height()
        # The heading over the first row in sight covers what is under it.
        if bar.value() > top - layout.head_px:
            bar.setValue(top - layout.head_px)
        elif bar.value() < bottom:
            bar.setValue(bottom)

    def refresh(self) -> None:
        """Paint again: something about the tiles changed."""
        self.viewport().update()

    def tile_rect(self, index: int) -> QRect:
        """Return where the tile at `index` is, in the viewport."""
        layout = self._grid_model.layout
        row, column = layout.cell(index)
        half = GAP_PX // 2
        x, y = column * layout.cell_px + half, layout.row_top(row) - self.verticalScrollBar().value() + half
        return QRect(x, y, layout.tile_px, layout.tile_px)

    def visible_indexes(self) -> range:
        """Return the indexes of the tiles at least partly in sight."""
        top = self.verticalScrollBar().value()
        return self._grid_model.layout.between(top, top + self.viewport().height())

    # -- arrangement

    def _relayout(self, keep: int, offset: int | None = None) -> None:
        """Arrange anew with the tile `keep` at `offset` px from the top of the viewport (by default where it was)."""
        offset = self._top_of(keep) if offset is None else offset
        layout = GridLayout.fit(
            len(self._state), self.viewport().width(), self._zoom_px, self._state.starts, self._theme.px(HEAD_PX)
        )
        cell_changed = layout.cell_px != self._grid_model.layout.cell_px
        self._grid_model.set_layout(layout)
        if cell_changed or self.horizontalHeader().defaultSectionSize() != layout.cell_px:
            for header in (self.horizontalHeader(), self.verticalHeader()):
                header.setDefaultSectionSize(layout.cell_px)
        self._size_headings(layout)
        self.verticalScrollBar().setSingleStep(max(24, layout.cell_px // 3))
        self._tile_painter.size_px = size_for(round(layout.tile_px * self.devicePixelRatioF()))
        self.updateGeometries()
        self.verticalScrollBar().setValue(layout.row_top(layout.cell(keep)[0]) - offset)
        self._sync_current()
        self._want_timer.start()
        self.viewport().update()

    def _size_headings(self, layout: GridLayout) -> None:
        header = self.verticalHeader()
        # A header that may paint or tell looks up where the section is, through all the rows, at every single resize.
        header.setUpdatesEnabled(False)
        header.blockSignals(True)
        for row in layout.heading_rows.tolist():
            header.resizeSection(row, layout.head_px)
        header.blockSignals(False)
        header.setUpdatesEnabled(True)

    def _top_of(self, index: int) -> int:
        layout = self._grid_model.layout
        return layout.row_top(layout.cell(index)[0]) - self.verticalScrollBar().value()

    def _fixed_point(self, around: QPoint | None) -> int:
        visible = self.visible_indexes()
        if around is not None:
            index = self._grid_model.layout.at(around.x(), around.y() + self.verticalScrollBar().value())
            if index >= 0:
                return index
        return self._state.current if self._state.current in visible else visible.start

    def _ids_changed(self) -> None:
        """Keep what is at the top of the screen there; where it is gone, what came next."""
        before, after = self._shown, self._state.ids
        self._shown = after
        first = self.visible_indexes().start
        offset = self._top_of(first)
        keep = 0
        if first < len(before) and len(after):
            keep = self._state.index_of(int(before[first]))
            if keep < 0:
                stay = np.flatnonzero(among(before[first:], after))
                keep = self._state.index_of(int(before[first + stay[0]])) if len(stay) else 0
        over = self._theme.px(HEAD_PX) if self._state.headings else 0
        self._relayout(keep, offset if keep else over)

    def _sync_current(self) -> None:
        """Tell Qt (and with it screen readers) where the keyboard is."""
        current = self._state.current
        row, column = self._grid_model.layout.cell(max(0, current))
        index = self._grid_model.index(row, column)
        if current >= 0 and index.isValid():
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.viewport().update()

    def _want(self) -> None:
        """Ask for what is in sight, then a screen ahead, then a screen behind."""
        visible = self.visible_indexes()
        length = len(visible)
        ahead = range(visible.stop, min(len(self._state), visible.stop + length))
        behind = range(max(0, visible.start - length), visible.start)
        ids = self._state.ids
        wanted = [ids[part.start : part.stop] for part in (visible, ahead, behind)]
        self._thumbnails.want(np.concatenate(wanted).tolist(), self._tile_painter.size_px)

    # -- Qt's events

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles in sight, the headings, and the rubber band over them."""
        visible = self.visible_indexes()
        self._thumbnails.want((), self._tile_painter.size_px)  # nothing is begun while this paints
        self._tiles.prepare(self._state.ids[visible.start : visible.stop].tolist())
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.colour("background"))
        # What lies under a heading is not seen: no tile is painted for it.
        bare = event.region() - heading_bands(self.viewport(), self._grid_model.layout, self._scrolled())
        self._paint_tiles(painter, bare, visible)
        painter.end()
        paint_headings(self.viewport(), self._grid_model.layout, self._state, self._theme, self._scrolled())
        self._want_timer.start()
        self._mouse.paint_band(self.viewport(), self._theme, self._scrolled())

    def _paint_tiles(self, painter: QPainter, region: QRegion, visible: range) -> None:
        """Paint the tiles that touch `region`: by arithmetic, as Qt's way asks the model several times for each."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self._state.current if self.hasFocus() else -1
        half = GAP_PX // 2
        for item in visible:
            cell = self.tile_rect(item).adjusted(-half, -half, half, half)
            if region.intersects(cell):
                self._tile_painter.paint(painter, cell, item, focused=item == focus)

    def _pictures_arrived(self, ids: Collection[int] = ()) -> None:
        """Paint the tiles in sight whose picture has come."""
        arrived, visible, half = set(ids), self.visible_indexes(), GAP_PX // 2
        for place, sample_id in enumerate(self._state.ids[visible.start : visible.stop].tolist()):
            if sample_id in arrived:
                tile = self.tile_rect(visible.start + place)
                self.viewport().update(tile.adjusted(-half, -half, half, half))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to the new width."""
        first = self.visible_indexes().start
        super().resizeEvent(event)
        self._relayout(first)

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for pictures once there is something to see."""
        super().showEvent(event)
        # What is painted is filled first. Only with that promise does Qt scroll by moving pixels instead of painting
        # the whole screen; the style sheet takes it back whenever it is applied.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._want_timer.start()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Scroll, and ask for what came into sight."""
        super().scrollContentsBy(dx, dy)
        head_px = self._grid_model.layout.head_px
        if head_px:
            # The heading that stays at the top was moved along with the tiles: paint where it is and where it went.
            self.viewport().update(0, min(0, dy), self.viewport().width(), head_px + abs(dy))
        self._want_timer.start()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom; the wheel alone scrolls."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            notches = event.angleDelta().y() / 120
            self.set_zoom(round(self._zoom_px * 1.15**notches), event.position().toPoint())
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and select; Enter opens; every other key is left to whoever holds the grid."""
        rows = max(1, self.viewport().height() // self._grid_model.layout.cell_px)
        if handle_key(event, self._state, self._grid_model.layout, rows):
            if self._state.current >= 0:
                self.reveal(self._state.current)
            event.accept()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._state.current_id is not None:
            if not self.on_enter():
                self.open_requested.emit(self._state.current_id)
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a drag or a rubber band."""
        point = self._content(event)
        section = heading_at(self._grid_model.layout, event.position().toPoint().y(), self._scrolled())
        if section >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._select_section(section, event.modifiers())
        elif event.button() == Qt.MouseButton.LeftButton:
            self._mouse.press(point, event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton:
            item = self._grid_model.layout.at(point.x(), point.y())
            if item >= 0 and not self._state.is_selected(item):
                self._state.select_only(item)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the rubber band, scrolling where it leaves the window."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._mouse.move(self._content(event))
            self._edge.follow(event.position().toPoint())
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the click or the rubber band."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._edge.stop()
            self._mouse.release()
            self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is under the pointer."""
        point = self._content(event)
        item = self._grid_model.layout.at(point.x(), point.y())
        if item >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.open_requested.emit(int(self._state.ids[item]))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the menu of the selection, if there is one."""
        if self._state.selected_count:
            by_key = event.reason() == QContextMenuEvent.Reason.Keyboard and self._state.current >= 0
            place = self.tile_rect(self._state.current).center() if by_key else None
            self.menu_requested.emit(self.viewport().mapToGlobal(place) if place else event.globalPos())

    def focusInEvent(self, event: QEvent) -> None:
        """Show where the keyboard is."""
        self.viewport().update()

    def focusOutEvent(self, event: QEvent) -> None:
        """Hide where the keyboard was."""
        self.viewport().update()

    def _scrolled(self) -> int:
        return self.verticalScrollBar().value()

    def _select_section(self, section: int, modifiers: Qt.KeyboardModifier) -> None:
        """Select what stands under a heading; with Ctrl or Shift, beside what is selected."""
        tiles = self._grid_model.layout.tiles_of(section)
        adding = modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        base = self._state.mask() if adding else None
        self._state.select_indexes(np.arange(tiles.start, tiles.stop, dtype=np.intp), base=base)
        self._state.set_current(tiles.start)

    def _content(self, event: QMouseEvent) -> QPoint:
        point = event.position().toPoint()
        return QPoint(point.x(), point.y() + self.verticalScrollBar().value())

    def _start_drag(self) -> None:
        drag_samples(self, self._theme, self._state.selected_count)
