"""What the chosen passes say: their agreement, and taking over what readers agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.readings import ReadingTable
from core.evaluation.reading_report import ReadingReport, report_readings
from core.store.reading_edits import Consensus, ConsensusRule, consensus
from core.store.readings import disagreements, reading_table
from core.translation import tr, tr_n

if TYPE_CHECKING:
    from desktop_app.context import AppContext


@dataclass(frozen=True, slots=True)
class Result:
    """What the passes say, and on how many images readers disagree that nobody decided yet."""

    table: ReadingTable
    report: ReadingReport
    open: int


class Verdict(QObject):
    """Measures agreement in the background; a later question makes the answer to an earlier one void.

    Signals
    -------
    changed
        `result`, `problem` or `working`.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.reset()

    def reset(self) -> None:
        """Forget everything: another project."""
        self.result: Result | None = None
        self.problem, self.working = "", False
        self.own, self.ordered = True, False
        self.pass_ids: list[int] = []
        self._asked = 0

    def measure(self, pass_ids: list[int]) -> None:
        """Measure the agreement of these passes."""
        project, own, ordered = self._context.project, self.own, self.ordered
        self._asked += 1
        asked, self.pass_ids = self._asked, list(pass_ids)
        if project is None:
            return
        self.result, self.problem, self.working = None, "", True
        self.changed.emit()

        def work(_: object) -> Result:
            name = tr("Project’s labels")
            table = reading_table(project, pass_ids, own=own, own_name=name)
            found = disagreements(project, pass_ids, own=own, own_name=name)
            return Result(table, report_readings(table, ordered=ordered), sum(not case.decided for case in found))

        def show(result: Result | None, problem: str) -> None:
            if asked == self._asked:
                self.result, self.problem, self.working = result, problem, False
                self.changed.emit()

        self._context.tasks.run(
            tr("Measuring agreement"),
            work,
            done=lambda result: show(result, ""),
            failed=lambda error: show(None, str(error)),
            quiet=True,
        )

    def set_options(self, *, own: bool | None = None, ordered: bool | None = None) -> None:
        """Count the project's labels as a reader or not, take the labels for grades or not; and measure again."""
        self.own = self.own if own is None else own
        self.ordered = self.ordered if ordered is None else ordered
        self.measure(self.pass_ids)

    def take_consensus(self, rule: ConsensusRule) -> None:
        """Make what readers agree on the project's labels, as one edit."""
        project, pass_ids, own = self._context.project, list(self.pass_ids), self.own
        if project is None:
            return

        def done(found: Consensus) -> None:
            changed = 0 if found.changes.sample_ids is None else len(found.changes.sample_ids)
            self._context.changed.emit(found.changes)
            self._context.message.emit(
                tr_n(
                    "{n} image changed; on {open} there is no consensus.",
                    "{n} images changed; on {open} there is no consensus.",
                    changed,
                    open=f"{found.open:,}",
                )
            )
            self.measure(pass_ids)

        self._context.tasks.run(
            tr("Saving"), lambda _: consensus(project, pass_ids, rule, own=own), done=done, writes=True, quiet=True
        )
