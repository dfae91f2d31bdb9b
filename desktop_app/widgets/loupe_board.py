"""One image, or up to nine side by side: canvases that move together, each with what is known of its image below."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.images.formats import Where
from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import clear, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.image_canvas.canvas import MARGIN_PX, ImageCanvas
from desktop_app.widgets.label_pill import LabelPill
from desktop_app.widgets.loupe_layers import layer_words
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.widgets.sample_grid.tiles import Tile

MOST: Final = 9
_MARGIN_SIDE_BY_SIDE_PX: Final = 6


class LoupeCell(QWidget):
    """A canvas, and under it the name and the labels of its image."""

    def __init__(self, theme: Theme, pictures: LoupePictures, *, alone: bool) -> None:
        super().__init__()
        self._theme, self._pictures = theme, pictures
        self.sample_id = -1
        self.layer: Where | None = None
        self.canvas = ImageCanvas(theme, pictures.tiles, margin=MARGIN_PX if alone else _MARGIN_SIDE_BY_SIDE_PX)
        self._name = ElidedLabel("")
        self._pills = QHBoxLayout()
        self._caption = QWidget()
        line = QHBoxLayout(self._caption)
        line.setContentsMargins(theme.px(4), 0, theme.px(4), 0)
        line.addWidget(self._name, 1)
        line.addLayout(self._pills)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(2))
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self._caption)
        self._caption.setVisible(not alone)

    def show_sample(self, sample_id: int, problem: str) -> None:
        """Show a sample: its image, a small version of it, or why there is none."""
        pictures, canvas = self._pictures, self.canvas
        image, layer, layers = pictures.image(sample_id), pictures.layer(sample_id), pictures.layers(sample_id)
        preview = pictures.preview(sample_id) if layers is None or layer == layers.own else None
        failure = pictures.failure(sample_id)
        if image is None and not failure and sample_id == self.sample_id and canvas.image is not None:
            return  # another plane of it is on its way: until then this one stays, rather than nothing
        self.sample_id, self.layer = sample_id, layer
        if image is not None:
            canvas.show_image(image, pictures.displays.display(sample_id, image), preview)
            return
        if preview is not None and not failure:
            canvas.show_preview(preview)
        else:
            canvas.show_message(failure or problem or tr("Loading…"))

    def show_words(self, tile: Tile, *, blinded: bool) -> None:
        """Show name and labels, or neither; and which page or plane of its file is seen."""
        name = "" if blinded else tile.name
        layers, layer = self._pictures.layers(self.sample_id), self._pictures.layer(self.sample_id)
        seen = layer_words(layers, layer) if layers is not None and layer is not None else ""
        self._name.set_full_text(" · ".join(part for part in (name, seen) if part))
        self.canvas.setAccessibleName(tr("Picture of {name}", name=name) if name else tr("Picture"))
        clear(self._pills)
        if not blinded:
            fill_pills(self._pills, tile, self._theme)


class LoupeBoard(QWidget):
    """The canvases.

    Signals
    -------
    focus_changed
        (index) another one has the keys.
    pointed
        (x, y) in the image under the pointer, which then has the focus in `pointed_cell`.
    scale_changed
        Of the one that has the keys.
    moved
        The user moved or zoomed one.
    """

    focus_changed = Signal(int)
    pointed = Signal(int, int)
    scale_changed = Signal(float)
    moved = Signal()

    def __init__(self, theme: Theme, pictures: LoupePictures) -> None:
        super().__init__()
        self._theme, self._pictures = theme, pictures
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.px(8))
        self.cells: list[LoupeCell] = []
        self.at = 0
        self.linked = True
        self.pointed_cell: LoupeCell | None = None
        self.set_count(1)

    @property
    def cell(self) -> LoupeCell:
        """The one that has the keys."""
        return self.cells[self.at]

    @property
    def canvas(self) -> ImageCanvas:
        """Its canvas."""
        return self.cell.canvas

    def set_count(self, count: int) -> None:
        """Have so many canvases, in rows that fill a wide window best."""
        if count == len(self.cells):
            return
        for cell in self.cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self.cells = [LoupeCell(self._theme, self._pictures, alone=count == 1) for _ in range(count)]
        self.at, self.pointed_cell = 0, None
        columns = columns_for(count)
        for index, cell in enumerate(self.cells):
            self._grid.addWidget(cell, index // columns, index % columns)
            canvas = cell.canvas
            canvas.focused.connect(partial(self._focused, cell))
            canvas.pointed.connect(partial(self._pointed, cell))
            canvas.view_changed.connect(partial(self._viewed, cell))
            canvas.scale_changed.connect(partial(self._scaled, cell))
        self._ring()
        for index in range(MOST):
            self._grid.setColumnStretch(index, 1 if index < columns else 0)
            self._grid.setRowStretch(index, 1 if index < math.ceil(count / columns) else 0)

    def focus_cell(self, index: int) -> None:
        """Give one the keys."""
        self.cells[index].canvas.setFocus(Qt.FocusReason.OtherFocusReason)
        self._focused(self.cells[index])

    def set_linked(self, linked: bool) -> None:
        """Let all move together, from where the one with the keys is; or each by itself."""
        self.linked = linked
        self._viewed(self.cell)

    def each(self) -> Sequence[ImageCanvas]:
        """Return the canvases that move together with the one that has the keys."""
        return [cell.canvas for cell in self.cells] if self.linked else [self.canvas]

    def fit(self) -> None:
        """Show whole images."""
        for canvas in self.each():
            canvas.fit()

    def actual_size(self) -> None:
        """Show one image pixel as one of the screen, in every image whatever its size."""
        canvases, linked = self.each(), self.linked
        self.linked = False
        for canvas in canvases:
            canvas.actual_size()
        self.linked = linked

    def _focused(self, cell: LoupeCell) -> None:
        if cell in self.cells and self.cells.index(cell) != self.at:
            self.at = self.cells.index(cell)
            self.focus_changed.emit(self.at)
            self.scale_changed.emit(cell.canvas.scale)
            self._ring()

    def _ring(self) -> None:
        for index, cell in enumerate(self.cells):
            cell.canvas.set_ringed(index == self.at and len(self.cells) > 1)

    def _pointed(self, cell: LoupeCell, x: int, y: int) -> None:
        self.pointed_cell = cell
        self.pointed.emit(x, y)

    def _viewed(self, cell: LoupeCell) -> None:
        self.moved.emit()
        if self.linked:
            for other in self.cells:
                if other is not cell:
                    other.canvas.show_like(cell.canvas.view)

    def _scaled(self, cell: LoupeCell, scale: float) -> None:
        if cell is self.cell:
            self.scale_changed.emit(scale)


def columns_for(count: int) -> int:
    """Return how many columns show `count` images best in a wide window."""
    return count if count <= 3 else math.ceil(math.sqrt(count))


def fill_pills(layout: QHBoxLayout, tile: Tile, theme: Theme) -> None:
    """Put the labels of an image, and whether it is left out, into `layout`."""
    for pill in tile.pills:
        layout.addWidget(LabelPill(theme, pill.text, pill.colour, pill.glyph, suggested=pill.suggested))
    notes: list[QLabel] = []
    if not tile.pills:
        notes.append(text(tr("no label"), "muted"))
    if tile.corner:
        notes.append(text(tile.corner, "warn"))
    if tile.dimmed:
        notes.append(text(tr("excluded"), "warn"))
    for note in notes:
        layout.addWidget(note)
