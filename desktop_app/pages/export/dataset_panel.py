"""The data set's side of the Export page: which images, as what, as copies or links, where to, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.export.dataset.spec import Files
from core.export.dataset.table import DATASET_FORMATS
from core.translation import mark, tr
from desktop_app.pages.export.dataset_controller import DatasetController
from desktop_app.theme import GRID, PAGE_MARGIN, Theme
from desktop_app.widgets.basics import button, row, scrolling, set_property, set_role, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips
from desktop_app.widgets.job_progress import JobProgress

_WIDTH_PX: Final = 620
_ALL, _SHOWN = "all", "shown"
_FILES: Final = {Files.COPY: mark("Copies"), Files.HARDLINK: mark("Hard links"), Files.SYMLINK: mark("Symbolic links")}
_FILES_WORDS: Final = {
    Files.COPY: mark("Stands by itself: it can be moved, packed and handed over."),
    Files.HARDLINK: mark("Takes no room on the same disk. Whoever changes such a file changes the original."),
    Files.SYMLINK: mark("Takes no room, but works only as long as the originals stay where they are."),
}


class DatasetPanel(QWidget):
    """Everything about exporting the data set, in one column."""

    def __init__(self, controller: DatasetController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        column = QWidget()
        column.setMaximumWidth(theme.px(_WIDTH_PX))
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, theme.px(4), theme.px(16))
        inside.setSpacing(theme.px(GRID * 1.5))
        for card in (self._images_card(), self._format_card(), self._files_card(), self._place_card()):
            inside.addWidget(card)
        inside.addWidget(self._result_card())
        inside.addStretch(1)
        layout = QHBoxLayout(self)
        margin = theme.px(PAGE_MARGIN)
        layout.setContentsMargins(margin, margin, theme.px(4), 0)
        layout.addWidget(scrolling(column, name=tr("The data set")), 1)
        controller.choices_changed.connect(self._refresh)
        controller.job_changed.connect(self._show_job)
        self._refresh()
        self._show_job()

    def _images_card(self) -> Card:
        card = Card(self._theme, tr("Which images"))
        choices = [(_ALL, tr("All images")), (_SHOWN, tr("As filtered on the Images page"))]
        self.which = ChoiceChips(
            choices,
            _ALL,
            lambda one: self._controller.choose_filtered(one == _SHOWN),
            name=tr("Which images"),
            wrap=True,
        )
        self._images_words = text("", "muted", wrap=True)
        card.add(self.which)
        card.add(self._images_words)
        return card

    def _format_card(self) -> Card:
        card = Card(self._theme, tr("Format"))
        choices = [(format.id, tr(format.title)) for format in DATASET_FORMATS]
        self.format = ChoiceChips(
            choices, self._controller.format.id, self._controller.choose_format, name=tr("Format"), wrap=True
        )
        self._format_words = text("", "muted", wrap=True)
        card.add(self.format)
        card.add(self._format_words)
        return card

    def _files_card(self) -> Card:
        card = Card(self._theme, tr("Image files"))
        choices = [(files.value, tr(name)) for files, name in _FILES.items()]
        self.files = ChoiceChips(
            choices, self._controller.files.value, self._controller.choose_files, name=tr("Image files"), wrap=True
        )
        self._files_words = text("", "muted", wrap=True)
        card.add(self.files)
        card.add(self._files_words)
        return card

    def _place_card(self) -> Card:
        card = Card(self._theme, tr("Where to"))
        self.place = QLineEdit()
        self.place.setAccessibleName(tr("Folder to write the data set to"))
        self.place.textEdited.connect(self._controller.choose_directory)
        self.choose = button(tr("Choose…"), self._choose_parent, icon=self._theme.icon("folder-open"))
        self.choose.setToolTip(tr("Choose the folder in which the data set gets a folder of its own."))
        self._place_words = text("", "muted", wrap=True)
        line = row(self.choose)
        line.insertWidget(0, self.place, 1)
        card.add(line)
        card.add(self._place_words)
        self._add_action(card)
        return card

    def _add_action(self, card: Card) -> None:
        icon = self._theme.icon("export", "on_accent")
        self.start = button(tr("Export the data set"), self._controller.start, kind="primary", icon=icon)
        self.progress = JobProgress(self._theme)
        card.add(self.start)
        card.add(self.progress)

    def _result_card(self) -> Card:
        self._result = Card(self._theme, tr("What was exported"))
        self._result_words = text("", wrap=True, selectable=True)
        self.open = button(tr("Open folder"), self._open, icon=self._theme.icon("folder-open"))
        self._result.add(self._result_words)
        self._result.add(row(self.open, None))
        return self._result

    def _choose_which(self, which: str) -> None:
        self._controller.choose_filtered(which == _SHOWN)

    def _choose_parent(self) -> None:
        directory = self._controller.directory
        start = str(directory.parent) if directory is not None else ""
        chosen = QFileDialog.getExistingDirectory(self, tr("Where to put the data set"), start)
        if chosen:
            self._controller.choose_parent(Path(chosen))

    def _open(self) -> None:
        report = self._controller.report
        if report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(report.dir)))

    def _refresh(self) -> None:
        controller = self._controller
        free = controller.job is None
        self.which.choose(_SHOWN if controller.filtered else _ALL)
        self.which.setEnabled(free and bool(controller.line))
        self._images_words.setText(self._count_words())
        self.format.choose(controller.format.id)
        self._format_words.setText(tr(controller.format.summary))
        self.files.choose(controller.files.value)
        self.files.setEnabled(free and not controller.format.packed)
        packed = tr("This format packs the images into files of its own.")
        self._files_words.setText(packed if controller.format.packed else tr(_FILES_WORDS[controller.files]))
        shown = str(controller.directory) if controller.directory is not None else ""
        if self.place.text() != shown and not self.place.hasFocus():
            self.place.setText(shown)
            self.place.setToolTip(shown)
        set_property(self.place, "invalid", bool(controller.problem))
        self._place_words.setText(controller.problem or tr("A new folder is made; nothing that exists is overwritten."))
        set_role(self._place_words, "bad" if controller.problem else "muted")
        self.start.setEnabled(controller.can_start())

    def _count_words(self) -> str:
        controller = self._controller
        if controller.count is None:
            return ""
        count = f"{controller.count:,}"
        if controller.filtered:
            return tr("{n} images: {query}", n=count, query=controller.line)
        words = tr("{n} images; those that are excluded are left out.", n=count)
        return words if controller.line else f"{words} {tr('Filter the Images page to export a part.')}"

    def _show_job(self) -> None:
        from core.export.dataset.words import not_held_words

        controller, job = self._controller, self._controller.job
        self.progress.show_job(job)
        self.progress.setVisible(job is not None)
        self.start.setVisible(job is None)
        for widget in (self.format, self.place, self.choose):
            widget.setEnabled(job is None)
        report = controller.report
        self._result.setVisible(report is not None)
        if report is not None:
            first = tr("{n} images in {dir}", n=f"{report.images:,}", dir=str(report.dir))
            self._result_words.setText("\n".join([first, *not_held_words(report)]))
        self._refresh()
