"""An image that cannot be read: why, and what can be done about the file."""

from __future__ import annotations

from core.quality.words import explain
from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.evidence.beside import BesideView
from desktop_app.theme import Theme
from desktop_app.widgets.amounts import bytes_words
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.facts import FactList


class UnreadableView(BesideView):
    """Unreadable images."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(controller, theme, tr("Why it cannot be read"))
        self._why = text("", wrap=True)
        self._facts = FactList(theme, name_width_px=56, yielding=True)
        locate = button(tr("Where the images are"), lambda: controller.context.show("sources"))
        self.side.addWidget(self._why)
        self.side.addWidget(self._facts)
        self.side.addLayout(row(locate, None))
        self.side.addStretch(1)

    def show_case(self, case: CaseFacts) -> None:
        """Show what is known of the file."""
        super().show_case(case)
        sample = case.principal
        why = tr(sample.problem) if sample is not None and sample.problem else explain(case.finding)
        self._why.setText(why)
        rows = [(tr("File"), sample.path), (tr("On disk"), bytes_words(sample.size_bytes))] if sample else []
        self._facts.show_facts(rows)
