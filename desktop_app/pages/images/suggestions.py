"""Suggestions while the user labels: embedded once in the background, learnt anew a moment after every label.

No widget here, and no arithmetic on the GUI thread: one job at a time brings the samples up to date, fits the head,
asks how right it is, and makes all suggestions; what it finds arrives in that order. A label given meanwhile lets the
job finish its fit, and begin anew. One thing must stay true: a suggestion is never a label until somebody accepts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from core.store.accepted import accept_suggestions
from core.store.project import read_meta, write_meta
from core.translation import tr
from desktop_app.pages.images.suggestion_work import Knowledge, Suggestion, SuggestionWork
from desktop_app.workers.task_runner import JobState

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.progress import Progress, ProgressReport
    from core.store.project import Project
    from desktop_app.context import AppContext
    from desktop_app.workers.task_runner import Job

Ids = NDArray[np.int64]
DEBOUNCE_MS: Final = 150
BATCH: Final = 60
SURE: Final = 0.95
_KEY: Final = "suggest_labels"


class Phase(StrEnum):
    """Where suggestions stand."""

    OFF = "off"
    EMBEDDING = "embedding"
    LEARNING = "learning"
    FEW = "few"
    READY = "ready"
    FAILED = "failed"


class Suggestions(QObject):
    """Suggests labels for the unlabelled samples of the open project, once it is switched on.

    Signals
    -------
    changed
        `phase`, `report` or what is known of the whole: what a panel shows.
    suggested
        The suggestions of samples: what tiles show.
    ordered
        (Ids, str) samples in an order that was asked for, and by what; whoever shows samples shows them so.
    fetched
        (Ids) the samples to label next, the most useful first.
    """

    changed = Signal()
    suggested = Signal()
    ordered = Signal(object, str)
    fetched = Signal(object)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.phase = Phase.OFF
        self.report: ProgressReport | None = None
        self.knowledge: Knowledge | None = None
        self._work: SuggestionWork | None = None
        self._job: Job | None = None
        self._again = False
        self._later = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._later.timeout.connect(self._proceed)
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(self._forget)
        context.changed.connect(self._changed)
        if context.project is not None:
            self._project_changed()

    # -- what is known

    @property
    def on(self) -> bool:
        """Whether labels are suggested in this project."""
        return self.phase is not Phase.OFF

    @property
    def labelled(self) -> int:
        """How many samples were labelled when it was last looked."""
        return self._work.labelled if self._work is not None else 0

    def in_sight(self, ids: Sequence[int]) -> None:
        """Be told what is shown, to make its suggestions before all others."""
        if self._work is not None:
            self._work.in_sight = tuple(ids)

    def suggestion(self, sample_id: int) -> Suggestion | None:
        """Return what is suggested for a sample; None for the labelled, and where nothing is known."""
        return self.knowledge.suggestion(sample_id) if self.knowledge is not None else None

    def top(self, sample_id: int, count: int = 3) -> list[tuple[int, float]]:
        """Return the likeliest labels of an unlabelled sample by id, each with its probability."""
        return self.knowledge.top(sample_id, count) if self.knowledge is not None else []

    def sure_ids(self, confidence: float = SURE) -> Ids:
        """Return the samples whose suggestion is at least this sure."""
        return self.knowledge.above(confidence) if self.knowledge is not None else np.empty(0, np.int64)

    # -- what the user does

    def switch(self, on: bool) -> None:
        """Begin or stop suggesting in this project, and remember it."""
        project = self._context.project
        if project is None or on == self.on:
            return
        if not project.read_only:
            write = lambda _: write_meta(project, _KEY, on)  # noqa: E731 - the job's work
            self._context.tasks.run(tr("Saving"), write, writes=True, quiet=True)
        if on:
            self._begin()
        else:
            self._forget()
            self._tell()

    def acceptance(self, ids: Ids) -> Callable[[Project], Changes] | None:
        """Return the edit that gives samples what is suggested for them; None where nothing is."""
        found = [(int(i), made) for i in ids.tolist() if (made := self.suggestion(i)) is not None]
        if not found:
            return None
        chosen = np.array([sample_id for sample_id, _ in found], dtype=np.int64)
        label_ids = [made.label_ids for _, made in found]
        return lambda project: accept_suggestions(project, chosen, label_ids)

    def accept_sure(self, confidence: float = SURE) -> None:
        """Accept all suggestions that are at least this sure, as one edit."""
        edit = self.acceptance(self.sure_ids(confidence))
        if edit is not None:
            self._context.edit(edit)

    def fetch(self, count: int = BATCH) -> None:
        """Find what to label next; arrives in `fetched`."""
        self._useful(lambda ids: self.fetched.emit(ids[:count]))

    def order_by_usefulness(self) -> None:
        """Order the unlabelled by how much their label would teach; arrives in `ordered`."""
        said = tr("usefulness")
        self._useful(lambda ids: self.ordered.emit(ids, said))

    def order_by_label(self) -> None:
        """Order the unlabelled by what is suggested for them, the surest first; arrives in `ordered`."""
        if self.knowledge is not None:
            self.ordered.emit(self.knowledge.by_label(), tr("suggested label"))

    def order_by_similarity(self, like: Ids) -> None:
        """Order all samples by how alike they are to some; arrives in `ordered`. New images are embedded first."""
        project = self._context.project
        if project is None or not len(like):
            return
        work = self._work or self._new_work(project)
        said = tr("similarity")
        self._context.tasks.run(
            lambda: tr("Comparing images"),
            lambda p: work.similar(like, p),
            done=lambda ids: self.ordered.emit(ids, said),
        )

    def _useful(self, show: Callable[[Ids], object]) -> None:
        knowledge = self.knowledge
        if knowledge is not None:
            self._context.tasks.run(tr("Finding what to label next"), knowledge.useful, done=show, quiet=True)

    # -- keeping up

    def _project_changed(self) -> None:
        self._forget()
        project = self._context.project
        if project is not None and read_meta(project, _KEY) is True:
            self._begin()
        self._tell()

    def _forget(self) -> None:
        self._later.stop()
        if self._job is not None:
            self._job.cancel()
        self.phase, self.report, self._again = Phase.OFF, None, False
        self.knowledge = self._work = self._job = None

    def _tell(self) -> None:
        self.changed.emit()
        self.suggested.emit()

    def _new_work(self, project: Project) -> SuggestionWork:
        self._work = SuggestionWork(project, self._context.settings.device)
        return self._work

    def _begin(self) -> None:
        project = self._context.project
        if project is not None:
            if self._work is None:
                self._new_work(project)
            self.phase = Phase.LEARNING
            self._proceed()

    def _changed(self, changes: Changes) -> None:
        work = self._work
        if work is None:
            return
        if changes.samples:
            work.read_again()
        elif changes.sample_ids is not None or changes.labels:
            work.touch(changes.sample_ids)
        else:
            return
        if self.knowledge is not None and changes.sample_ids is not None:
            self.knowledge.settle(changes.sample_ids)
        if self.on:
            self._later.start()

    def _proceed(self) -> None:
        """Begin the next job: embedding where samples came in, else learning; after the one under way."""
        work = self._work
        if work is None or not self.on:
            return
        if self._job is not None and not self._job.has_ended:
            self._again = True
            work.hurry()
            return
        self._again, self.report = False, None
        if work.is_outdated:
            self.phase = Phase.EMBEDDING
            self._run(tr("Embedding images for suggestions"), work.embed, quiet=False)
        else:
            self._run(tr("Learning from your labels"), lambda p: self._learn(work, p), quiet=True)

    def _learn(self, work: SuggestionWork, progress: Progress) -> None:
        """On a worker thread: what is found is told on the GUI thread, in the order it is found."""
        work.learn(progress, lambda found: self._context.tasks.post(lambda: self._know(work, found)))

    def _know(self, work: SuggestionWork, knowledge: Knowledge | None) -> None:
        if work is self._work and self.on:
            self.knowledge = knowledge
            self.phase = Phase.READY if knowledge is not None else Phase.FEW
            self._tell()

    def _run(self, title: str, work: Callable[[Progress], None], *, quiet: bool) -> None:
        embeds = not quiet
        job = self._context.tasks.run(title, work, quiet=quiet)
        self._job = job
        if embeds:
            job.progressed.connect(self._progressed)
        job.ended.connect(lambda: self._ended(job, embeds))
        self.changed.emit()

    def _progressed(self, report: ProgressReport) -> None:
        self.report = report
        self.changed.emit()

    def _ended(self, job: Job, embedded: bool) -> None:
        if job is not self._job:
            return
        self._job = None
        if job.state is JobState.FAILED:
            self.phase = Phase.FAILED
        elif job.state is JobState.CANCELLED:
            self.switch(False)
        elif embedded or self._again or (self._work is not None and self._work.is_outdated):
            self.phase = Phase.LEARNING if embedded else self.phase
            self._proceed()
        self.changed.emit()
