"""The state of the Evaluate page: which run is judged on which split, and the verdict.

No widget here. Judging resamples groups a thousand times: it is done on a reader, never on the GUI thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal

from core.domain.labels import Label
from core.domain.runs import USABLE, Run
from core.domain.samples import Split
from core.errors import UserError
from core.evaluation.hierarchy import Level
from core.store.labels import labels
from core.store.runs import runs
from core.training.judge import RunEvaluation, judge_run
from core.translation import tr
from desktop_app.pages.evaluate.mistakes import Mistake, surest_mistakes
from desktop_app.pages.page import Badge, BadgeState, PageController

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.progress import Progress
    from desktop_app.context import AppContext


class EvaluateController(PageController):
    """What the Evaluate page shows and does.

    Signals
    -------
    judged_changed
        `judged`, `problem` or `judging`.
    runs_changed
        `runs`, `run_id`, `split`, `level` or `has_levels`.
    mistakes_changed
        `mistakes`: they come after the verdict, for their images must be read.
    """

    judged_changed = Signal()
    runs_changed = Signal()
    mistakes_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.runs: list[Run] = []
        self.run_id: int | None = None
        self.split = Split.TEST
        self.level = Level.LEAF
        self.has_levels = False
        self.judged: RunEvaluation | None = None
        self.mistakes: tuple[Mistake, ...] = ()
        self.problem = ""
        self.judging = False
        self._asked = 0
        self._stale = True
        context.project_changed.connect(self._project_changed)
        context.changed.connect(self._changed)

    def choose_run(self, run_id: int) -> None:
        """Judge another run."""
        if run_id != self.run_id:
            self.run_id = run_id
            self._judge()
            self.runs_changed.emit()

    def choose_split(self, split: str) -> None:
        """Judge on another split."""
        if split != self.split:
            self.split = Split(split)
            self._judge()
            self.runs_changed.emit()

    def choose_level(self, level: str) -> None:
        """Tell labels apart as they are, or by the topmost label above them."""
        if level != self.level:
            self.level = Level(level)
            self._judge()
            self.runs_changed.emit()

    def shown(self) -> None:
        """The page is looked at: judge if anything changed since."""
        if self._stale:
            self._judge()

    def open_cell(self, given: int, predicted: int) -> None:
        """Open the images of a cell of the confusion matrix in the grid."""
        if self.judged is not None:
            self._open(self.judged.cell(given, predicted))

    def open_mistakes(self) -> None:
        """Open the images that were predicted wrongly in the grid, the surest mistake first."""
        if self.judged is not None:
            self._open(self.judged.mistakes())

    def open_image(self, sample_id: int) -> None:
        """Open one image in the grid."""
        self._open(np.array([sample_id], dtype=np.int64))

    def badge(self) -> Badge:
        """Return a tick once a run was judged."""
        return Badge(state=BadgeState.DONE if self.judged is not None else BadgeState.NONE)

    def _open(self, ids: NDArray[np.int64]) -> None:
        if len(ids):
            self.context.show("images", ids=ids)

    def _judge(self) -> None:
        project, run_id, split, level = self.context.project, self.run_id, self.split, self.level
        self._asked += 1
        asked = self._asked
        self._stale = False
        if project is None or run_id is None:
            self._show(None, "")
            return
        self.judging = True
        self.judged_changed.emit()

        def work(progress: Progress) -> RunEvaluation:
            return judge_run(project, run_id, split, level=level)

        def done(judged: RunEvaluation) -> None:
            if asked == self._asked:
                self._show(judged, "")

        def failed(error: Exception) -> None:
            if asked == self._asked:
                self._show(None, str(error) if isinstance(error, UserError) else "")

        self.context.tasks.run(tr("Judging run {run}", run=run_id), work, done=done, failed=failed, quiet=True)

    def _show(self, judged: RunEvaluation | None, problem: str) -> None:
        self.judged, self.problem, self.judging = judged, problem, False
        self.judged_changed.emit()
        self.badge_changed.emit()
        self._read_mistakes()

    def _read_mistakes(self) -> None:
        project, judged = self.context.project, self.judged
        if project is None or judged is None or not len(judged.mistake_rows()):
            self._show_mistakes(())
            return

        def done(mistakes: tuple[Mistake, ...]) -> None:
            if self.judged is judged:
                self._show_mistakes(mistakes)

        self.context.tasks.run(
            tr("Reading the mistakes"),
            lambda progress: surest_mistakes(project, judged, progress),
            done=done,
            quiet=True,
        )

    def _show_mistakes(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        self.mistakes_changed.emit()

    def _project_changed(self) -> None:
        self.run_id, self.judged, self.problem, self.judging = None, None, "", False
        self._asked += 1
        self._show_mistakes(())
        self._refresh()
        self.judged_changed.emit()
        self.badge_changed.emit()

    def _changed(self, changes: Changes) -> None:
        if changes.runs or changes.samples or changes.labels or changes.sample_ids is not None:
            self._refresh()

    def _refresh(self) -> None:
        project = self.context.project
        self.runs = [run for run in runs(project) if run.state in USABLE] if project is not None else []
        self.has_levels = project is not None and _has_levels(labels(project))
        if not self.has_levels:
            self.level = Level.LEAF
        known = {run.id for run in self.runs}
        newest = self.runs[0].id if self.runs else None
        if self.run_id not in known:
            self.run_id = newest
        self._stale = True
        self.runs_changed.emit()


def _has_levels(found: Sequence[Label]) -> bool:
    """Say whether labels are below others, and more than one at the top: a single one could not be mistaken."""
    tops = sum(label.parent_id is None for label in found)
    return 1 < tops < len(found)
