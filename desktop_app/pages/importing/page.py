"""The import page: a folder of images becomes a project, or part of the one that is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout

from core.translation import tr, tr_n
from desktop_app import theme as looks
from desktop_app.context import AppContext
from desktop_app.pages.importing.controller import ImportController
from desktop_app.pages.importing.preview_card import PreviewCard
from desktop_app.pages.page import Page
from desktop_app.widgets.basics import boxed, button, clear, column, row, scrolling, set_property, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import Chip, ChoiceChips
from desktop_app.widgets.flow import FlowLayout

_FORM_WIDTH_PX = 470


class ImportPage(Page):
    """A form on the left, and on the right what its rules find."""

    id = "import"

    def __init__(self, controller: ImportController, context: AppContext) -> None:
        super().__init__(controller, context)
        self.controller = controller
        px = self.theme.px
        self._title = text("", "title")
        cards = column(self._folder_card(), self._labels_card(), self._groups_card(), self._project_card(), None)
        cards.setSpacing(px(10))
        cards.setContentsMargins(0, 0, px(6), px(8))
        form = scrolling(boxed(cards), name=tr("What to import, and how"))
        form.setFixedWidth(px(_FORM_WIDTH_PX))
        self._preview = PreviewCard(self.theme)
        self.import_button = button("", controller.run, kind="primary", icon=self.theme.icon("download", "on_accent"))
        cancel = button(tr("Cancel"), self._leave)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(looks.PAGE_MARGIN),) * 4)
        layout.setSpacing(px(12))
        layout.addWidget(self._title)
        layout.addLayout(row(form, self._preview, spacing=px(10)), 1)
        layout.addLayout(row(None, cancel, self.import_button))
        controller.form_changed.connect(self._fill)
        controller.preview_changed.connect(self._show)
        self._fill()
        self._show()

    def activated(self, **params: object) -> None:
        """Begin an import: ``new`` makes a project even if one is open, ``folder`` is the folder to start with."""
        folder = params.get("folder")
        self.controller.start(new=bool(params.get("new")), folder=Path(str(folder)) if folder else None)

    def drop(self, paths: Sequence[str]) -> bool:
        """Take a dropped folder."""
        if paths and Path(paths[0]).is_dir():
            self.controller.choose_folder(Path(paths[0]))
            return True
        return False

    # -- the cards

    def _folder_card(self) -> Card:
        card = Card(self.theme, tr("Folder"))
        self._folder = _line(tr("Folder of images"), tr("Choose a folder, or drop it here"))
        self._folder.setReadOnly(True)
        card.add(row(self._folder, button(tr("Choose…"), self._choose_folder)))
        self._count = text("", "small", wrap=True)
        card.add(self._count)
        return card

    def _labels_card(self) -> Card:
        enter = self.controller.enter
        card = Card(self.theme, tr("Labels"))
        choices = [
            ("folder", tr("Folder names")),
            ("csv", tr("Table")),
            ("pattern", tr("File names")),
            ("none", tr("None yet")),
        ]
        self._label_kind = ChoiceChips(
            choices, self.controller.form.label_kind, lambda kind: enter(label_kind=kind), name=tr("Labels from")
        )
        self._label_pattern = _line(tr("Pattern of the label"), r"^([a-z]+)_", lambda typed: enter(label_pattern=typed))
        self._table = _line(
            tr("Table of labels"), tr("A CSV file with the columns file and label"), lambda typed: enter(table=typed)
        )
        self._table_row = boxed(row(self._table, button(tr("Choose…"), self._choose_table)))
        self._label_note = text("", "small", wrap=True)
        for part in (self._label_kind, self._label_pattern, self._table_row, self._label_note):
            card.add(part)
        return card

    def _groups_card(self) -> Card:
        enter = self.controller.enter
        card = Card(self.theme, tr("Groups"))
        choices = [
            ("none", tr("None")),
            ("pattern", tr("Part of the file name")),
            ("column", tr("Column of the table")),
        ]
        note = tr("A patient, slide, plate or video. Its images stay together, so that the result is honest.")
        self._group_kind = ChoiceChips(
            choices, self.controller.form.group_kind, lambda kind: enter(group_kind=kind), name=tr("Groups from")
        )
        self._group_pattern = _line(
            tr("Pattern of the group"), r"(slide\d+)_", lambda typed: enter(group_pattern=typed)
        )
        self._group_column = _line(tr("Name of the column"), "patient", lambda typed: enter(group_column=typed))
        self._proposals = FlowLayout(spacing=6)
        self._proposal_part = boxed(self._proposals)
        self._shown_proposals: tuple[Sequence[str], str] | None = None
        for part in (text(note, "small", wrap=True), self._group_kind, self._group_pattern, self._group_column):
            card.add(part)
        card.add(self._proposal_part)
        return card

    def _project_card(self) -> Card:
        enter = self.controller.enter
        self._project = Card(self.theme, tr("Project"))
        self._name = _line(tr("Name of the project"), tr("Name"), lambda typed: enter(name=typed))
        self._place = _line(tr("Where to save the project"), tr("Folder"), lambda typed: enter(place=typed))
        self._target = text("", "small", wrap=True)
        self._project.add(self._name)
        self._project.add(row(self._place, button(tr("Choose…"), self._choose_place)))
        self._project.add(self._target)
        return self._project

    # -- showing

    def _fill(self) -> None:
        form = self.controller.form
        self._folder.setText(str(form.folder) if form.folder is not None else "")
        self._label_kind.choose(form.label_kind)
        self._group_kind.choose(form.group_kind)
        for line, value in (
            (self._label_pattern, form.label_pattern),
            (self._table, form.table),
            (self._group_pattern, form.group_pattern),
            (self._group_column, form.group_column),
            (self._name, form.name),
            (self._place, form.place),
        ):
            if line.text() != value:
                line.blockSignals(True)
                line.setText(value)
                line.blockSignals(False)
        project = self.context.project
        into = tr("Import into “{name}”", name=project.name) if project is not None else ""
        self._title.setText(tr("New project from a folder") if form.new else into)
        self._show()

    def _show(self) -> None:
        controller, form = self.controller, self.controller.form
        self._count.setText(controller.count_text())
        set_property(self._count, "role", "bad" if controller.folder_error else "small")
        self._label_pattern.setVisible(form.label_kind == "pattern")
        self._table_row.setVisible(form.label_kind == "csv")
        self._label_note.setText(_label_note(form.label_kind))
        self._group_pattern.setVisible(form.group_kind == "pattern")
        self._group_column.setVisible(form.group_kind == "column")
        self._show_proposals()
        self._project.setVisible(form.new)
        self._target.setText(str(form.target) if form.new and form.name.strip() else "")
        self._preview.show_state(controller)
        found = len(controller.content.paths) if controller.content is not None else 0
        shown = tr_n("Import {n} image", "Import {n} images", found) if found else tr("Import")
        self.import_button.setText(f"\N{THIN SPACE}{shown}")
        self.import_button.setAccessibleName(shown)
        self.import_button.setEnabled(controller.can_import)

    def _show_proposals(self) -> None:
        content, form = self.controller.content, self.controller.form
        wanted = content.proposals if content is not None and form.group_kind == "pattern" else ()
        if (wanted, form.group_pattern) == self._shown_proposals:
            return
        self._shown_proposals = wanted, form.group_pattern
        clear(self._proposals)
        for pattern in wanted:
            use = self._use_proposal(pattern)
            self._proposals.addWidget(Chip(pattern, use, on=pattern == form.group_pattern))
        self._proposal_part.setVisible(bool(wanted))

    def _use_proposal(self, pattern: str) -> Callable[[], None]:
        return lambda: self._group_pattern.setText(pattern)

    # -- asking

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder of images"), self._folder.text())
        if chosen:
            self.controller.choose_folder(Path(chosen))

    def _choose_table(self) -> None:
        start = self._table.text() or self._folder.text()
        chosen, _ = QFileDialog.getOpenFileName(
            self, tr("Table of labels"), start, tr("Tables") + " (*.csv *.tsv *.txt)"
        )
        if chosen:
            self._table.setText(chosen)

    def _choose_place(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Where to save the project"), self._place.text())
        if chosen:
            self._place.setText(chosen)

    def _leave(self) -> None:
        self.context.show("images" if self.context.project is not None else "start")


def _line(name: str, placeholder: str, on_typed: Callable[[str], object] | None = None) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setToolTip(name)
    line.setPlaceholderText(placeholder)
    if on_typed is not None:
        line.textChanged.connect(on_typed)
    return line


def _label_note(kind: str) -> str:
    notes = {
        "folder": tr("Each folder is a label: the images in “RBC” get the label RBC."),
        "csv": tr("A table with a line for each file. Columns are found by name: file, label, group, split."),
        "pattern": tr("A regular expression; what its first parentheses match is the label."),
        "none": tr("Label them in the grid, with one key each."),
    }
    return notes[kind]
