"""Decisions that are taken back, or hold again, wherever that was done: their cases come back into sight, or leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.domain.edits import EditKind
from core.domain.findings import FindingKind
from core.translation import tr
from desktop_app.pages.clean.decided import Done
from desktop_app.pages.clean.deciding import TOOL, Deciding
from desktop_app.pages.clean.line import MOST_READ_ALONE, CaseLine
from desktop_app.pages.clean.queues import queue_of
from desktop_app.pages.clean.teaching import Teaching

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.store.project import Project
    from desktop_app.context import AppContext


class ComingBack(QObject):
    """Keeps the line in step with the decisions that hold: those of this session, and those of sessions before."""

    def __init__(self, context: AppContext, deciding: Deciding, line: CaseLine, teaching: Teaching) -> None:
        super().__init__(deciding)
        self._context = context
        self._line, self._teaching = line, teaching
        deciding.taken_back.connect(self._taken_back)
        deciding.made_again.connect(self._made_again)

    def read_line(self, changes: Changes) -> None:
        """Read the line again after an edit that is none of the session's; what it opened again comes into sight."""
        project, edit = self._context.project, changes.edit
        if project is None or edit is None or (edit.kind is not EditKind.REVERT and edit.tool != TOOL):
            # What is excluded is no case of any queue, whoever excluded it.
            self._line.read()
            return
        edit_id = edit.id

        def take(opened: list[tuple[int, FindingKind]]) -> None:
            if self._context.project is project:
                self._show(opened, changes)

        self._context.tasks.run(
            tr("Reading the findings"), lambda _: _opened_again(project, edit_id), done=take, quiet=True
        )

    def _show(self, opened: list[tuple[int, FindingKind]], changes: Changes) -> None:
        if not opened:
            self._line.read()
            return
        queue, samples = queue_of(opened[0][1]), changes.sample_ids
        kind = self._kind_for(opened[0][1])
        if samples is None or len(samples) > MOST_READ_ALONE:
            self._line.open(queue, kind, opened[0][0])
        else:
            here = [number for number, one in opened if one in queue.kinds]
            self._line.bring_back(here, samples.tolist(), queue, kind)

    def _taken_back(self, done: Done) -> None:
        """Show again what a decision was about."""
        self._unlearn(done)
        self._line.bring_back(done.finding_ids, done.excluded, queue_of(done.kind), self._kind_for(done.kind))

    def _made_again(self, done: Done) -> None:
        self._unlearn(done)
        self._line.drop(done.finding_ids)
        self._line.leave_out(done.excluded)

    def _kind_for(self, kind: FindingKind) -> FindingKind | None:
        """Return the kind that the line is narrowed to, where it holds cases of this one."""
        return self._line.kind if kind in self._line.kinds else None

    def _unlearn(self, done: Done) -> None:
        if done.kind is FindingKind.LABEL_SUSPECT:
            self._teaching.begin()


def _opened_again(project: Project, edit_id: int) -> list[tuple[int, FindingKind]]:
    from core.store.decided_edits import opened_again

    return opened_again(project, edit_id)
