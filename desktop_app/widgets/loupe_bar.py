"""The bar above the loupe: where one is in the order, what is known of the image, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, clear, icon_button, row, text
from desktop_app.widgets.image_canvas.canvas import ZOOM_STEP
from desktop_app.widgets.loupe_board import LoupeBoard, fill_pills
from desktop_app.widgets.sample_grid.tiles import Tile


class LoupeBar(QWidget):
    """Signals: `walked` (steps), `unlabelled_wanted`, `closed`."""

    walked = Signal(int)
    unlabelled_wanted = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, board: LoupeBoard, *, with_unlabelled: bool) -> None:
        super().__init__()
        self._theme = theme
        icon = theme.icon
        before = icon_button(icon("arrow-left"), tr("Previous image (←)"), lambda: self.walked.emit(-1))
        after = icon_button(icon("arrow-right"), tr("Next image (→)"), lambda: self.walked.emit(1))
        self.unlabelled = button(
            tr("Next unlabelled"), self.unlabelled_wanted.emit, kind="quiet", tip=tr("Next image without a label (N)")
        )
        if not with_unlabelled:
            self.unlabelled.hide()
        self._name, self._place, self._scale = text("", "strong"), text("", "muted"), text("", "mono")
        self._pills = QHBoxLayout()
        self._scale.setMinimumWidth(theme.px(64))
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._scale.setAccessibleName(tr("Zoom"))
        smaller = icon_button(icon("zoom-out"), tr("Zoom out (−)"), lambda: board.canvas.zoom_by(1 / ZOOM_STEP))
        larger = icon_button(icon("zoom-in"), tr("Zoom in (+)"), lambda: board.canvas.zoom_by(ZOOM_STEP))
        fit = button(tr("Fit"), board.fit, kind="quiet", tip=tr("Show the whole image (Ctrl+0)"))
        actual = button("1 : 1", board.actual_size, kind="quiet", tip=tr("One image pixel a pixel (Ctrl+1)"))
        self.linked = button(tr("Linked"), kind="chip", tip=tr("Zoom and move all images together."), icon=icon("link"))
        self.linked.setCheckable(True)
        self.linked.setChecked(True)
        self.linked.toggled.connect(board.set_linked)
        self.channels = button(
            tr("Channels"), kind="chip", tip=tr("Windows and colours of the channels (H)"), icon=icon("eye")
        )
        self.channels.setCheckable(True)
        close = icon_button(icon("close"), tr("Close (Esc)"), self.closed.emit)
        for made in (self.unlabelled, fit, actual, self.linked, self.channels):
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        gap = theme.px(4)
        left = row(before, after, self.unlabelled, gap, self._name, gap, self._pills, gap, self._place)
        right = row(self.linked, self.channels, gap, self._scale, smaller, larger, fit, actual, close)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(left)
        layout.addStretch(1)
        layout.addLayout(right)
        board.scale_changed.connect(self._show_scale)

    def show_one(self, tile: Tile | None, index: int, count: int) -> None:
        """Show what is known of one image (nothing, where it must not be), and its place among `count`."""
        self._name.setText(tile.name if tile is not None else "")
        self._place.setText(tr("{i} of {n}", i=f"{index + 1:,}", n=f"{count:,}"))
        clear(self._pills)
        if tile is not None:
            fill_pills(self._pills, tile, self._theme)

    def show_several(self, count: int) -> None:
        """Say how many are compared."""
        self._name.setText(tr("{n} images side by side", n=count))
        self._place.setText("")
        clear(self._pills)

    def _show_scale(self, scale: float) -> None:
        percent = 100 * scale * self.devicePixelRatioF()
        self._scale.setText(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")
