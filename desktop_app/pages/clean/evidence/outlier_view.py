"""An image unlike the others: how far it is from its nearest, against what is usual, and what those are."""

from __future__ import annotations

from collections.abc import Iterable

from core.quality.words import explain
from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.evidence.beside import BesideView
from desktop_app.pages.clean.evidence.measured import measured
from desktop_app.pages.clean.evidence.neighbours import neighbour_board, show_neighbours
from desktop_app.pages.clean.picture_tile import PictureTile
from desktop_app.pages.clean.range_bar import RangeBar
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, text


class OutlierView(BesideView):
    """Outliers."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(controller, theme, tr("Why it is unlike the others"))
        self._why = text("", wrap=True)
        self.range = RangeBar(theme)
        self._head = SectionTitle(tr("The most similar images"), theme)
        self.board = neighbour_board(self)
        for widget in (self._why, self.range, self._head, self.board):
            self.side.addWidget(widget)
        self.side.addStretch(1)

    def show_case(self, case: CaseFacts) -> None:
        """Show how far out it is."""
        super().show_case(case)
        self._why.setText(explain(case.finding))
        self.range.show_measure(measured(case))
        show_neighbours(self.board, self, case)
        self._head.setVisible(bool(self.board.tiles))

    def tiles(self) -> Iterable[PictureTile]:
        """Return the neighbours' tiles."""
        return self.board.tiles
