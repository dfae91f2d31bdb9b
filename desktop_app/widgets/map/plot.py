"""Points on a plane that can be looked around in, pointed at and lassoed; what they stand for it does not know.

The points are painted into a picture (`desktop_app.widgets.map.painted`); moving shows that picture moved at once,
while the next one is painted in slices between other events. So a million points pan and zoom as a hundred do. All that
is shown is given by `show_…` methods and nothing here outlives the widget: whoever owns it keeps the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.translation import tr_n
from desktop_app.theme import Theme
from desktop_app.widgets.map.colouring import Colouring, by_category
from desktop_app.widgets.map.hover_card import paint_card
from desktop_app.widgets.map.inside import points_inside
from desktop_app.widgets.map.keys import MapKeys
from desktop_app.widgets.map.lasso import Combine, Lasso
from desktop_app.widgets.map.mouse import MapMouse
from desktop_app.widgets.map.painted import PaintedPoints
from desktop_app.widgets.map.raster import PointCloud, cloud_of
from desktop_app.widgets.map.rings import paint_rings
from desktop_app.widgets.map.view import MapView
from desktop_app.widgets.pinch import pinched

Picture = QPixmap | QImage
REACH_PX: Final = 9
_MOST_RINGS: Final = 24
_ZOOM_STEP: Final = 1.2


def _nothing() -> PointCloud:
    return cloud_of(np.zeros((0, 2), dtype=np.float32))


class PointMap(QWidget):
    """Points by their index, 0 to N - 1.

    Signals
    -------
    selection_made(rows)
        The user chose points: (M,) int64 indexes of all that are selected now.
    hovered(int)
        The point under the pointer, or under the keyboard's cross; -1 where there is none.
    view_changed(MapView)
        The user, or a change of size, moved the map.
    lasso_changed(bool)
        Whether dragging draws a lasso, changed from the keyboard.
    menu_asked(QPoint)
        A context menu was asked for, at a point of the screen.
    """

    selection_made = Signal(object)
    hovered = Signal(int)
    view_changed = Signal(object)
    lasso_changed = Signal(bool)
    menu_asked = Signal(object)

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        caption: Callable[[int], str] | None = None,
        picture: Callable[[int], Picture | None] | None = None,
        view: MapView | None = None,
    ) -> None:
        """`name` is its accessible name; `caption` and `picture` are asked for what a point stands for.

        A picture that is not there yet is None: call `update` when it is.
        """
        super().__init__()
        self._theme, self._caption, self._picture = theme, caption, picture
        self.cloud = _nothing()
        self._colouring = by_category(np.zeros(0, dtype=np.uint16), ())
        self._selected = np.zeros(0, dtype=np.bool_)
        self._excluded: NDArray[np.bool_] | None = None
        self._current = self._hover = -1
        self.view = view or MapView()
        self._lasso, self._lassoing = Lasso(), False
        self._keys, self._mouse = MapKeys(self), MapMouse(self, theme.px(4))
        self._points = PaintedPoints(theme, self)
        self._points.ready.connect(self.update)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self._describe()

    # -- what is shown

    def show_points(self, cloud: PointCloud) -> None:
        """Show other points, or the same ones elsewhere. Of other points nothing is selected or excluded at first."""
        if len(cloud) != len(self.cloud):
            self._selected, self._excluded = np.zeros(len(cloud), dtype=np.bool_), None
            self._current = self._hover = -1
        if len(self._colouring) != len(cloud):
            self._colouring = by_category(np.zeros(len(cloud), dtype=np.uint16), ())
        self.cloud = cloud
        self._set_view(self.view.with_bounds(cloud.bounds, cloud.core))
        self._repaint_points()
        self._describe()

    def clear(self) -> None:
        """Show no points and nothing of those that were there; all of the next are in sight at first."""
        self._lasso.clear()
        self.view = MapView()
        self.show_points(_nothing())
        self._set_view(self.view.with_room(self.width(), self.height()))

    def show_colours(self, colouring: Colouring) -> None:
        """Colour the points otherwise; as many as there are points."""
        self._colouring = colouring
        self._repaint_points()

    def show_selected(self, rows: NDArray[np.int64]) -> None:
        """Let these points stand out, the others stand back; all stand out where there are none."""
        mask = np.zeros(len(self.cloud), dtype=np.bool_)
        # What was chosen before the points came, or of a map that is gone, is none of these.
        mask[rows[rows < len(mask)]] = True
        if not np.array_equal(mask, self._selected):
            self._selected = mask
            self._repaint_points()
            self._describe()

    def show_excluded(self, rows: NDArray[np.int64]) -> None:
        """Let these points be grey."""
        self._excluded = None
        if len(rows):
            self._excluded = np.zeros(len(self.cloud), dtype=np.bool_)
            self._excluded[rows] = True
        self._repaint_points()

    def show_current(self, index: int) -> None:
        """Put a ring around the point in question; -1 for none."""
        self._current = index
        self.update()

    def set_lassoing(self, on: bool) -> None:
        """Let dragging draw a lasso, or move the map."""
        if on != self._lassoing:
            self._lassoing = on
            self._lasso.clear()
            self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)
            self.update()

    @property
    def lassoing(self) -> bool:
        """Whether dragging draws a lasso."""
        return self._lassoing

    @property
    def lasso(self) -> Lasso:
        """The line being drawn."""
        return self._lasso

    @property
    def selected_rows(self) -> NDArray[np.int64]:
        """(M,) indexes of the points that are selected."""
        return np.flatnonzero(self._selected)

    @property
    def complete(self) -> bool:
        """Whether all points are painted, where they are now."""
        return self._points.complete

    # -- what the user does

    def move_by(self, dx: float, dy: float) -> None:
        """Move the map by pixels."""
        self._set_view(self.view.panned(dx, dy))

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Enlarge the map around a point of the widget, or its middle."""
        self._set_view(self.view.zoomed(factor, *((at.x(), at.y()) if at is not None else ())))

    def zoom_by(self, steps: float) -> None:
        """Enlarge the map by some steps, or make it smaller by negative ones."""
        self.zoom(_ZOOM_STEP**steps)

    def reset(self) -> None:
        """Show all of the map."""
        self._set_view(self.view.fit())

    def close_lasso(self, combine: Combine) -> None:
        """Select what the line is around, and draw no more."""
        corners = self._lasso.corners
        self._lasso.clear()
        if len(corners) >= 3:
            self.select(points_inside(self.cloud.positions, corners), combine)
        self.update()

    def select(self, rows: NDArray[np.int64], combine: Combine = Combine.REPLACE) -> None:
        """Select points, as the user does."""
        mask = np.zeros_like(self._selected) if combine is Combine.REPLACE else self._selected.copy()
        mask[rows] = combine is not Combine.REMOVE
        if not np.array_equal(mask, self._selected):
            self._selected = mask
            self._repaint_points()
            self._describe()
            self.selection_made.emit(np.flatnonzero(mask))

    def select_none(self) -> None:
        """Select nothing any more, as the user does."""
        self.select(np.zeros(0, dtype=np.int64))

    def switch_lasso(self) -> None:
        """Let dragging draw a lasso from now on, or no longer."""
        self.set_lassoing(not self._lassoing)
        self.lasso_changed.emit(self._lassoing)

    def point_at(self, x: float, y: float) -> int:
        """Return the index of the point nearest to (x, y) of the widget, within `REACH_PX`; -1 where there is none."""
        if not len(self.cloud.order):
            return -1
        at = self.view.to_map(x, y)
        apart = (self.cloud.x - np.float32(at[0])) ** 2
        apart += (self.cloud.y - np.float32(at[1])) ** 2
        nearest = int(apart.argmin())
        reach = self._theme.px(REACH_PX) / self.view.scale
        return int(self.cloud.order[nearest]) if float(apart[nearest]) <= reach**2 else -1

    def hover_at(self, x: float, y: float) -> None:
        """Look at the point at (x, y) of the widget."""
        found = self.point_at(x, y)
        if found != self._hover:
            self._hover = found
            self.hovered.emit(found)
            self._describe()
            self.update()

    # -- painting

    def sizeHint(self) -> QSize:
        """Return a size at which a few thousand points are well told apart."""
        return QSize(self._theme.px(560), self._theme.px(300))

    def minimumSizeHint(self) -> QSize:
        """Return the least that is of any use."""
        return QSize(self._theme.px(160), self._theme.px(120))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the points, and over them what is selected, looked at and lassoed."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("surface"))
        ratio = self.devicePixelRatioF()
        self._points.draw(painter, self.view, ratio, self.cloud, self._colouring, self._selected, self._excluded)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_rings(painter)
        if self._lasso.active:
            self._lasso.paint(painter, self.view, self._theme)
        self._draw_focus(painter)
        if self._hover >= 0 and not self._mouse.pressed:
            self._draw_card(painter)
        painter.end()

    def _draw_rings(self, painter: QPainter) -> None:
        theme, rows = self._theme, self.selected_rows
        if 0 < len(rows) <= _MOST_RINGS:
            paint_rings(painter, theme, self.view, self.cloud.positions[rows], "text", 5.5, 1.2)
        if self._hover >= 0:
            paint_rings(painter, theme, self.view, self.cloud.positions[[self._hover]], "text", 7, 1.6)
        if 0 <= self._current < len(self.cloud):
            for colour, width in (("surface", 4.5), ("bad", 2.2)):
                paint_rings(painter, theme, self.view, self.cloud.positions[[self._current]], colour, 8, width)

    def _draw_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _draw_card(self, painter: QPainter) -> None:
        [[x, y]] = self.view.to_screen(self.cloud.positions[[self._hover]]).tolist()
        if x == x:
            name = self._caption(self._hover) if self._caption is not None else ""
            picture = self._picture(self._hover) if self._picture is not None else None
            paint_card(painter, self._theme, QPointF(x, y), self.size(), name, picture)

    def _repaint_points(self) -> None:
        self._points.outdate()
        self.update()

    def _set_view(self, view: MapView) -> None:
        if view == self.view:
            return
        self.view = view
        self.update()
        self.view_changed.emit(view)

    def _describe(self) -> None:
        """Say what is shown, for those who do not see it."""
        said = [tr_n("{n} point", "{n} points", len(self.cloud.order))]
        chosen = int(np.count_nonzero(self._selected))
        if chosen:
            said.append(tr_n("{n} selected", "{n} selected", chosen))
        if self._hover >= 0 and self._caption is not None:
            said.append(self._caption(self._hover))
        self.setAccessibleDescription(" · ".join(said))

    # -- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep in sight what was."""
        self._set_view(self.view.with_room(self.width(), self.height()))

    def event(self, event: QEvent) -> bool:
        """Take pinches, and the keys that would else be shortcuts of the page."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._keys.wants(event):
            event.accept()
            return True
        zoomed = pinched(self, event)
        if zoomed is not None:
            self.zoom(*zoomed)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        turned = event.angleDelta().y() / 120
        if turned:
            self.zoom(_ZOOM_STEP**turned, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move the map, or a lasso."""
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the map, draw the lasso, or look at a point."""
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Select what the lasso is around, or what was clicked."""
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Zoom in on what was clicked."""
        self.zoom(2.0, event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """Look at nothing any more."""
        if self._hover >= 0:
            self._hover = -1
            self.hovered.emit(-1)
            self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for a menu."""
        self.menu_asked.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, zoom and lasso with the keyboard."""
        if not self._keys.press(event):
            super().keyPressEvent(event)
