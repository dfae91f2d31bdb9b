"""Cases that share a doubt, shown as a grid and decided at once; the user leaves out those that do not belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.decisions import Decision, acceptance, keeping
from desktop_app.pages.clean.line import read_facts_of

if TYPE_CHECKING:
    from desktop_app.context import AppContext


class Together(QObject):
    """The cases that are reviewed together; empty while none are.

    Attributes
    ----------
    cases
        The one in sight first, then its look-alikes.
    left_out
        Those, by finding id, that are not decided with the others.

    Signals
    -------
    changed
        Any of these.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.cases: tuple[CaseFacts, ...] = ()
        self.left_out: frozenset[int] = frozenset()

    def open(self, finding_ids: Sequence[int]) -> None:
        """Review these cases together, as soon as they are read."""
        project = self._context.project
        if project is None or not finding_ids:
            return

        def show(cases: list[CaseFacts]) -> None:
            if self._context.project is project:
                self.cases, self.left_out = tuple(cases), frozenset()
                self.changed.emit()

        self._context.tasks.run(
            tr("Reading the findings"), lambda _: read_facts_of(project, finding_ids), done=show, quiet=True
        )

    def close(self) -> None:
        """Go back to one case at a time."""
        self.cases, self.left_out = (), frozenset()
        self.changed.emit()

    def toggle(self, finding_id: int) -> None:
        """Leave a case out, or take it in again."""
        self.left_out ^= {finding_id}
        self.changed.emit()

    @property
    def chosen(self) -> tuple[CaseFacts, ...]:
        """The cases that are decided."""
        return tuple(case for case in self.cases if case.finding.id not in self.left_out)

    def acceptances(self) -> tuple[Decision, ...]:
        """Return what accepting does to each."""
        return tuple(made for case in self.chosen if (made := acceptance(case)) is not None)

    def keepings(self) -> tuple[Decision, ...]:
        """Return what keeping does to each."""
        return tuple(keeping(case) for case in self.chosen)
