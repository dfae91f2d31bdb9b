"""What the window says about the project all the time: its counts, and what can be undone and redone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.edits import Edit, describe
from core.translation import tr, tr_n
from desktop_app.workers.rereading import Rereading

if TYPE_CHECKING:
    from core.store.project import Project
    from core.store.samples import Counts
    from desktop_app.context import AppContext


@dataclass(frozen=True, slots=True)
class _Facts:
    counts: Counts
    undo: Edit | None
    redo: Edit | None


class ProjectSummary(QObject):
    """Read anew, off the GUI thread, whenever the project changes; at most one reading at a time."""

    updated = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._facts: _Facts | None = None
        self._reading = Rereading(context, lambda: tr("Counting"), _read_facts, self._take)
        context.project_changed.connect(self._start_over)
        context.changed.connect(lambda _: self._reading.ask())

    @property
    def counts(self) -> Counts | None:
        """The project's counts, once read."""
        return self._facts.counts if self._facts else None

    @property
    def undo(self) -> Edit | None:
        """What would be undone."""
        return self._facts.undo if self._facts else None

    @property
    def redo(self) -> Edit | None:
        """What would be redone."""
        return self._facts.redo if self._facts else None

    def undo_text(self) -> str:
        """Name the undo, such as “Undo: label 212 images as WBC”."""
        return tr("Undo: {what}", what=_lowered(describe(self.undo))) if self.undo else tr("Undo")

    def redo_text(self) -> str:
        """Name the redo."""
        return tr("Redo: {what}", what=_lowered(describe(self.redo))) if self.redo else tr("Redo")

    def last_edit_text(self) -> str:
        """Say what was done last."""
        return _lowered(describe(self.undo)) if self.undo else ""

    def counts_text(self) -> str:
        """Say the counts for the status bar: “4,886 images · 3 labels · 364 groups”."""
        if self.counts is None:
            return ""
        parts = [tr_n("{n} image", "{n} images", self.counts.samples)]
        parts.append(tr_n("{n} label", "{n} labels", len(self.counts.labels)))
        if self.counts.groups_shown:
            parts.append(tr_n("{n} group", "{n} groups", self.counts.groups_shown))
        if self.counts.missing:
            parts.append(tr("{n} missing", n=f"{self.counts.missing:,}"))
        if self.counts.unreadable:
            parts.append(tr("{n} unreadable", n=f"{self.counts.unreadable:,}"))
        return " · ".join(parts)

    def _start_over(self) -> None:
        self._facts = None
        self.updated.emit()
        self._reading.ask()

    def _take(self, facts: _Facts) -> None:
        self._facts = facts
        self.updated.emit()


def _read_facts(project: Project) -> _Facts:
    from core.store.ledger import next_redo, next_undo
    from core.store.samples import counts

    return _Facts(counts(project), next_undo(project), next_redo(project))


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
