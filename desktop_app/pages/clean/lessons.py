"""The session that learns from decisions, in the terms of the page: findings instead of rows. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from desktop_app.pages.clean.outlook import Lesson, Outlook

if TYPE_CHECKING:
    from core.quality.suspects.session import CleaningSession
    from core.store.project import Project

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
    samples
        The images that are suspected, decided or not.
    rows_of, label_of
        Where several labels may hold: all rows that a case is about, and the label's name of each.
    answers
        Whether several labels may hold.
    """

    session: CleaningSession
    row_of: dict[int, int]
    finding_of: dict[int, int]
    labels: tuple[str, ...]
    total: int
    looked_at: int
    wrong: int
    decided: set[int]
    samples: frozenset[int]
    rows_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    label_of: Mapping[int, str] = field(default_factory=dict)
    answers: bool = False

    def teach(self, lesson: Lesson) -> None:
        """Take in a decision."""
        rows = [row for one in lesson.finding_ids if (row := self.row_of.get(one, -1)) >= 0 and row not in self.decided]
        self.decided.update(rows)
        label = self.labels.index(lesson.label) if lesson.label in self.labels else None
        self.session.decide_together(self._settled(lesson) if self.answers else rows, lesson.wrong, label)
        self.looked_at += len(rows)
        self.wrong += len(rows) if lesson.wrong else 0

    def _settled(self, lesson: Lesson) -> list[int]:
        """Return the rows of the answers that a decision was about: all in doubt, or that of the label it changed."""
        rows = [row for one in lesson.finding_ids for row in self.rows_of.get(one, ())]
        return rows if lesson.label is None else [row for row in rows if self.label_of[row] == lesson.label]

    def outlook(self) -> Outlook:
        """Return what is to be expected now."""
        # Only what the queue can show; below the least doubt that the check reports there are no cases.
        advice = self.session.advice(np.fromiter(self.finding_of, dtype=np.int64, count=len(self.finding_of)))
        ordered = [int(row) for row in self.session.order(_ORDERED) if int(row) in self.finding_of]
        return Outlook(
            expected=self.session.expected_left(),
            total=self.total,
            answers=self.answers,
            looked_at=self.looked_at,
            wrong=self.wrong,
            # Where few are open, the mean of the next ones hides the one that is surely wrong.
            stop=advice.more_cases == 0,
            more=advice.more_cases,
            order=tuple(self.finding_of[row] for row in ordered),
            alike={self.finding_of[row]: self._alike(row) for row in ordered[:_COMPARED]},
        )

    def _alike(self, row: int) -> tuple[int, ...]:
        # What is decided about several cases at once is one label of each.
        near = (int(other) for other in self.session.look_alikes(row)) if self._is_one(row) else ()
        return tuple(self.finding_of[other] for other in near if self._is_one(other))

    def _is_one(self, row: int) -> bool:
        """Return whether there is a case of this row, and it is about no other row."""
        finding = self.finding_of.get(row)
        return finding is not None and len(self.rows_of.get(finding, ())) <= 1


def read_lessons(project: Project) -> Lessons | None:
    """Return the session of the last check, with all that was decided since; None where no label could be judged."""
    from core.quality.suspects.standing import read_standing
    from core.store.labels import labels

    standing = read_standing(project)
    if standing is None:
        return None
    return Lessons(
        session=standing.session,
        row_of=dict(standing.row_of),
        finding_of={row: finding_id for finding_id, row in standing.row_of.items()},
        labels=tuple(label.name for label in labels(project)),
        total=standing.total,
        looked_at=len(standing.decided),
        wrong=sum(standing.decided.values()),
        decided=set(standing.decided),
        samples=standing.samples,
        rows_of=standing.rows_of,
        label_of=standing.label_of,
        answers=standing.answers,
    )
