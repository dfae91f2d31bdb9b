"""The rows of the history, read off the GUI thread: which entries, under which days; the entries themselves come later.

A row is an entry's number, or, where a day begins, a number below 0: ``-1 - index`` of the day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.store.history import Entry, HistoryFilter, count_entries
from core.store.history_rows import Choices, choices, entries_by_id, entry_moments, taken_back
from core.store.labels import label_names

if TYPE_CHECKING:
    from core.store.project import Project

FIRST = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """What there is to list, newest first.

    Attributes
    ----------
    rows
        (N,) int64, see the module's text.
    days
        The days, in the user's own time.
    count, total
        Entries listed, and entries there are at all.
    entries
        The first of them, and those that were asked for.
    labels
        The names of labels that the ledger may speak of.
    """

    rows: NDArray[np.int64]
    days: tuple[date, ...]
    count: int
    total: int
    entries: dict[int, Entry]
    choices: Choices
    taken_back: dict[int, int]
    labels: tuple[str, ...]

    def day_rows(self) -> list[int]:
        """Return the rows where a day begins."""
        return np.flatnonzero(self.rows < 0).tolist()

    def row_of(self, entry_id: int) -> int | None:
        """Return the row of an entry; None where it is not listed."""
        found = np.flatnonzero(self.rows == entry_id)
        return int(found[0]) if len(found) else None


def read_listing(project: Project, wanted: HistoryFilter, also: Iterable[int] = ()) -> Listing:
    """Return what is listed for `wanted`, with its first entries and those of the numbers in `also`."""
    found = entry_moments(project, wanted)
    rows, days = by_day(found)
    total = len(found) if wanted == HistoryFilter() else count_entries(project)
    first = entries_by_id(project, [number for number, _ in found[:FIRST]] + list(also))
    names = tuple(sorted(set(label_names(project).values())))
    return Listing(rows, days, len(found), total, first, choices(project, wanted), taken_back(project), names)


def by_day(found: list[tuple[int, str]]) -> tuple[NDArray[np.int64], tuple[date, ...]]:
    """Return the rows of entries (number, moment) with a row before each day, and the days."""
    rows: list[int] = []
    days: list[date] = []
    start, end = "", ""
    for number, at in found:
        if not start <= at < end:
            day = datetime.fromisoformat(at).astimezone().date()
            start, end = _utc(day), _utc(day + timedelta(days=1))
            if not days or days[-1] != day:
                days.append(day)
                rows.append(-len(days))
        rows.append(number)
    return np.array(rows, dtype=np.int64), tuple(days)


def _utc(day: date) -> str:
    """Return when a day begins here, as the ledger writes moments: those of one form sort as they follow each other."""
    return datetime.combine(day, time()).astimezone(UTC).isoformat(timespec="milliseconds")
