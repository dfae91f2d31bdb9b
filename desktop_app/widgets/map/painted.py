"""The picture of a map's points: painted in slices where they are many, and moved meanwhile."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal
from PySide6.QtGui import QImage, QPainter

from desktop_app.theme import Theme
from desktop_app.widgets.map.colouring import Colouring
from desktop_app.widgets.map.raster import Paint, PointCloud, Raster, paint_of
from desktop_app.widgets.map.view import MapView

AT_ONCE: Final = 60_000
"""Up to so many points are painted within one frame; more in slices."""
SLICE_S: Final = 0.008


class PaintedPoints(QObject):
    """Keeps a picture of points, and brings it up to date.

    Signals
    -------
    ready
        There is a newer picture: draw it.
    """

    ready = Signal()

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self._paint: Paint | None = None
        self._raster: Raster | None = None
        self._shown: QImage | None = None
        self._shown_view = MapView()
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._paint_slice)

    @property
    def complete(self) -> bool:
        """Whether the picture is of all points as they are, at the view drawn last."""
        return self._raster is not None and self._raster.finished

    def outdate(self) -> None:
        """The points, their colours or the selection have changed."""
        self._paint = self._raster = None
        self._slices.stop()

    def draw(
        self,
        painter: QPainter,
        view: MapView,
        ratio: float,
        cloud: PointCloud,
        colouring: Colouring,
        selected: NDArray[np.bool_],
        excluded: NDArray[np.bool_] | None,
    ) -> None:
        """Draw what there is at `view`, and begin to paint what there should be."""
        # A picture being painted is finished first: it is nearer to what is wanted than the one that is shown.
        if self._raster is None or (self._raster.finished and self._raster.view != view):
            if self._paint is None:
                self._paint = self._mix(cloud, colouring, selected, excluded)
            self._raster = Raster(cloud, self._paint, view, ratio, self._theme.scale)
            self._raster.paint(None if len(cloud.order) <= AT_ONCE else SLICE_S)
            self._take()
        if self._shown is not None:
            self._draw_shown(painter, self._shown, view)

    def _mix(
        self,
        cloud: PointCloud,
        colouring: Colouring,
        selected: NDArray[np.bool_],
        excluded: NDArray[np.bool_] | None,
    ) -> Paint:
        tokens = self._theme.tokens
        # One alone has its ring; the others need not stand back for it.
        faded = ~selected if np.count_nonzero(selected) > 1 else None
        return paint_of(cloud, colouring, faded=faded, excluded=excluded, surface=tokens.surface, grey=tokens.muted)

    def _draw_shown(self, painter: QPainter, shown: QImage, view: MapView) -> None:
        """Draw the last picture where it belongs in the view of now."""
        then = self._shown_view
        if view == then:
            painter.drawImage(QPointF(0, 0), shown)
            return
        grown = view.scale / then.scale
        [[x, y]] = view.to_screen(np.array([then.to_map(0, 0)])).tolist()
        painter.drawImage(QRectF(x, y, then.room[0] * grown, then.room[1] * grown), shown)

    def _take(self) -> None:
        """Keep the picture once all of it is painted; go on painting where it is not."""
        assert self._raster is not None
        if self._raster.finished:
            self._slices.stop()
            self._shown, self._shown_view = self._raster.image(), self._raster.view
        else:
            self._slices.start()

    def _paint_slice(self) -> None:
        if self._raster is None:
            self._slices.stop()
            return
        self._raster.paint(SLICE_S)
        self._take()
        if self._raster.finished:
            self.ready.emit()
