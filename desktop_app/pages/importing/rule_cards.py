"""Where labels and groups come from: the two cards of rules in the import form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from core.translation import mark, tr
from desktop_app.pages.importing.fields import fill_line, line
from desktop_app.theme import Theme
from desktop_app.widgets.basics import boxed, button, clear, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import Chip, ChoiceChips
from desktop_app.widgets.flow import FlowLayout

if TYPE_CHECKING:
    from desktop_app.pages.importing.controller import ImportController

_PATTERNS = (r"^(?P<label>[a-z]+)_", r"^(?P<label>.+)_\d+\.", r"(?P<group>slide\d+)_(?P<label>\w+?)_")
_NOTES = {
    "auto": mark("As the data set says: in its tables or files, or by the names of its folders."),
    "folder": mark("Each folder is a label: the images in “RBC” get the label RBC."),
    "csv": mark("A table with a line for each file. Columns are found by name: file, label, group, split."),
    "pattern": mark("A regular expression. Its parts named label, group and split say these; others become tags."),
    "none": mark("Label them in the grid, with one key each."),
}


class LabelsCard(Card):
    """Where the labels come from."""

    def __init__(self, controller: ImportController, theme: Theme) -> None:
        super().__init__(theme, tr("Labels"))
        self.controller = controller
        enter = controller.enter
        kinds = [
            ("auto", tr("Data set")),
            ("folder", tr("Folder names")),
            ("csv", tr("Table")),
            ("pattern", tr("File names")),
            ("none", tr("None yet")),
        ]
        self._kind = ChoiceChips(
            kinds,
            controller.form.label_kind,
            lambda kind: enter(label_kind=kind, columns=()),
            name=tr("Labels from"),
            wrap=True,
        )
        self._pattern = line(tr("Pattern of the label"), _PATTERNS[0], lambda typed: enter(label_pattern=typed))
        self._examples = FlowLayout(spacing=6)
        for pattern in _PATTERNS:
            self._examples.addWidget(Chip(pattern, self._use(pattern)))
        self._example_part = boxed(self._examples)
        self._table = line(
            tr("Table of labels"), tr("A table with the columns file and label"), lambda typed: enter(table=typed)
        )
        self._table_row = boxed(row(self._table, button(tr("Choose…"), self._choose_table)))
        self._note = text("", "small", wrap=True)
        for part in (self._kind, self._pattern, self._example_part, self._table_row, self._note):
            self.add(part)

    def fill(self) -> None:
        """Show what was entered."""
        form = self.controller.form
        self._kind.choose(form.label_kind)
        fill_line(self._pattern, form.label_pattern)
        fill_line(self._table, form.table)

    def show_state(self) -> None:
        """Show what belongs to the choice."""
        form = self.controller.form
        self._pattern.setVisible(form.label_kind == "pattern")
        self._example_part.setVisible(form.label_kind == "pattern" and not form.label_pattern)
        self._table_row.setVisible(form.label_kind == "csv")
        self._note.setText(tr(_NOTES[form.label_kind]))

    def _use(self, pattern: str) -> Callable[[], None]:
        return lambda: self._pattern.setText(pattern)

    def _choose_table(self) -> None:
        start = self._table.text() or str(self.controller.form.root or "")
        kinds = tr("Tables") + " (*.csv *.tsv *.txt *.xlsx *.jsonl *.parquet)"
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Table of labels"), start, kinds)
        if chosen:
            self._table.setText(chosen)


class GroupsCard(Card):
    """Where the groups come from."""

    def __init__(self, controller: ImportController, theme: Theme) -> None:
        super().__init__(theme, tr("Groups"))
        self.controller = controller
        enter = controller.enter
        kinds = [
            ("none", tr("Data set")),
            ("pattern", tr("Part of the file name")),
            ("column", tr("Column of the table")),
        ]
        note = tr("A patient, slide, plate or video. Its images stay together, so that the result is honest.")
        self._kind = ChoiceChips(
            kinds, controller.form.group_kind, lambda kind: enter(group_kind=kind), name=tr("Groups from"), wrap=True
        )
        self._pattern = line(tr("Pattern of the group"), r"(slide\d+)_", lambda typed: enter(group_pattern=typed))
        self._column = line(tr("Name of the column"), "patient", lambda typed: enter(group_column=typed))
        self._proposals = FlowLayout(spacing=6)
        self._proposal_part = boxed(self._proposals)
        self._shown: tuple[Sequence[str], str] | None = None
        for part in (text(note, "small", wrap=True), self._kind, self._pattern, self._column, self._proposal_part):
            self.add(part)

    def fill(self) -> None:
        """Show what was entered."""
        form = self.controller.form
        self._kind.choose(form.group_kind)
        fill_line(self._pattern, form.group_pattern)
        fill_line(self._column, form.group_column)

    def show_state(self) -> None:
        """Show what belongs to the choice."""
        content, form = self.controller.content, self.controller.form
        self._pattern.setVisible(form.group_kind == "pattern")
        self._column.setVisible(form.group_kind == "column")
        wanted = content.proposals if content is not None and form.group_kind == "pattern" else ()
        if (wanted, form.group_pattern) == self._shown:
            return
        self._shown = wanted, form.group_pattern
        clear(self._proposals)
        for pattern in wanted:
            self._proposals.addWidget(Chip(pattern, self._use(pattern), on=pattern == form.group_pattern))
        self._proposal_part.setVisible(bool(wanted))

    def _use(self, pattern: str) -> Callable[[], None]:
        return lambda: self._pattern.setText(pattern)
