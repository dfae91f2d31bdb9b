"""What one entry changed: the first of its images, from what to what, and what they are now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.domain.address import parse_address
from core.domain.edits import EditKind
from core.store.history import Entry, edit_items
from core.store.history_rows import present_values
from core.store.history_words import HistoryWords
from core.store.label_changes import label_changes
from core.translation import tr
from desktop_app.pages.history.label_words import LabelLine, label_lines

if TYPE_CHECKING:
    from core.store.project import Project
    from desktop_app.context import AppContext

FIRST_ITEMS: Final = 120


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One field of one image: what it was, what the entry made of it, and what it is `now` (empty: the same)."""

    sample_id: int
    name: str
    path: str
    field: str
    before: str
    after: str
    now: str = ""

    @property
    def change(self) -> str:
        """The change in words: “label: RBC → WBC”."""
        return tr("{field}: {before} → {after}", field=self.field, before=self.before, after=self.after)


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """The first of what an entry changed, and whether there is more."""

    entry: Entry
    items: tuple[ItemLine, ...]
    labels: tuple[LabelLine, ...]
    more: bool


class Detail(QObject):
    """Reads what the entry looked at changed; `changed` tells."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self.shown: EntryDetail | None = None

    def show(self, entry: Entry | None) -> None:
        """Look at an entry, or at none."""
        self._asked += 1
        mine, project = self._asked, self._context.project
        if entry is None or project is None:
            self.shown = None
            self.changed.emit()
            return

        def done(found: EntryDetail) -> None:
            if mine == self._asked:
                self.shown = found
                self.changed.emit()

        self._context.tasks.run(tr("Reading an entry"), lambda _: read_detail(project, entry), done=done, quiet=True)


def read_detail(project: Project, entry: Entry, first: int = FIRST_ITEMS) -> EntryDetail:
    """Return the first items of an entry; what an undo changed goes the other way."""
    items = edit_items(project, entry.edit.id, limit=first + 1)
    words, undone = HistoryWords(project), entry.action == "undo"
    shown = items[:first]
    now = present_values(project, [(sample, field) for sample, _, field, _, _ in shown])
    lines = []
    for sample, path, field, before, after in shown:
        old, new = (after, before) if undone else (before, after)
        present = now.get((sample, field), new)
        lines.append(
            ItemLine(
                sample,
                name_of(path),
                path,
                words.field(field),
                words.value(field, old),
                words.value(field, new),
                words.value(field, present) if present != new else "",
            )
        )
    changes = label_changes(entry.edit) if entry.edit.kind is not EditKind.IMPORT else []
    labels = label_lines(project, [(one, column, b, a) if not undone else (one, column, a, b)
                                   for one, column, b, a in changes])  # fmt: skip
    return EntryDetail(entry, tuple(lines), tuple(labels), len(items) > first)


def name_of(path: str) -> str:
    """Return the last part of a sample's path, with the part of the file it is."""
    file = parse_address(path).container
    return path[file.rfind("/") + 1 :]
