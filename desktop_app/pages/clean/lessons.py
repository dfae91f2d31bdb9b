"""The session that learns from decisions, in the terms of the page: findings instead of rows. Without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from core.domain.findings import FindingKind, FindingState
from core.domain.query import SampleQuery
from desktop_app.pages.clean.outlook import Lesson, Outlook

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.quality.suspects.session import CleaningSession
    from core.store.project import Project

CHECK: Final = "label_suspects"
_ORDERED: Final = 2_000
_COMPARED: Final = 12
"""For so many of the next cases it is known which others share their doubt."""


@dataclass(slots=True)
class Lessons:
    """A session, and which finding each of its rows is.

    Attributes
    ----------
    row_of, finding_of
        Rows by finding id, and the other way round.
    labels
        Names of the labels by their index.
    total
        How many labels are in question.
    looked_at, wrong
        How many cases were decided, and how many of these labels were wrong.
    decided
        The rows that were.
    """

    session: CleaningSession
    row_of: dict[int, int]
    finding_of: dict[int, int]
    labels: tuple[str, ...]
    total: int
    looked_at: int
    wrong: int
    decided: set[int]

    def teach(self, lesson: Lesson) -> None:
        """Take in a decision."""
        rows = [row for one in lesson.finding_ids if (row := self.row_of.get(one, -1)) >= 0 and row not in self.decided]
        self.decided.update(rows)
        label = self.labels.index(lesson.label) if lesson.label in self.labels else None
        self.session.decide_together(rows, lesson.wrong, label)
        self.looked_at += len(rows)
        self.wrong += len(rows) if lesson.wrong else 0

    def outlook(self) -> Outlook:
        """Return what is to be expected now."""
        advice = self.session.advice()
        ordered = [int(row) for row in self.session.order(_ORDERED) if int(row) in self.finding_of]
        return Outlook(
            expected=self.session.expected_left(),
            total=self.total,
            looked_at=self.looked_at,
            wrong=self.wrong,
            # Where few are open, the mean of the next ones hides the one that is surely wrong.
            stop=advice.more_cases == 0,
            more=advice.more_cases,
            order=tuple(self.finding_of[row] for row in ordered),
            alike={self.finding_of[row]: self._alike(row) for row in ordered[:_COMPARED]},
        )

    def _alike(self, row: int) -> tuple[int, ...]:
        near = (int(other) for other in self.session.look_alikes(row))
        return tuple(self.finding_of[other] for other in near if other in self.finding_of)


def read_lessons(project: Project) -> Lessons | None:
    """Return the session of the last check, with all that was decided since; None where labels were not looked at."""
    from core.quality.kept import kept_arrays
    from core.quality.suspects.session import CleaningSession
    from core.store.findings import finding_states
    from core.store.labels import labels
    from core.store.samples import sample_ids

    kept = kept_arrays(project, CHECK)
    if kept is None or not {"p_wrong", "suggested", "given"} <= kept.keys():
        return None
    ids, given = kept["ids"].astype(np.int64), kept["given"].astype(np.int64)
    names = tuple(label.name for label in labels(project))
    found = finding_states(project, FindingKind.LABEL_SUSPECT)
    rows = _places(ids, np.array([sample_id for _, sample_id, _ in found], dtype=np.int64)).tolist()
    row_of = {number: row for (number, _, _), row in zip(found, rows, strict=True) if row >= 0}
    decided = {
        row_of[number]: state is FindingState.ACCEPTED
        for number, _, state in found
        if number in row_of and state is not FindingState.OPEN
    }
    gone = np.isin(ids, sample_ids(project, SampleQuery(excluded=True)))
    gone[list(decided)] = False  # what was learnt of an image holds, also where it was excluded for it
    given[gone] = -1
    session = CleaningSession.kept({**kept, "given": given})
    session.resume(decided)
    return Lessons(
        session=session,
        row_of=row_of,
        finding_of={row: finding_id for finding_id, row in row_of.items()},
        labels=names,
        total=int((given >= 0).sum()),
        looked_at=len(decided),
        wrong=sum(decided.values()),
        decided=set(decided),
    )


def _places(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n,) where each of the wanted ids is among ids (N,), -1 where it is not; without a table of a million."""
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    place = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)]
    found: NDArray[np.int64] = np.where(ids[place] == wanted, place, -1)
    return found
