"""The loupe: one sample in full over the whole window, down to its pixels, walking through the grid's order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, clear, icon_button, row, text
from desktop_app.widgets.label_pill import LabelPill
from desktop_app.widgets.loupe_canvas import ZOOM_STEP, LoupeCanvas
from desktop_app.widgets.loupe_pictures import LoupePictures, Windows
from desktop_app.widgets.loupe_windows import WindowControls
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Tile, TileSource

_CHANNEL_LETTERS = {1: ("",), 3: ("R ", "G ", "B ")}


class Loupe(QWidget):
    """Covers `host` and shows the current sample of `state`; the selection is left alone.

    Parameters
    ----------
    pictures
        Reads the images.
    on_key
        Gets the keys that are not the loupe's own (labels, undo); returns whether it took them.

    Signals
    -------
    closed
        It was closed, by Esc or Space or its button.
    """

    closed = Signal()

    def __init__(
        self,
        host: QWidget,
        state: GridState,
        tiles: TileSource,
        pictures: LoupePictures,
        theme: Theme,
        on_key: Callable[[QKeyEvent], bool],
    ) -> None:
        super().__init__(host)
        self._host = host
        self._page: QWidget | None = None
        self._state, self._tiles, self._theme, self._on_key = state, tiles, theme, on_key
        self._pictures = pictures
        self._windows: Windows | None = None
        self._canvas = LoupeCanvas(theme)
        self._controls = WindowControls(theme)
        self._name, self._place = text("", "strong"), text("", "muted")
        self._pointer, self._scale = text("", "mono"), text("", "mono")
        self._pills = QHBoxLayout()
        self._build()
        self._connect()
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.setAccessibleName(tr("Loupe"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def open(self) -> None:
        """Show the current sample, over everything."""
        self.setGeometry(self._host.rect())
        self.raise_()
        self.show()
        self.setFocus()
        self._show_current()

    def belong_to(self, page: QWidget) -> None:
        """Close when `page` is left for another one."""
        self._page = page
        page.installEventFilter(self)

    def close_loupe(self) -> None:
        """Go away and release the images."""
        self._pictures.close()
        self._canvas.show_picture(None)
        self.hide()
        self.closed.emit()

    def refresh(self) -> None:
        """Show again what is known of the sample: its label may have changed."""
        if self.isVisible():
            self._show_words()

    @property
    def canvas(self) -> LoupeCanvas:
        """The surface with the picture."""
        return self._canvas

    def _build(self) -> None:
        theme = self._theme
        icon = theme.icon
        before = icon_button(icon("arrow-left"), tr("Previous image (←)"), lambda: self._walk(-1))
        after = icon_button(icon("arrow-right"), tr("Next image (→)"), lambda: self._walk(1))
        fit = button(tr("Fit"), self._canvas.fit, kind="quiet", tip=tr("Show the whole image (Ctrl+0)"))
        actual = button("1 : 1", self._canvas.actual_size, kind="quiet", tip=tr("One image pixel a pixel (Ctrl+1)"))
        smaller = icon_button(icon("zoom-out"), tr("Zoom out (−)"), lambda: self._canvas.zoom_by(1 / ZOOM_STEP))
        larger = icon_button(icon("zoom-in"), tr("Zoom in (+)"), lambda: self._canvas.zoom_by(ZOOM_STEP))
        close = icon_button(icon("close"), tr("Close (Esc)"), self.close_loupe)
        self._scale.setMinimumWidth(theme.px(64))
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        top = row(
            before,
            after,
            4,
            self._name,
            theme.px(4),
            self._pills,
            theme.px(4),
            self._place,
            None,
            self._scale,
            smaller,
            larger,
            fit,
            actual,
        )
        top.addWidget(close)
        bottom = row(self._pointer, None, self._controls, spacing=theme.px(16))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        layout.addLayout(top)
        layout.addWidget(self._canvas, 1)
        layout.addLayout(bottom)
        self._pointer.setMinimumHeight(theme.px(24))

    def _connect(self) -> None:
        self._state.current_changed.connect(self._show_current)
        self._state.ids_changed.connect(self._show_current)
        self._pictures.loaded.connect(self._show_picture)
        self._canvas.pointed.connect(self._show_pixel)
        self._canvas.scale_changed.connect(lambda scale: self._scale.setText(f"{100 * scale:.0f} %"))
        self._controls.changed.connect(self._use_windows)
        self._controls.automatic.connect(lambda: self._use_windows(None))

    def _walk(self, steps: int) -> None:
        target = self._state.current + steps
        if 0 <= target < len(self._state):
            self._state.set_current(target)

    def _show_current(self) -> None:
        if not self.isVisible():
            return
        if self._state.current_id is None:
            self.close_loupe()
            return
        self._windows = None
        self._show_words()
        self._want()
        self._show_picture()

    def _want(self) -> None:
        ids, at = self._state.ids, self._state.current
        neighbours = [int(ids[i]) for i in (at + 1, at - 1) if 0 <= i < len(ids)]
        self._pictures.want(int(ids[at]), self._windows, neighbours)

    def _use_windows(self, windows: Windows | None) -> None:
        self._windows = windows
        self._want()
        self._show_picture()

    def _show_words(self) -> None:
        sample_id = self._state.current_id
        if sample_id is None:
            return
        tile = self._tiles.tile(sample_id)
        self._name.setText(tile.name)
        self._place.setText(tr("{i} of {n}", i=f"{self._state.current + 1:,}", n=f"{len(self._state):,}"))
        clear(self._pills)
        for pill in tile.pills:
            made = LabelPill(self._theme, pill.text, pill.colour, pill.glyph, suggested=pill.suggested)
            self._pills.addWidget(made)
        if not tile.pills:
            self._pills.addWidget(text(tr("no label"), "muted"))
        if tile.dimmed:
            self._pills.addWidget(text(tr("excluded"), "warn"))

    def _show_picture(self) -> None:
        sample_id = self._state.current_id
        if not self.isVisible() or sample_id is None:
            return
        picture = self._pictures.picture(sample_id, self._windows)
        if picture is not None:
            self._canvas.show_picture(picture)
            self._controls.setVisible(picture.windows is not None)
            if picture.windows is not None and self._windows is None:
                self._controls.set_windows(picture.windows, picture.limits)
        elif self._windows is None:
            self._canvas.show_picture(None, self._message(self._tiles.tile(sample_id), sample_id))
            self._controls.hide()

    def _message(self, tile: Tile, sample_id: int) -> str:
        return self._pictures.failure(sample_id) or tile.problem or tr("Loading…")

    def _show_pixel(self, x: int, y: int) -> None:
        sample_id = self._state.current_id
        picture = self._pictures.picture(sample_id, self._windows) if sample_id is not None else None
        values = picture.values_at(x, y) if picture is not None else None
        if values is None:
            self._pointer.setText("")
            return
        letters = _CHANNEL_LETTERS[len(values)]
        shown = "  ".join(f"{letter}{value}" for letter, value in zip(letters, values, strict=True))
        self._pointer.setText(f"x {x}  y {y}   {shown}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, zoom, close; every other key goes to `on_key` (labels), and none gets past the loupe."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        match event.key():
            case Qt.Key.Key_Escape | Qt.Key.Key_Space:
                self.close_loupe()
            case Qt.Key.Key_Left | Qt.Key.Key_Up:
                self._walk(-1)
            case Qt.Key.Key_Right | Qt.Key.Key_Down:
                self._walk(1)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._canvas.zoom_by(ZOOM_STEP)
            case Qt.Key.Key_Minus:
                self._canvas.zoom_by(1 / ZOOM_STEP)
            case Qt.Key.Key_0 if control:
                self._canvas.fit()
            case Qt.Key.Key_1 if control:
                self._canvas.actual_size()
            case Qt.Key.Key_0 if not self._on_key(event):
                self._canvas.fit()
            case _:
                self._on_key(event)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cover what is behind."""
        QPainter(self).fillRect(self.rect(), self._theme.colour("background"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the host; go away with the page it belongs to."""
        if event.type() == QEvent.Type.Resize and watched is self._host:
            self.setGeometry(self._host.rect())
        # A minimised window hides its pages too, spontaneously: there the loupe stays.
        if event.type() == QEvent.Type.Hide and watched is self._page and not event.spontaneous() and self.isVisible():
            self.close_loupe()
        return False
