"""How many images there are to train with, counted in the background whenever that may have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.store.samples import Counts, counts
from core.store.splits import groups_straddling
from core.translation import tr
from desktop_app.workers.rereading import Rereading

if TYPE_CHECKING:
    from core.store.project import Project
    from desktop_app.context import AppContext


class DataCounts(QObject):
    """`counts` (None before they are known) and `straddling`, the groups on both sides of a split."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._reading = Rereading(context, lambda: tr("Counting"), _read, self._show)
        self.counts: Counts | None = None
        self.straddling = 0

    def ask(self) -> None:
        """Count; without a project, forget."""
        if self._context.project is None:
            self.counts, self.straddling = None, 0
        self._reading.ask()

    def _show(self, found: tuple[Counts, int]) -> None:
        self.counts, self.straddling = found
        self.changed.emit()


def _read(project: Project) -> tuple[Counts, int]:
    return counts(project), groups_straddling(project)
