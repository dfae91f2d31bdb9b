"""What stands on both sides of a split: the images by split, and the split they can all be pinned to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from core.domain.findings import Json
from core.domain.samples import Sample, Split
from core.quality.words import explain
from core.translation import tr, tr_n
from core.words import said
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.decisions import is_whole_leak, split_for
from desktop_app.pages.clean.evidence.data_set_words import flattered_words
from desktop_app.pages.clean.evidence.duplicate_view import SPLITS
from desktop_app.pages.clean.evidence.fitting import fit_board
from desktop_app.pages.clean.evidence.view import EvidenceView
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.pages.clean.tile_board import TileBoard
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import boxed, button, row, scrolling, text
from desktop_app.widgets.flow import flowing

_SMALLEST_PX, _LARGEST_PX = 96, 300
_ORDER = {Split.TRAIN: 0, Split.VAL: 1, Split.TEST: 2, Split.NONE: 3}


class LeakageView(EvidenceView):
    """Leakage across splits."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(controller, theme)
        self._why, self._flattered = text("", wrap=True), text("", "muted", wrap=True)
        self._more = text("", "small")
        self.board = TileBoard(theme, smallest_px=_SMALLEST_PX, largest_px=_LARGEST_PX)
        self.board.setAccessibleName(tr("The images on both sides"))
        self._group = QButtonGroup(self)
        self.splits = {split: self._chip(split) for split in SPLITS}
        inside = QWidget()
        layout = self._column = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, theme.px(4), 0)
        layout.setSpacing(theme.px(GRID))
        layout.addWidget(self._why)
        layout.addWidget(self._flattered)
        layout.addWidget(self.board)
        layout.addWidget(self._more)
        chips = self.splits.values()
        self._choose = flowing(text(tr("Keep all of them in:"), "small"), *chips, spacing=theme.px(GRID))
        again = button(tr("Split again on the Images page"), lambda: controller.context.show("images"), kind="link")
        self._again = boxed(row(again, None))
        layout.addWidget(self._choose)
        layout.insertWidget(layout.indexOf(self.board), self._again)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inside, name=tr("The images on both sides")))

    def show_case(self, case: CaseFacts) -> None:
        """Show the images of each split."""
        another = self.case is None or self.case.finding.id != case.finding.id or self.case.samples != case.samples
        super().show_case(case)
        self._why.setText(explain(case.finding))
        self._why.setVisible(bool(self._why.text()))
        words = flattered_words(self._inflation(case))
        self._flattered.setText(words)
        self._flattered.setVisible(bool(words))
        whole = is_whole_leak(case)
        self._choose.setVisible(not whole)
        self._again.setVisible(whole)
        self.splits[split_for(case, self.controller.choices)].setChecked(True)
        if not another:
            return
        ordered = sorted((case.samples[i] for i in case.shown_members), key=lambda sample: _ORDER[sample.split])
        self.board.show_tiles([self.tile(sample.id, _words(sample)) for sample in ordered])
        hidden = len(case.members) - len(case.shown_members)
        self._more.setText(tr_n("and {n} more", "and {n} more", hidden))
        self._more.setVisible(hidden > 0)
        fit_board(self.board, self._column, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the pictures as large as there is room."""
        super().resizeEvent(event)
        fit_board(self.board, self._column, self.height())

    def tiles(self) -> Iterable[PictureTile]:
        """Return the members' tiles."""
        return self.board.tiles

    def _inflation(self, case: CaseFacts) -> Json:
        """Return how much what leaks flatters the score: the case's own, or that of all the check found."""
        record = self.controller.facts.record
        of_all = record.summaries.get("leakage", {}).get("inflation") if record is not None else None
        return case.finding.evidence.get("inflation", of_all)

    def _chip(self, split: Split) -> QPushButton:
        made = button(said(split), partial(self.controller.choose_split, split), kind="chip")
        made.setCheckable(True)
        self._group.addButton(made)
        return made


def _words(sample: Sample) -> list[str]:
    split = said(sample.split) if sample.split is not Split.NONE else tr("no split")
    return [split, sample.name]
