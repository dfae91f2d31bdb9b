"""The open cases of one queue: the worst first, one in sight, and the next ones read before they are asked for.

Deciding takes a case out of the line at once and shows the next; the project is written behind it. Skipped cases go to
the end. A case that was decided can be visited again: it then stands before the line until the user goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from core.domain.findings import Finding, FindingKind, FindingState, needed_samples
from core.errors import UserError
from core.translation import tr
from desktop_app.pages.clean.case import CaseFacts, read_cases
from desktop_app.pages.clean.queues import QUEUES, Queue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.store.project import Project
    from desktop_app.context import AppContext

AHEAD: Final = 4
"""So many of the next cases have their pictures read, and are there with the first."""
READ_AHEAD: Final = 32
"""So many of the next cases have their samples read: whoever decides by holding a key never gets there first."""
MOST_READ: Final = 2_000
"""Cases read at once; there are more once these are done."""
MOST_READ_ALONE: Final = 50
"""Of findings and samples: for more of them the line is read as a whole."""


@dataclass(frozen=True, slots=True)
class _Read:
    found: list[Finding]
    facts: list[CaseFacts]
    visited: CaseFacts | None


class CaseLine(QObject):
    """Where the user stands in a queue.

    Attributes
    ----------
    queue, kind
        What is worked through; one kind of the queue only, where one was chosen.
    found, place
        The open cases in their order, and the index of the one in sight.
    visited
        A case shown again, or on its own, instead of the one at `place`.
    loading
        Whether the line is being read and nothing is known of it yet.

    Signals
    -------
    changed
        Any of these.
    """

    changed = Signal()

    def __init__(
        self, context: AppContext, pending: Callable[[], Collection[int]], parent: QObject | None = None
    ) -> None:
        """`pending` says which cases are decided and not written yet: the project has these as open still."""
        super().__init__(parent)
        self._context, self._pending = context, pending
        self.queue: Queue = QUEUES[0]
        self.kind: FindingKind | None = None
        self.reset()

    def reset(self) -> None:
        """Forget everything: another project."""
        self.found: list[Finding] = []
        self.place = 0
        self.visited: CaseFacts | None = None
        self.loading = False
        self._facts: dict[int, CaseFacts] = {}
        self._gone: set[int] = set()
        self._without: set[int] = set()
        self._skipped: dict[int, int] = {}
        self._asked = self._answered = 0
        self._reading: set[int] = set()
        self._era = 0

    @property
    def kinds(self) -> tuple[FindingKind, ...]:
        """The kinds of cases that are in the line."""
        return self.queue.kinds if self.kind is None else (self.kind,)

    @property
    def finding(self) -> Finding | None:
        """The finding in sight."""
        if self.visited is not None:
            return self.visited.finding
        return self.found[self.place] if self.place < len(self.found) else None

    @property
    def case(self) -> CaseFacts | None:
        """The case in sight, once its samples are read."""
        if self.visited is not None:
            return self.visited
        finding = self.finding
        return self._facts.get(finding.id) if finding is not None else None

    @property
    def ahead(self) -> list[CaseFacts]:
        """The cases that come next, as far as they are read."""
        start = self.place if self.visited is not None else self.place + 1
        return [self._facts[one.id] for one in self.found[start : start + AHEAD] if one.id in self._facts]

    def open(self, queue: Queue, kind: FindingKind | None = None, finding_id: int | None = None) -> None:
        """Work through a queue, or one kind of it; with `finding_id`, that case is shown first."""
        another = queue is not self.queue or kind is not self.kind
        self.queue, self.kind = queue, kind
        if another:
            self.found, self.place, self.visited = [], 0, None
            self.loading = True
            self.changed.emit()
        self.read(finding_id)

    def read(self, finding_id: int | None = None) -> None:
        """Read the line again; the case in sight stays in sight, or `finding_id` comes into it."""
        project = self._context.project
        if project is None:
            return
        self._asked += 1
        # Of what is written, the project knows best whether it is open: it may have been taken back.
        self._gone.intersection_update(self._pending())
        asked, kinds = self._asked, self.kinds
        wanted = finding_id if finding_id is not None else self.finding.id if self.finding is not None else None

        def take(read: _Read) -> None:
            if asked == self._asked and self._context.project is project:
                self._answered = asked
                self._take(read, wanted, visit=finding_id is not None or self.visited is not None)

        self._context.tasks.run(
            tr("Reading the findings"), lambda _: _read(project, kinds, wanted), done=take, quiet=True
        )

    def walk(self, by: int) -> None:
        """Go to the next case (1) or the one before (-1), around the end."""
        if self.visited is not None:
            self.visited = None
            by = 0 if by > 0 else by
        if self.found:
            self.place = (self.place + by) % len(self.found)
        self._moved()

    def skip(self) -> None:
        """Put the case in sight to the end."""
        if self.visited is not None:
            self.visited = None
        elif self.place < len(self.found):
            skipped = self.found.pop(self.place)
            self.found.append(skipped)
            self._skipped[skipped.id] = max(self._skipped.values(), default=0) + 1
            if self.place == len(self.found) - 1:
                self.place = 0
        self._moved()

    def drop(self, finding_ids: Iterable[int]) -> None:
        """Take decided cases out; the next comes into sight."""
        gone = set(finding_ids)
        self._gone |= gone
        self._skipped = {one: turn for one, turn in self._skipped.items() if one not in gone}
        if self.visited is not None and self.visited.finding.id in gone:
            self.visited = None
        before = sum(one.id in gone for one in self.found[: self.place])
        self.found = [one for one in self.found if one.id not in gone]
        self.place = min(self.place - before, max(0, len(self.found) - 1))
        self._moved()
        if not self.found:
            self.read()

    def leave_out(self, sample_ids: Collection[int]) -> None:
        """Take out the open cases of which nothing is left without these samples, until the line is read again."""
        self._without |= set(sample_ids)
        gone = {
            one.id
            for one in self.found
            if not self._without.isdisjoint(one.members) and _left(one, self._without) < needed_samples(one.kind)
        }
        if gone:
            before = sum(one.id in gone for one in self.found[: self.place])
            self.found = [one for one in self.found if one.id not in gone]
            self.place = min(self.place - before, max(0, len(self.found) - 1))
            self._moved()

    def bring_back(
        self, finding_ids: Iterable[int], sample_ids: Collection[int], queue: Queue, kind: FindingKind | None
    ) -> None:
        """Let cases be open again whose decision was taken back or not written; the first comes into sight.

        So do those that were left out for samples that the decision had excluded.
        """
        back = list(finding_ids)
        self._gone -= set(back)
        self._without -= set(sample_ids)
        self.visited = None
        here = queue is self.queue and kind is self.kind and bool(self.found) and self._asked == self._answered
        if back and here and len(back) + len(sample_ids) <= MOST_READ_ALONE:
            self._read_some(back, sample_ids)
        else:
            # Where there is none in sight, nobody is to go to another queue meanwhile.
            self.loading = self.loading or not self.found
            self.open(queue, kind, back[0] if back else None)

    def reorder(self, rank: Sequence[int]) -> None:
        """Put what comes after the case in sight into the order of these finding ids; others keep theirs, behind.

        Last come the skipped ones, as they were skipped.
        """
        order = {finding_id: place for place, finding_id in enumerate(rank)}
        until = self.place + 1 if self.visited is None else self.place
        rest = sorted(self.found[until:], key=lambda one: (self._skipped.get(one.id, 0), order.get(one.id, len(order))))
        self.found = self.found[:until] + rest
        self._moved()

    def samples_changed(self, sample_ids: NDArray[Any] | None) -> None:
        """Read the cases again that show one of these samples; all of them without any."""
        changed = None if sample_ids is None else set(sample_ids.tolist())
        self._era += 1
        self._reading.clear()
        self._facts = {
            finding_id: facts
            for finding_id, facts in self._facts.items()
            if changed is not None and changed.isdisjoint(facts.samples)
        }
        self._look_ahead()

    def _take(self, read: _Read, wanted: int | None, *, visit: bool) -> None:
        self.loading = False
        self._without.clear()
        self._facts |= {facts.finding.id: facts for facts in read.facts}
        known = {one.id: rank for rank, one in enumerate(self.found)}
        found = [one for one in read.found if one.id not in self._gone]
        # What was in the line keeps its order: deciding must not shuffle it.
        self.found = sorted(found, key=lambda one: (self._skipped.get(one.id, 0), known.get(one.id, len(known))))
        places = [place for place, one in enumerate(self.found) if one.id == wanted]
        self.visited = None
        if places:
            self.place = places[0]
        else:
            self.place = min(self.place, max(0, len(self.found) - 1))
            self.visited = read.visited if visit else None
        self._moved()

    def _read_some(self, finding_ids: Sequence[int], sample_ids: Collection[int]) -> None:
        """Read what is open again of these findings and of those about these samples; the rest is as it was."""
        project, kinds = self._context.project, self.kinds
        if project is None:
            return
        self._asked += 1
        asked = self._asked

        def take(read: _Read) -> None:
            if asked == self._asked and self._context.project is project:
                self._answered = asked
                self._put_in(read)

        self._context.tasks.run(
            tr("Reading the findings"), lambda _: _some(project, kinds, finding_ids, sample_ids), done=take, quiet=True
        )

    def _put_in(self, read: _Read) -> None:
        """Put cases before the one in sight; the first of them comes into sight."""
        self._facts |= {facts.finding.id: facts for facts in read.facts}
        known = {one.id for one in self.found} | self._gone
        self.found[self.place : self.place] = [one for one in read.found if one.id not in known]
        self._moved()

    def _moved(self) -> None:
        self._look_ahead()
        self.changed.emit()

    def _look_ahead(self) -> None:
        """Read the samples of the case in sight and of the next, where they are not here."""
        project = self._context.project
        near = self.found[max(0, self.place - 1) : self.place + 1 + READ_AHEAD]
        missing = [one for one in near if one.id not in self._facts and one.id not in self._reading]
        if project is None or not missing:
            return
        self._reading |= {one.id for one in missing}
        era = self._era

        def take(read: list[CaseFacts]) -> None:
            if self._context.project is not project or era != self._era:
                return
            self._reading -= {one.id for one in missing}
            # What a whole reading brought meanwhile is younger.
            self._facts = {facts.finding.id: facts for facts in read} | self._facts
            self.changed.emit()

        self._context.tasks.run(
            tr("Reading the findings"), lambda _: _facts_of(project, missing), done=take, quiet=True
        )


def _read(project: Project, kinds: tuple[FindingKind, ...], wanted: int | None) -> _Read:
    from core.store.findings import findings

    found = findings(project, kinds, limit=MOST_READ)
    # Within a kind the store has the worst first; a queue of several kinds is one line.
    found.sort(key=lambda one: -one.score)
    where = next((place for place, one in enumerate(found) if one.id == wanted), 0)
    near = found[where : where + 1 + AHEAD]
    alone = _alone(project, wanted) if wanted is not None and all(one.id != wanted for one in near) else None
    facts = _facts_of(project, [*near, *([alone] if alone is not None else [])])
    listed = any(one.id == wanted for one in found)
    visited = facts.pop() if alone is not None and not (listed and alone.state is FindingState.OPEN) else None
    return _Read(found, facts, visited)


def _some(
    project: Project, kinds: tuple[FindingKind, ...], finding_ids: Sequence[int], sample_ids: Collection[int]
) -> _Read:
    """Return the open ones of these findings, in this order, and then those about these samples."""
    from core.store.findings import findings_of

    alone = [_alone(project, finding_id) for finding_id in finding_ids]
    about = [one for sample_id in sorted(sample_ids) for one in findings_of(project, sample_id)]
    every = [one for one in [*alone, *about] if one is not None and one.state is FindingState.OPEN]
    found = list({one.id: one for one in every if one.kind in kinds}.values())
    return _Read(found, _facts_of(project, found[: 1 + AHEAD]), None)


def _left(finding: Finding, without: Collection[int]) -> int:
    return sum(member not in without for member in finding.members)


def _alone(project: Project, finding_id: int) -> Finding | None:
    """Return a finding by itself; None for one that a check has found no more."""
    from core.store.findings import finding

    try:
        return finding(project, finding_id)
    except UserError:
        return None


def read_facts_of(project: Project, finding_ids: Sequence[int]) -> list[CaseFacts]:
    """Read some cases; on a worker thread."""
    from core.store.findings import finding

    return _facts_of(project, [finding(project, finding_id) for finding_id in finding_ids])


def _facts_of(project: Project, found: Sequence[Finding]) -> list[CaseFacts]:
    from core.store.labels import labels

    return read_cases(project, found, labels(project))
