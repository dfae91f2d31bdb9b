"""Two moments compared: which fields of which images are different, how many of each, as a table and as CSV."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.domain.moments import utc_moment
from core.errors import UserError
from core.progress import Progress
from core.store.history import Difference, differences
from core.store.history_words import HistoryWords, write_differences
from core.store.samples import samples_by_id
from core.translation import tr, tr_n
from desktop_app.pages.history.detail import ItemLine, name_of

if TYPE_CHECKING:
    from core.store.project import Project
    from desktop_app.context import AppContext

FIRST_LINES: Final = 2000
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How many images differ in one field: its name in the ledger, in words, and the count."""

    field: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What is different: all of it as `found`, the first of it as `lines`, counted by field, and the images."""

    start: str
    end: str
    found: tuple[Difference, ...]
    fields: tuple[FieldCount, ...]
    lines: tuple[ItemLine, ...]
    sample_ids: tuple[int, ...]


class Comparison(QObject):
    """The two moments as typed, and what is different.

    Signals
    -------
    changed
        `start`, `end`, `field`, `compared`, `problem` or `working`.
    """

    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self.start = self.end = self.field = ""
        self.compared: Compared | None = None
        self.problem = ""
        self.working = False

    def reset(self) -> None:
        """Begin anew: a week ago and today."""
        today = datetime.now().astimezone()
        self._asked += 1
        self.start, self.end = f"{today - _WEEK:%Y-%m-%d}", f"{today:%Y-%m-%d}"
        self.field, self.compared, self.problem, self.working = "", None, "", False
        self.changed.emit()

    def compare(self, start: str, end: str, field: str = "") -> None:
        """Compare how the images were at the beginning of `start` with how they were at the end of `end`.

        With `field`, as the ledger names it, only that is listed; it is counted all the same.
        """
        project = self._context.project
        if project is None:
            return
        self.start, self.end, self.field = start.strip(), end.strip(), field
        self._asked += 1
        mine = self._asked
        try:
            moments = utc_moment(self.start), utc_moment(self.end, end=True)
        except UserError as error:
            self._show(None, error.message)
            return
        if moments[0] >= moments[1]:
            self._show(None, tr("The first moment must be before the second."))
            return
        self.working, self.problem = True, ""
        self.changed.emit()

        def done(found: Compared) -> None:
            if mine == self._asked:
                self._show(found, "")

        job = self._context.tasks.run(
            lambda: tr("Comparing two moments"),
            lambda progress: read_comparison(project, *moments, field, progress),
            done=done,
        )
        job.ended.connect(lambda: self._ended(mine))

    def choose_field(self, field: str) -> None:
        """List only one field, or all with an empty one."""
        self.compare(self.start, self.end, field)

    def write_csv(self, out: Path) -> None:
        """Write what is listed, all of it, as CSV: a job."""
        project, compared = self._context.project, self.compared
        if project is None or compared is None:
            return
        found = [one for one in compared.found if self.field in ("", one.field)]
        self._context.tasks.run(
            lambda: tr("Writing “{name}”", name=out.name),
            lambda progress: write_differences(project, out, found, progress),
            done=lambda rows: self._context.message.emit(
                tr_n("Wrote {n} row to {path}.", "Wrote {n} rows to {path}.", rows, path=str(out))
            ),
            summary=lambda rows: tr_n("{n} row", "{n} rows", rows),
        )

    def _show(self, found: Compared | None, problem: str) -> None:
        self.compared, self.problem, self.working = found, problem, False
        self.changed.emit()

    def _ended(self, mine: int) -> None:
        if mine == self._asked and self.working:
            self.working = False
            self.changed.emit()


def read_comparison(project: Project, start: str, end: str, field: str, progress: Progress) -> Compared:
    """Return what is different at `end` from `start` (moments, ISO 8601, UTC); of one field only, if one is named."""
    found = tuple(differences(project, start, end))
    progress.checkpoint()
    words = HistoryWords(project)
    counts = Counter(one.field for one in found)
    listed = [one for one in found if field in ("", one.field)]
    first = listed[:FIRST_LINES]
    paths = {one.id: one.path for one in samples_by_id(project, sorted({row.sample_id for row in first}))}
    lines = tuple(
        ItemLine(
            one.sample_id,
            name_of(paths[one.sample_id]),
            paths[one.sample_id],
            words.field(one.field),
            words.value(one.field, one.before),
            words.value(one.field, one.after),
        )
        for one in first
    )
    fields = tuple(FieldCount(name, words.field(name), count) for name, count in counts.most_common())
    return Compared(start, end, found, fields, lines, tuple(sorted({one.sample_id for one in listed})))
