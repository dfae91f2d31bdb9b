"""The queue of disagreements: one at a time, decided with one key, each decision an edit that can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.readings import Disagreement
from core.domain.samples import SampleState
from core.images.deep import DeepImage
from core.store.own_labels import ADJUDICATION
from core.store.reading_edits import adjudicate
from core.store.readings import disagreements
from core.store.samples import samples_by_id
from core.translation import tr
from desktop_app.widgets.loupe_pictures import LoupePictures

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.store.project import Project
    from desktop_app.context import AppContext

AHEAD = 2


class Cases(QObject):
    """The disagreements of the chosen passes, and where the user stands in them.

    Attributes
    ----------
    queue, place
        The cases in the order they were first shown, and the index of the one in sight; beyond the last at the end.
    ticked
        With many labels an image: the labels ticked for the case in sight.

    Signals
    -------
    changed
        Any of these, or the picture.
    """

    changed = Signal()

    def __init__(self, context: AppContext, pictures: LoupePictures, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._pictures = context, pictures
        self.reset()
        pictures.loaded.connect(self.changed)

    def reset(self) -> None:
        """Forget everything: another project."""
        self.queue: list[Disagreement] = []
        self.place = 0
        self.ticked: set[int] = set()
        self._paths: dict[int, str] = {}
        self._pass_ids: list[int] = []
        self._own = False
        self._busy = False

    def open(self, pass_ids: list[int], *, own: bool, then: Callable[[], object]) -> None:
        """Read the disagreements of these passes, the open ones first; `then` runs when they are there."""
        self.reset()
        self._pass_ids, self._own = list(pass_ids), own
        self._read(then)

    @property
    def case(self) -> Disagreement | None:
        """The disagreement in sight."""
        return self.queue[self.place] if self.place < len(self.queue) else None

    @property
    def left(self) -> int:
        """How many are not decided."""
        return sum(not case.decided for case in self.queue)

    @property
    def path(self) -> str:
        """Where the image in sight is, relative to its source."""
        return self._paths.get(self.case.sample_id, "") if self.case is not None else ""

    @property
    def picture(self) -> DeepImage | None:
        """The picture in sight, once it is there."""
        return self._pictures.image(self.case.sample_id) if self.case is not None else None

    @property
    def failure(self) -> str:
        """Why there is no picture."""
        return self._pictures.failure(self.case.sample_id) if self.case is not None else ""

    def walk(self, by: int) -> None:
        """Go to the next case (1) or the one before (-1)."""
        place = min(max(0, self.place + by), len(self.queue))
        if place != self.place:
            self.place = place
            self._in_sight()

    def tick(self, label_id: int) -> None:
        """With many labels an image: tick a label, or take the tick away."""
        self.ticked ^= {label_id}
        self.changed.emit()

    def decide(self, names: list[str], reason: str, *, state: SampleState = SampleState.NONE) -> None:
        """Decide the case in sight: the image has these labels, or is in this state; and go on to the next."""
        case = self.case
        if case is None or self._busy:
            return
        self._busy = True

        def change(project: Project) -> Changes:
            return adjudicate(project, case.sample_id, names, reason, state=state)

        def done(_: Changes) -> None:
            if self.case is case:
                self.place += 1
            self._in_sight()

        job = self._context.edit(change, done=done)
        if job is None:
            self._busy = False
        else:
            job.ended.connect(self._free)

    def follow(self, changes: Changes) -> None:
        """Keep up with decisions made, undone and made again."""
        if self.queue and changes.edit is not None and changes.edit.tool == ADJUDICATION:
            self._read(None)

    def _free(self) -> None:
        self._busy = False

    def _in_sight(self) -> None:
        self.ticked = set()
        if self.case is not None:
            following = [case.sample_id for case in self.queue[self.place + 1 : self.place + 1 + AHEAD]]
            self._pictures.want([self.case.sample_id, *following])
        self.changed.emit()

    def _read(self, then: Callable[[], object] | None) -> None:
        project, pass_ids, own = self._context.project, self._pass_ids, self._own
        if project is None:
            return

        def work(_: object) -> tuple[list[Disagreement], dict[int, str]]:
            found = disagreements(project, pass_ids, own=own, own_name=tr("Project’s labels"))
            return found, {s.id: s.path for s in samples_by_id(project, [case.sample_id for case in found])}

        def done(found: tuple[list[Disagreement], dict[int, str]]) -> None:
            # What was in sight stays where it was: deciding must not shuffle the queue.
            order = {case.sample_id: rank for rank, case in enumerate(self.queue)}
            cases, self._paths = found
            self.queue = sorted(cases, key=lambda case: order.get(case.sample_id, len(order)))
            if then is not None:
                then()
                self._in_sight()
            else:
                self.changed.emit()

        self._context.tasks.run(tr("Searching"), work, done=done, quiet=True)
