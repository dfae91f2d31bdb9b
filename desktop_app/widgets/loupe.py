"""The loupe: one sample in full over the whole window, or up to nine side by side, down to their pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.images.formats import Where
from core.images.rendering import Display
from core.translation import tr
from desktop_app.theme import INSPECTOR_WIDTH, Theme
from desktop_app.widgets.basics import row, scrolling, text
from desktop_app.widgets.channel_panel import ChannelPanel, channel_names
from desktop_app.widgets.image_canvas.canvas import ImageCanvas
from desktop_app.widgets.image_canvas.overlays import value_text
from desktop_app.widgets.loupe_bar import LoupeBar
from desktop_app.widgets.loupe_board import MOST, LoupeBoard
from desktop_app.widgets.loupe_displays import is_plain
from desktop_app.widgets.loupe_layers import LayerControl
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Tile, TileSource

_AHEAD = (1, -1, 2)
_Key = Qt.Key
_LAYER_STEPS = {_Key.Key_PageDown: 1, _Key.Key_PageUp: -1}


class Loupe(QWidget):
    """Covers `host` and shows the current sample of `state`, or some to compare; the selection is left alone.

    Parameters
    ----------
    pictures
        Opens the images.
    on_key
        Gets the keys that are not the loupe's own (labels, undo), meant for the current sample of `state`; returns
        whether it took them.
    next_unlabelled
        Makes the next sample without a label the current one; without it there is no such button.
    blinded
        Names and labels are hidden, as for a second reader.

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
        *,
        next_unlabelled: Callable[[], object] | None = None,
        blinded: bool = False,
    ) -> None:
        super().__init__(host)
        self._host = host
        self._page: QWidget | None = None
        self._state, self._tiles, self._theme, self._on_key = state, tiles, theme, on_key
        self._pictures, self._next_unlabelled, self._blinded = pictures, next_unlabelled, blinded
        self._compared: list[int] = []
        self._space_down = self._space_moved = False
        self.board = LoupeBoard(theme, pictures)
        self.bar = LoupeBar(theme, self.board, with_unlabelled=next_unlabelled is not None)
        self.channels = ChannelPanel(theme)
        self._panel = scrolling(self.channels, name=tr("Channels"))
        self._pointer = text("", "mono")
        self.layers = LayerControl(theme)
        self._build()
        self._connect()
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.setAccessibleName(tr("Loupe"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def open(self) -> None:
        """Show the current sample, over everything."""
        self._compared = []
        self._appear(1)
        self._show_current()

    def compare(self, sample_ids: Sequence[int]) -> None:
        """Show two to nine samples side by side; of more, the first nine."""
        self._compared = list(sample_ids)[:MOST]
        if len(self._compared) < 2:
            self.open()
            return
        self._appear(len(self._compared))
        self._show_current()
        self._aim()

    def belong_to(self, page: QWidget) -> None:
        """Close when `page` is left for another one."""
        self._page = page
        page.installEventFilter(self)

    def close_loupe(self) -> None:
        """Go away and release the images."""
        self.hide()
        self.board.set_count(1)
        self.canvas.show_message("")
        self._compared = []
        self._pictures.rest()
        self.closed.emit()

    def refresh(self) -> None:
        """Show again what is known of the samples: their labels may have changed."""
        if self.isVisible():
            self._show_words()

    @property
    def canvas(self) -> ImageCanvas:
        """The surface that has the keys."""
        return self.board.canvas

    @property
    def compared(self) -> list[int]:
        """The samples side by side, or none."""
        return self._compared

    @property
    def pointer_text(self) -> str:
        """What is said of the pixel under the pointer."""
        return self._pointer.text()

    # -- building

    def _build(self) -> None:
        theme = self._theme
        self._panel.setFixedWidth(theme.px(INSPECTOR_WIDTH))
        self._panel.hide()
        self._pointer.setMinimumHeight(theme.px(24))
        self._pointer.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        middle = QHBoxLayout()
        middle.addWidget(self.board, 1)
        middle.addWidget(self._panel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(8), theme.px(16), theme.px(8))
        layout.addWidget(self.bar)
        layout.addLayout(middle, 1)
        layout.addLayout(row(self._pointer, None, self.layers))

    def _connect(self) -> None:
        self._state.current_changed.connect(self._show_current)
        self._state.ids_changed.connect(self._show_current)
        self._pictures.loaded.connect(self._show_pictures)
        self._pictures.displays.changed.connect(self._show_displays)
        self.board.pointed.connect(self._show_pixel)
        self.board.focus_changed.connect(self._focus_changed)
        self.board.moved.connect(self._moved)
        self.bar.walked.connect(self._walk)
        self.bar.closed.connect(self.close_loupe)
        self.bar.unlabelled_wanted.connect(self._go_unlabelled)
        self.bar.channels.toggled.connect(lambda _: self._show_channels())
        self.layers.wanted.connect(self._look_at)
        self.channels.changed.connect(self._set_display)
        self.channels.same_for_all_changed.connect(self._set_same)

    def _appear(self, count: int) -> None:
        self.board.set_count(count)
        self.bar.linked.setVisible(count > 1)
        self.bar.unlabelled.setVisible(count == 1 and self._next_unlabelled is not None)
        self.setGeometry(self._host.rect())
        self.raise_()
        self.show()
        self.board.focus_cell(0)

    # -- what is shown

    def _shown_ids(self) -> list[int]:
        current = self._state.current_id
        return self._compared or ([current] if current is not None else [])

    def _show_current(self) -> None:
        if not self.isVisible():
            return
        ids = self._shown_ids()
        if not ids:
            self.close_loupe()
            return
        self._pictures.want([*ids, *self._neighbours()])
        self._pointer.setText("")
        self._show_words()
        self._show_pictures()

    def _neighbours(self) -> list[int]:
        if self._compared:
            return []
        ids, at = self._state.ids, self._state.current
        return [int(ids[at + step]) for step in _AHEAD if 0 <= at + step < len(ids)]

    def _tile(self, sample_id: int) -> Tile:
        return self._tiles.tile(sample_id)

    def _show_words(self) -> None:
        ids = self._shown_ids()
        for cell, sample_id in zip(self.board.cells, ids, strict=False):
            cell.show_words(self._tile(sample_id), blinded=self._blinded)
        if self._compared:
            self.bar.show_several(len(ids))
        elif ids:
            tile = None if self._blinded else self._tile(ids[0])
            self.bar.show_one(tile, self._state.current, len(self._state))

    def _show_pictures(self) -> None:
        if not self.isVisible():
            return
        for cell, sample_id in zip(self.board.cells, self._shown_ids(), strict=False):
            seen = cell.sample_id, cell.layer
            if seen != (sample_id, self._pictures.layer(sample_id)) or cell.canvas.image is None:
                cell.show_sample(sample_id, self._tile(sample_id).problem)
                cell.show_words(self._tile(sample_id), blinded=self._blinded)
        self._show_channels()
        self._show_layers()

    def _show_layers(self) -> None:
        sample_id = self.board.cell.sample_id
        self.layers.show_layer(self._pictures.layers(sample_id), self._pictures.layer(sample_id))

    def _show_channels(self) -> None:
        """Show the channels of the image with the keys; of an ordinary picture only where the user asks for them."""
        cell, displays = self.board.cell, self._pictures.displays
        image = cell.canvas.image
        if image is None:
            return
        shown = self.bar.channels.isChecked() or not is_plain(image)
        self._panel.setVisible(shown)
        self.bar.channels.setVisible(is_plain(image))
        display = displays.display(cell.sample_id, image)
        self.channels.show_image(image, display, same_for_all=displays.same_for_all)

    def _show_displays(self) -> None:
        displays = self._pictures.displays
        for cell in self.board.cells:
            image = cell.canvas.image
            if image is not None:
                cell.canvas.set_display(displays.display(cell.sample_id, image))
        self._show_channels()

    def _set_display(self, display: Display) -> None:
        cell = self.board.cell
        if cell.canvas.image is not None:
            self._pictures.displays.set_display(cell.sample_id, cell.canvas.image, display)

    def _set_same(self, same: bool) -> None:
        cell = self.board.cell
        self._pictures.displays.set_same_for_all(same, cell.sample_id, cell.canvas.image)

    def _show_pixel(self, x: int, y: int) -> None:
        cell = self.board.pointed_cell
        values = cell.canvas.values_at(x, y) if cell is not None else None
        image = cell.canvas.image if cell is not None else None
        if values is None or image is None:
            self._pointer.setText("")
            return
        pairs = zip(channel_names(image), values, strict=True)
        shown = "   ".join(f"{name} {value_text(value)}".strip() for name, value in pairs)
        self._pointer.setText(f"x {x}  y {y}     {shown}")

    # -- hands

    def _look_at(self, layer: Where) -> None:
        """Look at another page or plane of the file that the image is in."""
        self._pictures.choose(self.board.cell.sample_id, layer)
        self._pointer.setText("")
        self._show_pictures()

    def _step(self, steps: int, *, in_time: bool) -> None:
        """Go through the planes: of all that are compared and linked, else of the one that has the keys."""
        cells = self.board.cells if self.board.linked else [self.board.cell]
        for cell in cells:
            layers, layer = self._pictures.layers(cell.sample_id), self._pictures.layer(cell.sample_id)
            if layers is not None and layer is not None:
                self._pictures.choose(cell.sample_id, (layers.later if in_time else layers.moved)(layer, steps))
        self._pointer.setText("")
        self._show_pictures()

    def _look_at_itself(self) -> None:
        layers = self._pictures.layers(self.board.cell.sample_id)
        if layers is not None:
            self._look_at(layers.own)

    def _walk(self, steps: int) -> None:
        if self._compared:
            self.board.focus_cell((self.board.at + steps) % len(self._compared))
            return
        target = self._state.current + steps
        if 0 <= target < len(self._state):
            self._state.set_current(target)

    def _go_unlabelled(self) -> None:
        if self._next_unlabelled is not None and not self._compared:
            self._next_unlabelled()

    def _focus_changed(self, _: int) -> None:
        self._aim()
        self._show_channels()
        self._show_layers()

    def _aim(self) -> bool:
        """Make the sample that has the keys the current one, which label keys are meant for; say whether it is."""
        if not self._compared:
            return True
        index = self._state.index_of(self.board.cell.sample_id)
        if index >= 0:
            self._state.set_current(index)
        return index >= 0

    def _moved(self) -> None:
        self._space_moved = True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk, zoom, close; every other key goes to `on_key` (labels), and none gets past the loupe."""
        if not self.canvas.handle_key(event) and not self._own_key(event):
            taken = self._aim() and self._on_key(event)
            if not taken and not event.modifiers():
                self._free_key(_Key(event.key()))
        event.accept()

    def _own_key(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key = _Key(event.key())
        if key == _Key.Key_Escape:
            self.close_loupe()
        elif key == _Key.Key_Space:
            if not event.isAutoRepeat():
                self._space_down, self._space_moved = True, False
        elif key in (_Key.Key_Left, _Key.Key_Up):
            self._walk(-1)
        elif key == _Key.Key_Right and control:
            self._go_unlabelled()
        elif key in (_Key.Key_Right, _Key.Key_Down):
            self._walk(1)
        elif key in _LAYER_STEPS:
            in_time = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._step(_LAYER_STEPS[key], in_time=in_time)
        elif key == _Key.Key_Home:
            self._look_at_itself()
        else:
            return False
        return True

    def _free_key(self, key: _Key) -> None:
        """Do what a letter does that is no label's key."""
        if key == _Key.Key_0:
            self.board.fit()
        elif key == _Key.Key_N:
            self._go_unlabelled()
        elif key == _Key.Key_H:
            self.bar.channels.click()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Close as Space comes up, unless something was dragged while it was down."""
        if event.key() == _Key.Key_Space and not event.isAutoRepeat() and self._space_down:
            self._space_down = False
            if not self._space_moved:
                self.close_loupe()
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
