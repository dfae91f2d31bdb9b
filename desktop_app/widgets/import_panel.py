"""Choosing how a folder is imported: where labels and groups come from, with an example from the folder itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QLineEdit, QRadioButton, QWidget

from core.errors import UserError
from core.ingest.rules import GroupRule, LabelRule, NamePattern, parse_group_rule, parse_label_rule
from core.translation import mark, tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, button, column, row, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.overlay import Overlay

_LABELS: Final[tuple[tuple[str, str], ...]] = (
    ("folder", mark("From the names of the folders")),
    ("none", mark("None yet: I will label them here")),
    ("csv", mark("From a table (CSV)")),
    ("pattern", mark("From the file names, by a pattern")),
)
_GROUPS: Final[tuple[tuple[str, str], ...]] = (
    ("none", mark("None")),
    ("pattern", mark("From the file names, by a pattern")),
    ("column", mark("From a column of the table")),
)
_EXAMPLES: Final = 200


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """A folder and how to import it."""

    root: Path
    labels: LabelRule
    groups: GroupRule


class ImportPanel(Overlay):
    """Asks how to import `root`; calls `chosen` with the answer. `examples` are some paths found in it."""

    def __init__(
        self, host: QWidget, theme: Theme, root: Path, examples: Sequence[str], chosen: Callable[[ImportChoice], object]
    ) -> None:
        super().__init__(host, theme, self._centred)
        self._theme, self._root, self._examples, self._chosen = theme, root, examples[:_EXAMPLES], chosen
        self.labels, label_buttons = _choices(_LABELS)
        self.groups, group_buttons = _choices(_GROUPS)
        self.table = QLineEdit()
        self.table.setPlaceholderText(tr("labels.csv"))
        self.table.setAccessibleName(tr("Table with the labels"))
        self._browse = button(tr("Browse…"), self._choose_table)
        self.label_pattern = _pattern_field(tr("Pattern that finds the label"), r"^([a-z]+)_")
        self.group_pattern = _pattern_field(tr("Pattern that finds the group"), r"(slide_\d+)_")
        self.group_column = QLineEdit()
        self.group_column.setPlaceholderText(tr("slide"))
        self.group_column.setAccessibleName(tr("Column with the group"))
        self._outcome = text("", "small", wrap=True)
        self._outcome.setMinimumHeight(theme.px(34))
        self.start = button(tr("Import"), self._accept, kind="primary")
        self._build(label_buttons, group_buttons)
        for group in (self.labels, self.groups):
            group.idClicked.connect(self._refresh)
        for field in (self.table, self.label_pattern, self.group_pattern, self.group_column):
            field.textChanged.connect(self._refresh)
            field.returnPressed.connect(self._accept)
        self.labels.button(0 if any("/" in path for path in examples) or not examples else 1).setChecked(True)
        self.groups.button(0).setChecked(True)
        self.closed.connect(self.deleteLater)
        self._refresh()

    def choice(self) -> ImportChoice:
        """Return what is chosen; raises `UserError` where it cannot be used."""
        return ImportChoice(self._root, parse_label_rule(self._label_rule()), parse_group_rule(self._group_rule()))

    def _build(self, labels: Sequence[QRadioButton], groups: Sequence[QRadioButton]) -> None:
        theme = self._theme
        px = theme.px
        cancel = button(tr("Cancel"), self.close_panel)
        explanation = tr("Images of one group (a patient, a slide, a plate) never land in two splits.")
        content = column(
            text(tr("Import “{name}”", name=self._root.name), "subtitle"),
            ElidedLabel(str(self._root), "small", Qt.TextElideMode.ElideMiddle),
            px(4),
            SectionTitle(tr("Labels"), theme),
            *labels,
            row(px(22), self.table, self._browse, spacing=px(8)),
            row(px(22), self.label_pattern),
            px(4),
            SectionTitle(tr("Groups"), theme),
            text(explanation, "small", wrap=True),
            *groups,
            row(px(22), self.group_pattern),
            row(px(22), self.group_column),
            self._outcome,
            row(None, cancel, self.start, spacing=px(8)),
            spacing=px(5),
        )
        content.setContentsMargins(px(12), px(8), px(12), px(8))
        self.body.addLayout(content)

    def _refresh(self) -> None:
        label_kind, group_kind = _LABELS[self.labels.checkedId()][0], _GROUPS[self.groups.checkedId()][0]
        self.table.setVisible(label_kind == "csv")
        self._browse.setVisible(label_kind == "csv")
        self.label_pattern.setVisible(label_kind == "pattern")
        self.group_pattern.setVisible(group_kind == "pattern")
        column_choice = self.groups.button(2)
        column_choice.setEnabled(label_kind == "csv")
        self.group_column.setVisible(group_kind == "column")
        if group_kind == "column" and label_kind != "csv":
            self.groups.button(0).setChecked(True)
            self._refresh()
            return
        try:
            words, usable = self._example(self.choice()), True
        except UserError as error:
            words, usable = error.message, False
        self._outcome.setText(words)
        self.start.setEnabled(usable)
        if self.isVisible():
            self.arrange()

    def _label_rule(self) -> str:
        kind = _LABELS[self.labels.checkedId()][0]
        values = {"csv": self.table.text().strip(), "pattern": self.label_pattern.text()}
        return f"{kind}:{values[kind]}" if kind in values else kind

    def _group_rule(self) -> str:
        kind = _GROUPS[self.groups.checkedId()][0]
        values = {"column": self.group_column.text().strip(), "pattern": self.group_pattern.text()}
        return f"{kind}:{values[kind]}" if kind in values else kind

    def _example(self, choice: ImportChoice) -> str:
        """Say what the patterns find in the folder's own files."""
        parts = [
            words
            for name, pattern in ((tr("label"), choice.labels.pattern), (tr("group"), choice.groups.pattern))
            if pattern is not None and (words := self._found(name, pattern))
        ]
        return "\n".join(parts)

    def _found(self, what: str, pattern: NamePattern) -> str:
        if not self._examples:
            return ""
        pattern.check(self._examples)
        path = next(path for path in self._examples if pattern.find(path) is not None)
        found = len({pattern.find(path) for path in self._examples} - {None})
        return tr(
            "{file}: {what} “{name}” ({n} different among the first {all} files)",
            file=path.rsplit("/", 1)[-1],
            what=what,
            name=pattern.find(path),
            n=found,
            all=len(self._examples),
        )

    def _choose_table(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Table with the labels"), str(self._root), tr("Tables (*.csv *.tsv *.txt)")
        )
        if name:
            self.table.setText(name)

    def _accept(self) -> None:
        if self.start.isEnabled():
            choice = self.choice()
            self.close_panel()
            self._chosen(choice)

    def _centred(self, room: QRect, panel: QWidget) -> QRect:
        width = min(self._theme.px(460), room.width() - self._theme.px(32))
        height = min(max(panel.sizeHint().height(), panel.heightForWidth(width)), room.height() - self._theme.px(32))
        place = QRect(0, 0, width, height)
        place.moveCenter(room.center())
        return place


def some_paths(root: Path, most: int = _EXAMPLES) -> list[str]:
    """Return some relative POSIX paths of files below `root`, a few from each of its first folders; for a worker."""
    found: list[str] = []
    try:
        folders = [root, *sorted(path for path in root.iterdir() if path.is_dir())[:8]]
    except OSError:
        return found
    for folder in folders:
        try:
            files = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
            found += [path.relative_to(root).as_posix() for path, _ in zip(files, range(most // 8), strict=False)]
        except OSError:
            continue
    return found[:most]


def _choices(choices: Sequence[tuple[str, str]]) -> tuple[QButtonGroup, list[QRadioButton]]:
    group = QButtonGroup()
    buttons = [QRadioButton(tr(words)) for _, words in choices]
    for index, made in enumerate(buttons):
        group.addButton(made, index)
    return group, buttons


def _pattern_field(name: str, example: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(example)
    field.setToolTip(tr("A regular expression; what stands in its parentheses is taken."))
    return field
