"""The state of the Clean page: the queues, the case in sight, what can be decided about it, and what was decided.

No widget here. The parts have a file each: `checking` (looking for problems), `line` (the cases of a queue), `teaching`
(what decisions about labels teach), `decided` (what was done), `pictures`. Deciding shows the next case at once; the
project is written behind it, in the order of the decisions, each an edit that can be undone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from core.domain.findings import FindingKind
from core.domain.labels import Label
from core.domain.samples import Sample, Split
from core.translation import tr, tr_n
from desktop_app.pages.clean.case import CaseFacts
from desktop_app.pages.clean.checking import Checking
from desktop_app.pages.clean.coming_back import ComingBack
from desktop_app.pages.clean.decided import Decided
from desktop_app.pages.clean.deciding import Deciding, may_exclude
from desktop_app.pages.clean.decisions import (
    NO_CHOICES,
    Decision,
    acceptance,
    exclusion,
    keeping,
    label_choices,
    labelling,
    pinning,
)
from desktop_app.pages.clean.differences import Differences
from desktop_app.pages.clean.facts import ProjectFacts, read_facts, read_stale
from desktop_app.pages.clean.line import CaseLine
from desktop_app.pages.clean.map_controller import MapController
from desktop_app.pages.clean.pictures import CasePictures
from desktop_app.pages.clean.queues import QUEUES, Queue, open_in, queue_by_id, queue_of
from desktop_app.pages.clean.saving_report import save_report
from desktop_app.pages.clean.teaching import Teaching
from desktop_app.pages.clean.together import Together
from desktop_app.pages.page import Badge, BadgeState, PageController
from desktop_app.workers.rereading import Rereading

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from desktop_app.context import AppContext


class CleanController(PageController):
    """What the Clean page shows and does.

    Signals
    -------
    facts_changed
        `facts`: labels, counts, what the last check said.
    case_changed
        `line.case`, its place, `choices`, or what can be decided.
    decided_changed
        `decided`.
    label_wanted
        The user has to say which of `label_choices` is right.
    stale_changed
        `stale`: how many open cases are about samples that have changed since, as of the last time it was asked for;
        or `unseen`: how many images came in, or got a label, since they were last looked for anything.
    """

    facts_changed = Signal()
    case_changed = Signal()
    decided_changed = Signal()
    label_wanted = Signal()
    stale_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.pictures = CasePictures(self)
        self.differences = Differences(self.pictures.sources.thumbnail, self)
        self.deciding = Deciding(context, self)
        self.line = CaseLine(context, lambda: self.deciding.pending, self)
        self.teaching = Teaching(context, self)
        self._coming_back = ComingBack(context, self.deciding, self.line, self.teaching)
        self.together = Together(context, self)
        self.map = MapController(context)
        self.checking = Checking(context, self)
        self.facts = ProjectFacts()
        self.choices = NO_CHOICES
        self._shown: int | None = None
        self._chosen = False
        self.stale = self.unseen = 0
        self._reading = Rereading(context, lambda: tr("Counting"), read_facts, self._take_facts)
        self._counting = Rereading(context, lambda: tr("Counting"), read_stale, self._take_stale)
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(self._stop)
        context.changed.connect(self._changed)
        self.line.changed.connect(self._line_changed)
        self.together.changed.connect(self._line_changed)
        self.teaching.changed.connect(self._taught)
        self.deciding.changed.connect(self.decided_changed)
        self.checking.changed.connect(self.badge_changed)
        self.checking.found.connect(self._found)
        self.checking.found.connect(self.together.follow)
        if context.project is not None:
            self._project_changed()

    # -- what is shown

    def badge(self) -> Badge:
        """How many cases are open; a ring while a check runs."""
        text = f"{self.facts.open:,}" if self.facts.open else ""
        if self.checking.job is not None:
            return Badge(text, BadgeState.RUNNING, self.checking.progress)
        return Badge(text)

    def status(self) -> str:
        """Say how many cases are open."""
        if self.facts.record is None:
            return ""
        return tr_n("{n} open finding", "{n} open findings", self.facts.open)

    @property
    def case(self) -> CaseFacts | None:
        """The case in sight, once it is read."""
        return self.line.case

    @property
    def decided(self) -> Decided:
        """What was decided in this session."""
        return self.deciding.decided

    def look_alikes(self) -> list[int]:
        """Return the open cases that share the doubt in sight, by finding id."""
        finding = self.line.finding
        still = {one.id for one in self.line.found}
        return [one for one in self.teaching.look_alikes(finding.id) if one in still] if finding is not None else []

    def open_in(self, queue: Queue) -> int:
        """Return how many cases of a queue are open."""
        return open_in(queue, self.facts.counts)

    def label_for_key(self, key: str) -> Label | None:
        """Return the label that a key gives on this page."""
        return next((one for one in self.facts.labels if key and one.key == key.casefold()), None)

    def count_stale(self) -> None:
        """Count `stale` and `unseen` anew, in a moment."""
        self._counting.ask()

    # -- where the user is

    def open_queue(self, queue_id: str, kind: FindingKind | None = None) -> None:
        """Work through a queue, or one kind of it."""
        self.together.close()
        self._chosen = True
        queue = queue_by_id(queue_id)
        self.line.open(queue, kind if len(queue.kinds) > 1 else None)

    def open_finding(self, finding_id: int, kind: FindingKind) -> None:
        """Show one case, open or decided, in its queue."""
        self.together.close()
        self._chosen = True
        self.line.open(queue_of(kind), None, finding_id)

    def show_images(self) -> None:
        """Show the images of the cases in sight on the Images page."""
        self.context.show("images", query=" ".join(f"finding:{kind}" for kind in self.line.kinds))

    def show_sample(self, sample: Sample) -> None:
        """Show one image on the Images page."""
        self.context.show("images", ids=[sample.id])

    # -- choosing within a case

    def choose_best(self, sample_id: int) -> None:
        """Keep another member of a cluster."""
        self._choose(best=sample_id)

    def choose_split(self, split: Split) -> None:
        """Pin a leaking cluster to another split."""
        self._choose(split=split)

    def choose_merge(self, merge: bool) -> None:
        """Give the one that is kept every label that a member has."""
        self._choose(merge=merge)

    # -- deciding

    def acceptance(self) -> Decision | None:
        """Return what Enter does; None without a case, or where it asks for one of `label_choices`."""
        return acceptance(self.case, self.choices) if self.case is not None else None

    def keeping(self) -> Decision | None:
        """Return what K does."""
        return keeping(self.case) if self.case is not None else None

    def exclusion(self) -> Decision | None:
        """Return what X does; None where nothing can be excluded."""
        return exclusion(self.case) if self.case is not None else None

    def label_choices(self) -> list[tuple[Label, Decision]]:
        """Return the labels to choose from where nothing speaks for one of them, with what choosing each does."""
        return label_choices(self.case, self.choices) if self.case is not None else []

    def accept(self) -> None:
        """Do what Enter says, or ask for what it needs to know."""
        if self.label_choices():
            self.label_wanted.emit()
        else:
            self.decide(self.acceptance())

    def keep(self) -> None:
        """Leave everything as it is, and dismiss the case."""
        self.decide(self.keeping())

    def exclude(self) -> None:
        """Leave the images of the case out."""
        self.decide(self.exclusion())

    def give(self, label: Label) -> None:
        """Give the image another label than the suggested one; all that are reviewed together, where some are."""
        if self.together.cases:
            self._decide_together(self.together.labellings(label))
        elif self.case is not None:
            self.decide(labelling(self.case, label, self.choices))

    def pin(self, split: Split) -> None:
        """Put all images of a cluster into one split."""
        if self.case is not None:
            self.decide(pinning(self.case, split))

    def review_together(self) -> None:
        """Show the cases that share the doubt in sight, to be decided at once."""
        finding = self.line.finding
        if finding is not None:
            self.together.open([finding.id, *self.look_alikes()])

    def accept_together(self) -> None:
        """Accept all cases that are reviewed together, as one edit."""
        self._decide_together(self.together.acceptances())

    def keep_together(self) -> None:
        """Keep all cases that are reviewed together as they are."""
        self._decide_together(self.together.keepings())

    def save_report(self, path: Path) -> None:
        """Write the report of the last check: a PDF where the name says so, else a web page."""
        outlook = self.teaching.outlook
        save_report(self.context, path, outlook.expected if outlook is not None and outlook.looked_at else None)

    def undo(self) -> None:
        """Take the last decision back; other edits stay."""
        self.deciding.undo()

    def decide(self, *decisions: Decision | None) -> None:
        """Make decisions, as one edit; the next case comes into sight at once."""
        made = tuple(one for one in decisions if one is not None)
        # The case in sight may have been decided elsewhere while its look-alikes are still reviewed.
        case = next(iter(self.together.cases), self.case)
        if not made or self.context.project is None or case is None:
            return
        kind = case.finding.kind
        self.deciding.decide(kind, made)
        if kind is FindingKind.LABEL_SUSPECT:
            first = made[0]
            taught = [one.settlement.finding_id for one in made]
            self.teaching.learn(taught, wrong=first.wrong, label=first.label)
        self.line.drop(one.settlement.finding_id for one in made)
        self.line.leave_out({sample for one in made for sample in one.settlement.exclude})

    # -- keeping up

    def close(self) -> None:
        """Stop reading pictures."""
        self.differences.reset()
        self.pictures.close()

    def _decide_together(self, decisions: tuple[Decision, ...]) -> None:
        """Make these decisions; without any the cases stay in sight."""
        if decisions:
            self.decide(*decisions)
            self.together.close()

    def _choose(self, **changes: object) -> None:
        self.choices = replace(self.choices, **changes)  # type: ignore[arg-type]
        self.case_changed.emit()

    def _project_changed(self) -> None:
        project = self.context.project
        self.line.reset()
        self.checking.reset()
        self._chosen = False
        self.facts, self.choices, self.stale, self.unseen = ProjectFacts(), NO_CHOICES, 0, 0
        self.deciding.reset()
        self.teaching.reset()
        self.together.close()
        self.differences.reset()
        self.pictures.use(project)
        if project is not None:
            self.checking.use(project)
            self.line.loading = True
            self._reading.ask()
            self.teaching.begin()
        self.facts_changed.emit()
        self.badge_changed.emit()

    def _stop(self) -> None:
        self.checking.cancel()
        self.differences.reset()
        self.pictures.use(None)

    def _changed(self, changes: Changes) -> None:
        if changes.samples or changes.display:
            self.pictures.forget()
            self.differences.forget()
        self._reading.ask()
        self.line.samples_changed(changes.sample_ids)
        followed = self.deciding.follow(changes)
        if not followed:
            self._coming_back.read_line(changes)
        if self._teaches(changes, followed):
            self.teaching.begin()

    def _teaches(self, changes: Changes, followed: bool) -> bool:
        """Return whether a change says more of the label suspects than what was decided about them."""
        if followed:
            return self.deciding.may_teach(changes)
        return may_exclude(changes) or changes.findings or self.teaching.concerns(changes.sample_ids)

    def _found(self) -> None:
        self._reading.ask()
        self.teaching.begin()
        self.line.read()

    def _taught(self) -> None:
        outlook = self.teaching.outlook
        if outlook is not None and self.line.queue.kinds == (FindingKind.LABEL_SUSPECT,):
            self.line.reorder(outlook.order)
        else:
            self.case_changed.emit()

    def _take_stale(self, counted: tuple[int, int]) -> None:
        if counted != (self.stale, self.unseen):
            self.stale, self.unseen = counted
            self.stale_changed.emit()

    def _take_facts(self, facts: ProjectFacts) -> None:
        first = not self.checking.known
        self.facts = facts
        self.checking.show(facts.record)
        if first or (not self._chosen and self.line.finding is None and not self.line.loading):
            # Where there is most to gain; a queue that was chosen stays.
            full = next((queue for queue in QUEUES if open_in(queue, facts.counts)), QUEUES[1])
            self.line.loading = False
            self.line.open(full)
        self.facts_changed.emit()
        self.badge_changed.emit()

    def _line_changed(self) -> None:
        finding = self.line.finding
        shown = finding.id if finding is not None else None
        if shown != self._shown:
            self._shown, self.choices = shown, NO_CHOICES
        case = self.case
        near = [*([case] if case is not None else []), *self.line.ahead]
        self.pictures.want([*self.together.cases, *near])
        self.differences.want(near)
        self.map.set_current(finding.sample_id if finding is not None else None)
        self.case_changed.emit()
