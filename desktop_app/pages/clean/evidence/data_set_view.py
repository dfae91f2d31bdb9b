"""What is wrong with the data set as a whole: the sentence, its numbers, the learning curve, and examples."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.findings import FindingKind
from core.quality.kind_words import KIND_NAMES
from core.quality.words import column_words, explain
from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.curve_chart import CurveChart
from desktop_app.pages.clean.evidence.data_set_words import (
    advice,
    chart_of,
    curve_of,
    more_words,
    numbers_of,
    typical_of,
)
from desktop_app.pages.clean.evidence.view import EvidenceView
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.pages.clean.share_chart import ShareChart
from desktop_app.pages.clean.tile_board import TileBoard
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import SectionTitle, scrolling, text
from desktop_app.widgets.facts import FactList

_SMALLEST_PX, _LARGEST_PX = 84, 120


class DataSetView(EvidenceView):
    """Confounds, and what the balance of the labels lacks."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(controller, theme)
        self._kind, self._why = text("", "subtitle", wrap=True), text("", wrap=True)
        self._advice = text("", "muted", wrap=True)
        self.chart, self.curve = ShareChart(theme), CurveChart(theme)
        self._numbers = FactList(theme, yielding=True)
        self._typical_head, self._typical = SectionTitle(tr("Typical"), theme), FactList(theme, yielding=True)
        self._head = SectionTitle(tr("Examples"), theme)
        self.board = TileBoard(theme, smallest_px=_SMALLEST_PX, largest_px=_LARGEST_PX)
        self.board.setAccessibleName(tr("Examples"))
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, theme.px(4), 0)
        layout.setSpacing(theme.px(GRID))
        parts: tuple[QWidget, ...] = (
            self._kind,
            self._why,
            self._numbers,
            self._typical_head,
            self._typical,
            self.chart,
        )
        parts += (self.curve, self._advice, self._head, self.board)
        for widget in parts:
            layout.addWidget(widget)
        layout.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(inside, name=tr("What was found")))

    def show_case(self, case: CaseFacts) -> None:
        """Show what was found of the data set."""
        super().show_case(case)
        self._kind.setText(tr(KIND_NAMES[case.finding.kind]))
        self._why.setText(explain(case.finding))
        more = more_words(self.controller.facts.record) if case.finding.kind is FindingKind.IMBALANCE else ""
        self._advice.setText(f"{more} {advice(case)}".strip())
        self._advice.setVisible(bool(self._advice.text()))
        self.chart.show_bars(chart_of(case))
        self.curve.show_curve(curve_of(case))
        self._numbers.show_facts(numbers_of(case))
        column = column_words(case.finding.evidence)
        # A number of which there is nothing to say what it measures says nothing.
        typical = typical_of(case) if column else []
        title = tr("Typical: {column}", column=column)
        self._typical_head.setText(title.upper())
        self._typical_head.setAccessibleName(title)
        self._typical.show_facts(typical)
        for widget in (self._typical_head, self._typical):
            widget.setVisible(bool(typical))
        shown = dict.fromkeys((*case.shown_members[:8], *case.neighbours))
        self.board.show_tiles([self.tile(i, [case.samples[i].name]) for i in list(shown)[:8]])
        self._head.setVisible(bool(self.board.tiles))

    def tiles(self) -> Iterable[PictureTile]:
        """Return the examples' tiles."""
        return self.board.tiles
