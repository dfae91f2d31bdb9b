"""An image of odd quality: what was measured, against the usual range of this data set."""

from __future__ import annotations

from typing import Final

from core.quality.kind_words import KIND_NAMES
from core.translation import mark, tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.evidence.beside import BesideView
from desktop_app.pages.clean.evidence.measured import measured
from desktop_app.pages.clean.evidence.quality_words import quality_words
from desktop_app.pages.clean.range_bar import RangeBar
from desktop_app.theme import Theme
from desktop_app.widgets.basics import text

_OF_THE_SET: Final = mark("The usual range is learnt from this data set: nine in ten of its images lie within it.")
_OF_ITS_LABEL: Final = mark("The usual range is that of its label: about nine in ten of its images lie within it.")


class QualityView(BesideView):
    """Image quality."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(controller, theme, tr("What was measured"))
        self._kind, self._why = text("", "subtitle", wrap=True), text("", wrap=True)
        self.range = RangeBar(theme)
        self._learnt = text("", "small", wrap=True)
        for widget in (self._kind, self._why, self.range, self._learnt):
            self.side.addWidget(widget)
        self.side.addStretch(1)

    def show_case(self, case: CaseFacts) -> None:
        """Show what was measured."""
        super().show_case(case)
        self._kind.setText(tr(KIND_NAMES[case.finding.kind]))
        self._why.setText(quality_words(case))
        measure = measured(case)
        self.range.show_measure(measure)
        of_label = case.finding.evidence.get("usual_of") == "label"
        self._learnt.setText(tr(_OF_ITS_LABEL if of_label else _OF_THE_SET))
        self._learnt.setVisible(measure is not None)
