"""Making decisions: each is one edit of the project, written behind the page, which goes on at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.domain.edits import EditKind
from core.domain.findings import FindingKind
from core.translation import tr
from desktop_app.pages.clean.decided import Decided
from desktop_app.pages.clean.decisions import Decision
from desktop_app.workers.task_runner import JobState

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.store.project import Project
    from desktop_app.context import AppContext

TOOL: Final = "clean"
"""The word of the ledger for what is decided here."""


_EXCLUDING: Final = frozenset({EditKind.EXCLUDE, EditKind.INCLUDE, EditKind.SETTLE, EditKind.REVERT})


def may_exclude(changes: Changes) -> bool:
    """Return whether samples may be excluded now that were not, or the other way round."""
    return changes.edit is not None and changes.edit.kind in _EXCLUDING


class Deciding(QObject):
    """Writes decisions, in their order, and keeps up with those that are undone or made again.

    Attributes
    ----------
    decided
        What was decided in this session.

    Signals
    -------
    changed
        `decided`.
    taken_back
        (Done) a decision was undone, or could not be written: its cases are open again.
    made_again
        (Done) an undone decision holds again.
    """

    changed = Signal()
    taken_back = Signal(object)
    made_again = Signal(object)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.decided = Decided()
        self._writing = 0

    def reset(self) -> None:
        """Forget what was decided: another project."""
        self.decided = Decided()
        self.changed.emit()

    @property
    def busy(self) -> bool:
        """Whether a decision is still on its way into the project."""
        return self._writing > 0

    @property
    def pending(self) -> frozenset[int]:
        """The cases whose decision is still on its way into the project."""
        return self.decided.pending

    def undo(self) -> None:
        """Take back the last decision that holds, of this session or one before; other edits stay."""

        def change(project: Project) -> Changes:
            from core.store.decided_edits import undo_decision

            return undo_decision(project, tool=TOOL)

        self._context.edit(change, title=lambda: tr("Undoing"))

    def decide(self, kind: FindingKind, made: tuple[Decision, ...]) -> None:
        """Write decisions about cases of one kind, as one edit."""
        decided = self.decided
        number = decided.add(kind, made)
        settlements = [one.settlement for one in made]

        def change(project: Project) -> Changes:
            from core.store.finding_edits import settle

            return settle(project, settlements, tool=TOOL)

        def written(changes: Changes) -> None:
            decided.written(number, changes.edit)
            self.changed.emit()

        job = self._context.edit(change, done=written)
        if job is not None:
            self._writing += 1
            job.ended.connect(lambda: self._ended(decided, number, job.state))
        self.changed.emit()

    def follow(self, changes: Changes) -> bool:
        """Keep up with an edit of the project; return whether it is one of the decisions made here."""
        edit = changes.edit
        if edit is None:
            return False
        if edit.kind is EditKind.REVERT:
            # It says itself what it opened again: what later edits made of that stayed.
            if self.decided.follow_revert(edit):
                self.changed.emit()
            return False
        done = self.decided.follow(edit)
        if done is None:
            return edit.tool == TOOL and self.decided.awaited
        (self.made_again if done.holds else self.taken_back).emit(done)
        self.changed.emit()
        return True

    def may_teach(self, changes: Changes) -> bool:
        """Return whether a change that `follow` knew leaves samples out, takes them in again, or gives labels.

        What decisions about label suspects teach by their labels is learnt of themselves.
        """
        edit_id = changes.edit.id if changes.edit is not None else None
        return any(one.teaches for one in self.decided.entries if one.edit_id in (None, edit_id))

    def _ended(self, decided: Decided, number: int, state: JobState) -> None:
        self._writing -= 1
        failed = decided.failed(number) if state is not JobState.DONE else None
        if failed is not None and decided is self.decided:
            self.taken_back.emit(failed)
            self.changed.emit()
