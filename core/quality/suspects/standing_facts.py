"""What is known of the label suspects of a project: the session, and which of its rows each case is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.quality.suspects.session import CleaningSession


@dataclass(frozen=True, slots=True)
class Standing:
    """A session that knows what was decided.

    Attributes
    ----------
    row_of
        Rows of the session by finding id: the worst one, where a case is about several.
    decided
        By that row of each decided case whether its label was wrong.
    total
        How many labels are in question: those that the check could judge, of images that still take part, without
        those in a conflict of duplicates. Where several may hold, every answer is one: whether an image has a label.
    samples
        The images that are suspected, decided or not.
    rows_of, label_of
        Where several labels may hold: all rows that a case is about, by finding id, and the label's name of each row.
    answers
        Whether several labels may hold.
    """

    session: CleaningSession
    row_of: Mapping[int, int]
    decided: Mapping[int, bool]
    total: int
    samples: frozenset[int]
    rows_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    label_of: Mapping[int, str] = field(default_factory=dict)
    answers: bool = False
