"""What is suspected of the current sample: a line for each open finding, which leads to its case."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.findings import Finding
from core.quality.kind_words import KIND_NAMES
from core.translation import tr
from desktop_app.context import AppContext
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, button, clear, row


class SampleFindings(QWidget):
    """Reads off the GUI thread; hidden where nothing is suspected."""

    def __init__(self, context: AppContext, theme: Theme) -> None:
        super().__init__()
        self._context = context
        self._sample_id: int | None = None
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(2))
        layout.addWidget(SectionTitle(tr("Suspected"), theme))
        layout.addLayout(self._lines)
        self.hide()

    def show_sample(self, sample_id: int | None) -> None:
        """Show what is suspected of a sample, as soon as it is read."""
        project = self._context.project
        if sample_id != self._sample_id:
            self.hide()
        self._sample_id = sample_id
        if sample_id is None or project is None:
            return

        def read(_: object) -> list[Finding]:
            from core.store.findings import findings_of

            return findings_of(project, sample_id)

        def show(found: list[Finding]) -> None:
            if self._sample_id == sample_id and self._context.project is project:
                self._show(found)

        self._context.tasks.run(tr("Reading the findings"), read, done=show, quiet=True)

    def _show(self, found: list[Finding]) -> None:
        clear(self._lines)
        for one in found:
            words = tr(KIND_NAMES[one.kind])
            if one.suggested:
                words = tr("{kind}: {label}?", kind=words, label=one.suggested)
            made = button(words, partial(self._open, one), kind="link", tip=tr("Show the case on the Clean page"))
            self._lines.addLayout(row(made, None))
        self.setVisible(bool(found))

    def _open(self, one: Finding) -> None:
        self._context.show("clean", finding=one.id, kind=str(one.kind))
