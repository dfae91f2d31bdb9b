"""Duplicates side by side, the one that is kept marked: a click keeps another; of two, what differs is shown."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from core.domain.findings import FindingKind
from core.domain.samples import Sample, Split
from core.quality.duplicates.words import relation_words
from core.translation import tr, tr_n
from core.words import said
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.decisions import best_of, merged_labels, merges
from desktop_app.pages.clean.differences import PAIRED
from desktop_app.pages.clean.evidence.duplicate_words import duplicate_words
from desktop_app.pages.clean.evidence.fitting import fit_board
from desktop_app.pages.clean.evidence.view import EvidenceView
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.pages.clean.tile_board import TileBoard
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.amounts import bytes_words
from desktop_app.widgets.basics import button, scrolling, text
from desktop_app.widgets.flow import flowing

_SMALLEST_PX, _LARGEST_PX = 96, 340
LINES = 3
SPLITS = (Split.TRAIN, Split.VAL, Split.TEST)


class DuplicateView(EvidenceView):
    """Exact, near and conflicting duplicates."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(controller, theme)
        self._why, self._more = text("", wrap=True), text("", "small")
        self.board = TileBoard(theme, smallest_px=_SMALLEST_PX, largest_px=_LARGEST_PX)
        self.board.setAccessibleName(tr("The duplicates"))
        # Of the pair in sight; the board throws tiles away with the case.
        self.difference: PictureTile | None = None
        self._hint = text(tr("Click another to keep that one instead."), "small")
        self.merge = QCheckBox("")
        self.merge.clicked.connect(controller.choose_merge)
        self.pins = [
            button(tr("Pin to {split}", split=said(split)), partial(controller.pin, split), kind="chip")
            for split in SPLITS
        ]
        self._pin_row = flowing(text(tr("Or keep all, in one split:"), "small"), *self.pins, spacing=theme.px(GRID))
        inside = QWidget()
        layout = self._column = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, theme.px(4), 0)
        layout.setSpacing(theme.px(GRID))
        for widget in (self._why, self.board, self._more, self._hint, self.merge, self._pin_row):
            layout.addWidget(widget)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inside, name=tr("The duplicates")))
        controller.differences.loaded.connect(self._show_difference)

    def show_case(self, case: CaseFacts) -> None:
        """Show the members, and what differs between two."""
        another = self.case is None or self.case.finding.id != case.finding.id
        focused = next((tile.sample_id for tile in self.board.tiles if tile.hasFocus()), None)
        super().show_case(case)
        self._why.setText(duplicate_words(case, self.controller.choices))
        self._why.setVisible(bool(self._why.text()))
        best = best_of(case, self.controller.choices)
        accepted = self.controller.acceptance()
        keeps = accepted is not None and best not in accepted.settlement.exclude
        self._hint.setText(
            tr("Click another to keep that one instead.")
            if keeps
            else tr("Click the one whose label is right to keep it.")
        )
        if another or [tile.sample_id for tile in self.board.tiles if tile.sample_id] != list(case.shown_members):
            self._build_tiles(case)
        for tile in self.board.tiles:
            if tile.sample_id is not None:
                tile.setChecked(tile.sample_id == best and keeps)
                self.say(tile, _words(case, tile.sample_id), brief=_words(case, tile.sample_id, brief=True))
                if tile.sample_id == focused:
                    tile.setFocus()
        hidden = len(case.members) - len(case.shown_members)
        self._more.setText(tr_n("and {n} more", "and {n} more", hidden))
        self._more.setVisible(hidden > 0)
        self._show_merge(case)
        self._show_difference()
        fit_board(self.board, self._column, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the pictures as large as there is room."""
        super().resizeEvent(event)
        fit_board(self.board, self._column, self.height())

    def tiles(self) -> Iterable[PictureTile]:
        """Return the members' tiles."""
        return self.board.tiles

    def _build_tiles(self, case: CaseFacts) -> None:
        choose = self.controller.choose_best
        self.difference = None
        tiles = [self.tile(i, _words(case, i), chosen=partial(choose, i), lines=LINES) for i in case.shown_members]
        if len(case.members) == 2 and case.finding.kind in PAIRED:
            self.difference = PictureTile(self.theme, lines=LINES)
            self._name_difference(self.difference)
            tiles.append(self.difference)
        self.board.show_tiles(tiles)

    def _show_merge(self, case: CaseFacts) -> None:
        merged = merged_labels(case)
        can = case.multi and len(merged) > 1 and case.finding.kind is FindingKind.CONFLICTING_DUPLICATE
        self.merge.setVisible(can)
        self.merge.setText(tr("Merge their labels: {labels}", labels=" + ".join(merged)))
        self.merge.setChecked(merges(case, self.controller.choices))

    def _show_difference(self) -> None:
        case = self.case
        if case is None or self.difference is None:
            return
        found = self.controller.differences.of(*case.members)
        if found is None:
            failure = self.controller.differences.failure(*case.members)
            self.difference.show_picture(None, failure or tr("Aligning…"))
            return
        self.difference.show_picture(found.image)
        self._name_difference(self.difference, found.words)

    def _name_difference(self, tile: PictureTile, *words: str) -> None:
        name = tr("What differs")
        tile.show_words(name, (), [tr("What differs; grey is equal"), *words], brief=[name])


def _words(case: CaseFacts, sample_id: int, *, brief: bool = False) -> list[str]:
    sample = case.samples.get(sample_id)
    return (
        [sample.name, _facts(sample, brief=brief), _relation(case, sample_id)] if sample is not None else [""] * LINES
    )


def _relation(case: CaseFacts, sample_id: int) -> str:
    """Say what was done to a member to make it of another one."""
    members = case.finding.evidence.get("members")
    for member in members if isinstance(members, list) else ():
        if isinstance(member, dict) and member.get("id") == sample_id:
            return relation_words(member)
    return ""


def _facts(sample: Sample, *, brief: bool) -> str:
    """Say the size in pixels, the size on disk unless in brief, and the split."""
    parts = [f"{sample.width} × {sample.height}"]
    if not brief:
        parts.append(bytes_words(sample.size_bytes))
    if sample.split is not Split.NONE:
        parts.append(said(sample.split))
    return " · ".join(parts)
