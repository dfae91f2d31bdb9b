"""What the selected samples have in common, read a moment behind, so that running through the grid stays quick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from core.store.chosen import Chosen, look_at
from core.translation import tr

if TYPE_CHECKING:
    from desktop_app.context import AppContext
    from desktop_app.widgets.sample_grid.state import GridState
    from desktop_app.workers.task_runner import Job

_DELAY_MS: Final = 40


class SelectionFacts(QObject):
    """Keeps `facts` in step with the selection while somebody looks.

    Signals
    -------
    changed
        `facts`.
    """

    changed = Signal()

    def __init__(self, context: AppContext, grid: GridState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._grid = context, grid
        self._asked = 0
        self._job: Job | None = None
        self.facts = Chosen()
        self._later = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._later.timeout.connect(self._read)
        grid.selection_changed.connect(self._later.start)
        context.changed.connect(self._later.start)
        context.project_changed.connect(self._forget)

    def _forget(self) -> None:
        self._later.stop()
        self._asked += 1
        self._show(Chosen())

    def _read(self) -> None:
        project, ids = self._context.project, self._grid.selected_ids
        self._asked += 1
        asked = self._asked
        if project is None or not len(ids):
            self._show(Chosen())
            return

        def show(found: Chosen) -> None:
            if asked == self._asked:
                self._show(found)

        if self._job is not None and not self._job.has_ended:
            self._job.cancel()
        self._job = self._context.tasks.run(
            tr("Counting"), lambda progress: look_at(project, ids, progress), done=show, quiet=True
        )

    def _show(self, found: Chosen) -> None:
        if found != self.facts:
            self.facts = found
            self.changed.emit()
