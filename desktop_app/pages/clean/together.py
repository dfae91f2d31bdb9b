"""Cases that share a doubt, shown as a grid and decided at once; the user leaves out those that do not belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.labels import Label
from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.decisions import Decision, acceptance, keeping, labelling
from desktop_app.pages.clean.line import read_facts_of

if TYPE_CHECKING:
    from core.store.project import Project
    from desktop_app.context import AppContext


class Together(QObject):
    """The cases that are reviewed together; empty while none are. What is decided elsewhere leaves them.

    Attributes
    ----------
    cases
        The one in sight first, then its look-alikes.
    left_out
        Those, by finding id, that are not decided with the others.
    reading
        Whether the project has changed since `cases` were read: nothing is done to them before they are read again.

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
        self.reading = False
        self._wanted: tuple[int, ...] = ()
        self._asked = 0
        context.changed.connect(self.follow)

    def open(self, finding_ids: Sequence[int]) -> None:
        """Review these cases together, as soon as they are read."""
        self._wanted, self.left_out = tuple(finding_ids), frozenset()
        self.follow()

    def follow(self) -> None:
        """Read the cases again, as the project may have changed; those that are no longer open leave."""
        project, wanted = self._context.project, self._wanted
        if project is None or not wanted:
            return
        self._asked += 1
        asked = self._asked

        def show(cases: list[CaseFacts]) -> None:
            if asked == self._asked and self._context.project is project:
                self.reading, self.cases = False, tuple(cases)
                if not cases:
                    self._wanted = ()
                self.changed.emit()

        self.reading = True
        self._context.tasks.run(tr("Reading the findings"), lambda _: _open_of(project, wanted), done=show, quiet=True)

    def close(self) -> None:
        """Go back to one case at a time."""
        self._asked += 1
        self._wanted, self.reading = (), False
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
        return tuple(made for case in self._ready if (made := acceptance(case)) is not None)

    def keepings(self) -> tuple[Decision, ...]:
        """Return what keeping does to each."""
        return tuple(keeping(case) for case in self._ready)

    def labellings(self, label: Label) -> tuple[Decision, ...]:
        """Return what giving a label does to each.

        Where images can have many, it is taken away only if all have it; else those that have it are left alone.
        """
        chosen = self._ready
        lacking = tuple(case for case in chosen if label not in case.labels_of(case.finding.sample_id))
        given = lacking if lacking and chosen[0].multi else chosen
        return tuple(made for case in given if (made := labelling(case, label)) is not None)

    @property
    def _ready(self) -> tuple[CaseFacts, ...]:
        return () if self.reading else self.chosen


def _open_of(project: Project, finding_ids: Sequence[int]) -> list[CaseFacts]:
    """Read those of some cases that are open; on a worker thread."""
    from core.store.findings import open_among

    return read_facts_of(project, open_among(project, finding_ids))
