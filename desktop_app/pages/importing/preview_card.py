"""The right side of the import page: what would come in, the import as it runs, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from core.translation import tr, tr_n
from desktop_app.pages.importing.counts import count_lists, numbers, problem_rows
from desktop_app.pages.importing.examples import example_rows, pattern_text
from desktop_app.pages.importing.outcome_view import outcome_rows
from desktop_app.pages.importing.picture_row import PictureRow
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, boxed, button, clear, column, row, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.empty_state import EmptyState
from desktop_app.widgets.job_progress import JobProgress

if TYPE_CHECKING:
    from core.ingest.preview import Preview
    from desktop_app.pages.importing.controller import ImportController
    from desktop_app.pages.importing.preview import Seen


class PreviewCard(Card):
    """Counts, pictures, files as they would be imported, and what cannot be read."""

    def __init__(self, controller: ImportController, theme: Theme) -> None:
        super().__init__(theme, tr("Preview"))
        self.controller = controller
        self._content = QVBoxLayout()
        self._content.setSpacing(theme.px(10))
        self._content.setContentsMargins(0, 0, theme.px(8), 0)
        self._area = scrolling(boxed(self._content), name=tr("Preview"))
        self.add(self._area, 1)
        self._shown: object = object()

    def show_state(self) -> None:
        """Show what there is to show; does nothing while that is what it shows already."""
        controller = self.controller
        state = (
            controller.seen,
            controller.content,
            controller.looking,
            controller.source_error,
            controller.busy,
            controller.outcome,
            len(controller.pictures),
            controller.form.label_pattern,
            controller.form.group_pattern,
            controller.form.skip_copies,
            controller.form.beside,
            controller.form.pages,
        )
        if state == self._shown:
            return
        self._shown = state
        clear(self._content)
        self._fill()
        self._content.addStretch(1)

    def _fill(self) -> None:
        controller = self.controller
        if controller.busy and controller.job is not None:
            progress = JobProgress(self.theme)
            progress.show_job(controller.job)
            self._content.addWidget(progress)
        if controller.outcome is not None and controller.content is None:
            self._content.addLayout(outcome_rows(self.theme, controller.outcome, controller.context))
        elif controller.seen is not None:
            self._show(controller.seen)
        elif controller.looking:
            self._content.addWidget(text(tr("Looking for images…"), "muted"))
        elif controller.content is None:
            self._content.addWidget(self._nothing(), 1)
        else:
            waiting = tr("What the rules find shows here, before anything is imported.")
            self._content.addWidget(text(waiting, "muted", wrap=True))

    def _nothing(self) -> QWidget:
        words = tr(
            "Folders, tables, ZIPs, arrays, videos, slides, annotations: what you drop is recognised, and nothing is "
            "added before you have seen what would come in."
        )
        return EmptyState(self.theme, "download", tr("Drop anything"), words)

    def _show(self, seen: Seen) -> None:
        told = seen.preview
        if told is None:
            self._content.addWidget(text(seen.error, "bad", wrap=True, selectable=True))
            self._show_matches(seen)
            return
        self._content.addLayout(numbers(self.theme, told))
        self._notes(seen)
        if self.controller.pictures:
            self._content.addWidget(PictureRow(self.theme, told.entries, self.controller.pictures))
        self._content.addLayout(count_lists(self.theme, told))
        self._show_matches(seen)
        self._content.addWidget(SectionTitle(tr("Some of the files"), self.theme))
        self._content.addLayout(example_rows(self.theme, seen, self.controller.form))
        self._content.addLayout(problem_rows(self.theme, told))

    def _show_matches(self, seen: Seen) -> None:
        for what, found in seen.matches.items():
            self._content.addLayout(pattern_text(self.theme, what, found))

    def _notes(self, seen: Seen) -> None:
        told = seen.preview
        if told is None:
            return
        if told.note:
            self._content.addWidget(text(told.note, "bad", wrap=True))
            if told.multi:
                words = tr("Let images have several labels")
                self._content.addLayout(row(button(words, self.controller.allow_many_labels), None))
        elif seen.becomes_multi:
            words = tr("Images have several labels here: the project becomes one of many labels an image.")
            self._content.addWidget(text(words, "warn", wrap=True))
        if len(told.labels) == 1 and not told.unlabelled and not told.known:
            words = tr(
                "There is one label only; a classifier needs two. Was the folder meant that lies inside this one?"
            )
            self._content.addWidget(text(words, "warn", wrap=True))
        for words in told.notes:
            self._content.addWidget(text(words, "warn", wrap=True))
        self._offers(told)

    def _offers(self, told: Preview) -> None:
        """Show what could be taken otherwise, each with its choice."""
        from core.ingest.preview import copies_text, pages_texts

        controller, form = self.controller, self.controller.form
        if told.copies:
            self._offer(copies_text(told), tr("Leave out the copies"), form.skip_copies, controller.skip_copies)
        for words in pages_texts(told):
            choice = tr("Take each page or plane as an image of its own")
            self._offer(words, choice, form.pages, controller.take_pages)
        if told.beside or form.beside:
            words = tr_n(
                "{n} image lies beside the data set without being part of it, and is left out.",
                "{n} images lie beside the data set without being part of it, and are left out.",
                told.beside,
            )
            choice = tr("Take what lies beside the data set too, without a label")
            self._offer(words if told.beside else "", choice, form.beside, lambda on: controller.enter(beside=on))

    def _offer(self, words: str, choice: str, on: bool, chosen: Callable[[bool], None]) -> None:
        box = QCheckBox(choice)
        box.setChecked(on)
        box.toggled.connect(chosen)
        said = [text(words, "warn", wrap=True)] if words else []
        self._content.addLayout(column(*said, box, spacing=self.theme.px(4)))
