"""Taking back one edit of long ago: what would go back, what would not and why, and then doing it, as a new edit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.domain.edits import Edit, EditKind, EditState, describe
from core.errors import UserError
from core.store.history_words import HistoryWords
from core.store.labels import label_names
from core.store.revert import Conflict, Reversal, plan_revert, revert
from core.store.samples import samples_by_id
from core.translation import tr, tr_n
from desktop_app.pages.history.detail import name_of
from desktop_app.pages.history.label_words import column_words, label_lines, value_words
from desktop_app.pages.history.words import lowered, moment_words, tool_words

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.store.project import Project
    from desktop_app.context import AppContext

FIRST_LINES: Final = 200
_NEVER: Final = frozenset({EditKind.IMPORT, EditKind.TASK})


@dataclass(frozen=True, slots=True)
class BackLine:
    """Something that would go back: of an image (`sample_id`) or of a label, its field, and from what to what."""

    sample_id: int | None
    name: str
    field: str
    present: str
    back_to: str


@dataclass(frozen=True, slots=True)
class StayLine:
    """Something that stays as it is: what the edit made of it, what it is now, and the later edit that did that."""

    sample_id: int | None
    name: str
    field: str
    made: str
    present: str
    why: str


@dataclass(frozen=True, slots=True)
class BackPlan:
    """What taking an edit back would do, in words.

    Attributes
    ----------
    images, labels
        How many images, and changes of the list of labels, would go back.
    backs, stays
        The first of what goes back and of what stays.
    staying
        How many things stay.
    staying_samples
        The images that stay.
    reasons
        The later edits that things stay for, and how many things each.
    """

    edit: Edit
    images: int
    labels: int
    backs: tuple[BackLine, ...]
    stays: tuple[StayLine, ...]
    staying: int
    staying_samples: tuple[int, ...]
    reasons: tuple[tuple[str, int], ...]

    @property
    def possible(self) -> bool:
        """Whether anything would go back."""
        return bool(self.images or self.labels)


class TakingBack(QObject):
    """The edit to be taken back.

    Signals
    -------
    changed
        `edit`, `plan`, `problem` or `working`.
    done
        It was taken back.
    """

    changed = Signal()
    done = Signal()

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self.edit: Edit | None = None
        self.plan: BackPlan | None = None
        self.problem = ""
        self.working = False

    def prepare(self, edit: Edit) -> None:
        """Look what taking this edit back would do."""
        self.edit, self.plan, self.problem = edit, None, ""
        self.refresh()

    def forget(self) -> None:
        """Leave everything as it is."""
        self._asked += 1
        self.edit, self.plan, self.problem = None, None, ""
        self.changed.emit()

    def refresh(self) -> None:
        """Look again, for something was edited meanwhile."""
        project, edit = self._context.project, self.edit
        if project is None or edit is None or self.working:
            return
        self._asked += 1
        mine = self._asked

        def done(plan: BackPlan) -> None:
            if mine == self._asked:
                self.plan, self.problem = plan, ""
                self.changed.emit()

        def failed(error: Exception) -> None:
            if mine == self._asked:
                self.plan, self.problem = None, str(error) if isinstance(error, UserError) else ""
                self.changed.emit()

        self._context.tasks.run(
            tr("Looking what can be taken back"),
            lambda _: plan_in_words(project, edit),
            done=done,
            failed=failed,
            quiet=True,
        )
        self.changed.emit()

    def confirm(self) -> None:
        """Take it back; the message says what stayed."""
        plan, edit = self.plan, self.edit
        if plan is None or edit is None or not plan.possible or self.working:
            return
        made: list[Reversal] = []

        def change(project: Project) -> Changes:
            changes, done = revert(project, edit.id)
            made.append(done)
            return changes

        def tell(_: Changes) -> None:
            self._context.message.emit(_said(made[0]))
            self.forget()
            self.done.emit()

        job = self._context.edit(change, done=tell)
        if job is not None:
            self.working = True
            job.ended.connect(self._ended)
            self.changed.emit()

    def _ended(self) -> None:
        self.working = False
        self.refresh()
        self.changed.emit()


def can_take_back(edit: Edit, taken_back_by: int | None = None) -> bool:
    """Say whether there is a point in looking what taking back an edit would do."""
    return edit.state is EditState.DONE and edit.kind not in _NEVER and taken_back_by is None


def plan_in_words(project: Project, edit: Edit) -> BackPlan:
    """Return what taking back an edit would do, in words; raises as `plan_revert`."""
    plan = plan_revert(project, edit.id)
    words = HistoryWords(project)
    first, stays = plan.items[:FIRST_LINES], plan.conflicts[:FIRST_LINES]
    wanted = {sample for sample, *_ in first} | {one.sample_id for one in stays if one.sample_id is not None}
    names = {one.id: name_of(one.path) for one in samples_by_id(project, sorted(wanted))}
    backs = [
        BackLine(sample, names[sample], words.field(field), words.value(field, now), words.value(field, then))
        for sample, field, now, then in first
    ]
    backs += [
        BackLine(None, line.label, line.column, line.before, line.after)
        for line in label_lines(project, plan.labels[:FIRST_LINES])
    ]
    labels = label_names(project)
    reasons = Counter(why_words(one.by) for one in plan.conflicts)
    return BackPlan(
        edit,
        len({sample for sample, *_ in plan.items}),
        len(plan.labels),
        tuple(backs),
        tuple(_stay(one, words, names, labels) for one in stays),
        len(plan.conflicts),
        tuple(sorted({one.sample_id for one in plan.conflicts if one.sample_id is not None})),
        tuple(reasons.most_common()),
    )


def why_words(by: Edit | None) -> str:
    """Name the later edit that something was changed by: what it did, who, when, and with what."""
    if by is None:
        return tr("changed since, but by no edit of images")
    return tr(
        "edit {edit}: {what} ({who}, {when}, {tool})",
        edit=by.id,
        what=lowered(describe(by)),
        who=by.user,
        when=moment_words(by.at),
        tool=tool_words(by.tool),
    )


def _stay(one: Conflict, words: HistoryWords, names: dict[int, str], labels: dict[int, str]) -> StayLine:
    why = why_words(one.by)
    if one.sample_id is None or isinstance(one.made, str) or isinstance(one.present, str):
        made, present = (value_words(one.field, value, labels) for value in (one.made, one.present))
        return StayLine(None, labels.get(one.label_id or 0, "?"), column_words(one.field), made, present, why)
    made, present = (words.value(one.field, value) for value in (one.made, one.present))
    return StayLine(one.sample_id, names[one.sample_id], words.field(one.field), made, present, why)


def _said(done: Reversal) -> str:
    images = len({sample for sample, *_ in done.items})
    said = tr_n("Taken back for {n} image.", "Taken back for {n} images.", images) if images else tr("Taken back.")
    if done.conflicts:
        count = len(done.conflicts)
        said += " " + tr_n("{n} later change stays.", "{n} later changes stay.", count)
    return said + " " + tr("Ctrl+Z undoes that.")
