"""Proving the history: the chain of hashes checked as a job, and its result as the page seals it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.store.history_check import HistoryCheck, check_history
from core.translation import tr, tr_n
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from desktop_app.context import AppContext


class Proof(QObject):
    """What the last check found.

    Attributes
    ----------
    result
        None before the first check, and after it was put away.
    outdated
        Whether something was entered since: what was proven still holds up to the head that was named.
    job
        The check that runs, if one does.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.result: HistoryCheck | None = None
        self.outdated = False
        self.job: Job | None = None

    def check(self) -> None:
        """Check the whole chain."""
        project = self._context.project
        if project is None or self.job is not None:
            return

        def done(found: HistoryCheck) -> None:
            if self._context.project is project:
                self.result, self.outdated = found, False

        self.result = None
        self.job = self._context.tasks.run(
            lambda: tr("Checking the history"),
            lambda progress: check_history(project, progress),
            done=done,
            summary=summarise,
        )
        self.job.ended.connect(self._ended)
        self.changed.emit()

    def outdate(self) -> None:
        """Something was entered since."""
        if self.result is not None and not self.outdated:
            self.outdated = True
            self.changed.emit()

    def reset(self) -> None:
        """Put the result away."""
        self.result, self.outdated = None, False
        self.changed.emit()

    def _ended(self) -> None:
        self.job = None
        self.changed.emit()


def summarise(found: HistoryCheck) -> str:
    """Say what a check found."""
    if found.breaks:
        return tr_n("does not hold in {n} place", "does not hold in {n} places", len(found.breaks))
    return tr_n("{n} entry, nothing changed afterwards", "{n} entries, nothing changed afterwards", found.entries)
