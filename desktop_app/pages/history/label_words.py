"""Changes of the list of labels in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.store.label_changes import LabelChange, LabelValue
from core.store.labels import label_names
from core.translation import mark, tr

if TYPE_CHECKING:
    from core.store.project import Project

COLUMNS: Final = {
    "name": mark("name"),
    "colour": mark("colour"),
    "glyph": mark("mark"),
    "key": mark("key"),
    "position": mark("place in the list"),
    "parent_id": mark("below"),
    "retired": mark("removed"),
}


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One column of one label of the list, before and after, in words."""

    label: str
    column: str
    before: str
    after: str

    @property
    def change(self) -> str:
        """The change in words: “key: 1 → 2”."""
        return tr("{field}: {before} → {after}", field=self.column, before=self.before, after=self.after)


def label_lines(project: Project, changes: Sequence[LabelChange]) -> list[LabelLine]:
    """Return what changes of the list of labels mean."""
    names = label_names(project)
    return [
        LabelLine(
            names.get(label_id, "?"),
            column_words(column),
            value_words(column, before, names),
            value_words(column, after, names),
        )
        for label_id, column, before, after in changes
    ]


def column_words(column: str) -> str:
    """Return a column of the list of labels in words."""
    return tr(COLUMNS.get(column, column))


def value_words(column: str, value: LabelValue, names: dict[int, str]) -> str:
    """Return a value of a label's column in words; a dash for none."""
    if value is None or value == "":
        return "–"
    if column == "retired":
        return tr("yes") if value else tr("no")
    if column == "parent_id":
        return names.get(int(value), "?")
    if column == "position":
        return str(int(value) + 1)
    return str(value)
