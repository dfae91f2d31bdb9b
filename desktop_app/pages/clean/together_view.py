"""Look-alikes side by side, to be accepted or kept at once; a click leaves one out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from core.domain.labels import Label
from core.translation import tr, tr_n
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.pages.clean.tile_board import TileBoard
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import boxed, clear, column, row, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.flow import flowing
from desktop_app.widgets.key_button import KeyButton
from desktop_app.widgets.label_pill import LabelPill

_SMALLEST_PX, _LARGEST_PX = 110, 150


class TogetherView(Card):
    """In place of the case while some are reviewed together."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(theme, tr("The same doubt"))
        self._controller, self._together = controller, controller.together
        self._words = row(spacing=theme.px(6))
        self.board = TileBoard(theme, smallest_px=_SMALLEST_PX, largest_px=_LARGEST_PX)
        self.board.setAccessibleName(tr("The same doubt"))
        self.accept = KeyButton(theme, "", "⏎", controller.accept_together, primary=True)
        self.keep = KeyButton(theme, "", "K", controller.keep_together)
        self.back = KeyButton(theme, tr("One at a time"), "Esc", self._together.close)
        hint = text(tr("Click an image to leave it out."), "small")
        self.add(self._words)
        self.add(scrolling(boxed(column(self.board, hint, None)), name=tr("The same doubt")), 1)
        self.add(flowing(self.accept, self.keep, self.back, spacing=theme.px(GRID)))
        self._shown: tuple[CaseFacts, ...] = ()
        self._together.changed.connect(self.refresh)
        controller.pictures.loaded.connect(self._show_pictures)
        self.refresh()

    def refresh(self) -> None:
        """Show the cases, and which are left out."""
        cases = self._together.cases
        if not cases:
            self._shown = ()
            return
        if cases != self._shown:
            self._build(cases)
        for case, tile in zip(cases, self.board.tiles, strict=True):
            left_out = case.finding.id in self._together.left_out
            tile.setChecked(not left_out)
            name = case.principal.name if case.principal is not None else ""
            p_wrong = case.finding.p_wrong
            words = tr("P(wrong) {p}", p=f"{p_wrong:.2f}") if p_wrong is not None else name
            tile.show_words(name, case.labels_of(case.finding.sample_id), [words], faint=left_out)
        count, label = len(self._together.chosen), cases[0].suggested
        self.accept.set_content(_accept_words(count, label))
        self.keep.set_content(tr_n("Keep {n}", "Keep all {n}", count))
        self.accept.setEnabled(count > 0)
        self.keep.setEnabled(count > 0)
        self._show_pictures()

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key says; return whether it says anything."""
        does: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Return: self._controller.accept_together,
            Qt.Key.Key_Enter: self._controller.accept_together,
            Qt.Key.Key_K: self._controller.keep_together,
            Qt.Key.Key_Escape: self._together.close,
        }
        key = Qt.Key(event.key())
        if event.text() and (label := self._controller.label_for_key(event.text())) is not None:
            does = {key: partial(self._controller.give, label)}
        if key not in does:
            return False
        does[key]()
        return True

    def _build(self, cases: tuple[CaseFacts, ...]) -> None:
        self._shown = cases
        focused = next((tile.sample_id for tile in self.board.tiles if tile.hasFocus()), None)
        tiles = []
        for case in cases:
            tile = PictureTile(self.theme, chosen=partial(self._together.toggle, case.finding.id))
            tile.sample_id = case.finding.sample_id
            tiles.append(tile)
        self.board.show_tiles(tiles)
        if focused is not None:
            next((tile for tile in tiles if tile.sample_id == focused), tiles[0]).setFocus()
        clear(self._words)
        before, after = cases[0].labels_of(cases[0].finding.sample_id), cases[0].suggested
        for label in before:
            self._words.addWidget(self._pill(label))
        if after is not None:
            self._words.addWidget(text("→", "muted"))
            self._words.addWidget(self._pill(after))
        self._words.addStretch(1)

    def _pill(self, label: Label) -> LabelPill:
        return LabelPill(self.theme, label.name, label.colour, label.glyph)

    def _show_pictures(self) -> None:
        pictures = self._controller.pictures
        for tile in self.board.tiles:
            if tile.sample_id is not None:
                tile.show_picture(pictures.small(tile.sample_id), pictures.failure(tile.sample_id))


def _accept_words(count: int, label: Label | None) -> str:
    if label is None:
        return tr_n("Exclude {n}", "Exclude all {n}", count)
    return tr_n("Make {n} {label}", "Make all {n} {label}", count, label=label.name)
