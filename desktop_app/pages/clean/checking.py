"""Checking the data set: what shall be looked for, the job while it looks, and what the last check said."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from core.domain.changes import Changes
from core.domain.findings import CheckRecord, FindingKind
from core.store.project import read_meta, write_meta
from core.translation import tr, tr_n
from desktop_app.pages.clean.queues import ALL_KINDS
from desktop_app.workers.task_runner import JobState

if TYPE_CHECKING:
    from core.progress import Progress
    from core.quality.spec import CheckSpec
    from core.store.project import Project
    from desktop_app.context import AppContext
    from desktop_app.workers.task_runner import Job

_KEY: Final = "check_kinds"


class Checking(QObject):
    """The checks of the open project; one job at a time.

    Attributes
    ----------
    record
        The last check; None before the first, and while that is not known.
    known
        Whether `record` is known.
    kinds
        What the next check looks for.
    job
        The check under way, if one is.

    Signals
    -------
    changed
        Any of these.
    found
        Something may have been found: read the findings again.
    """

    changed = Signal()
    found = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.reset()

    def reset(self) -> None:
        """Forget everything: another project."""
        self.record: CheckRecord | None = None
        self.known = False
        self.kinds: frozenset[FindingKind] = frozenset(ALL_KINDS)
        self.job: Job | None = None
        self._refreshed = 0

    def use(self, project: Project) -> None:
        """Take up the choices of a project."""
        self.reset()
        kept = read_meta(project, _KEY)
        if isinstance(kept, list):
            self.kinds = frozenset(kind for kind in ALL_KINDS if str(kind) in kept) or self.kinds

    def show(self, record: CheckRecord | None) -> None:
        """Take the last check as the project has it."""
        self.record, self.known = record, True
        self.changed.emit()

    def choose(self, kinds: Iterable[FindingKind]) -> None:
        """Look for these from now on, and remember it in the project."""
        project, chosen = self._context.project, frozenset(kinds)
        if project is None or chosen == self.kinds:
            return
        self.kinds = chosen
        if not project.read_only:
            names = sorted(str(kind) for kind in chosen)
            self._context.tasks.run(tr("Saving"), lambda _: write_meta(project, _KEY, names), writes=True, quiet=True)
        self.changed.emit()

    def start(self, kinds: Iterable[FindingKind] | None = None) -> None:
        """Check the data set for what was chosen, or for `kinds`; nothing while a check runs."""
        project = self._context.project
        if project is None or self.job is not None:
            return
        wanted = tuple(kind for kind in ALL_KINDS if kind in (self.kinds if kinds is None else frozenset(kinds)))
        device = self._context.settings.device

        def looked(_: CheckSpec) -> None:
            self._context.tasks.post(self.found.emit)

        def refreshed(count: int) -> None:
            self._context.tasks.post(lambda: self._take_refreshed(project, count))

        def work(progress: Progress) -> CheckRecord:
            return _check(project, device, wanted, progress, looked, refreshed)

        self._refreshed = 0

        job = self._context.tasks.run(
            lambda: tr("Checking the data set"), work, done=self._done, summary=lambda record: found_words(record)
        )
        self.job = job
        job.progressed.connect(lambda _: self.changed.emit())
        job.ended.connect(lambda: self._ended(job))
        self.changed.emit()

    def cancel(self) -> None:
        """Stop looking; what was found stays."""
        if self.job is not None:
            self.job.cancel()

    @property
    def progress(self) -> float | None:
        """How far the stage under way is, 0 to 1; None where that is not known."""
        report = self.job.report if self.job is not None else None
        return min(1.0, report.done / report.total) if report is not None and report.total else None

    def _take_refreshed(self, project: Project, count: int) -> None:
        """Have every page read again what had changed on disk."""
        if self._context.project is project:
            self._refreshed = count
            self._context.changed.emit(Changes(samples=True))

    def _done(self, record: CheckRecord) -> None:
        self.record, self.known = record, True

    def _ended(self, job: Job) -> None:
        if self.job is not job:
            return
        self.job = None
        said = []
        if job.state is JobState.CANCELLED:
            said.append(tr("The check was stopped; what it had found is kept."))
        if self._refreshed:
            said.append(refreshed_words(self._refreshed))
        if said:
            self._context.message.emit(" ".join(said))
        self.found.emit()
        self.changed.emit()


def found_words(record: CheckRecord) -> str:
    """Say how many cases a check found."""
    return tr_n("{n} case found", "{n} cases found", sum(record.found.values()))


def refreshed_words(count: int) -> str:
    """Say how many files a check found changed on disk."""
    return tr_n(
        "{n} file changed on disk since it was imported; its thumbnail and findings were renewed.",
        "{n} files changed on disk since they were imported; their thumbnails and findings were renewed.",
        count,
    )


def _check(
    project: Project,
    device: str,
    kinds: tuple[FindingKind, ...],
    progress: Progress,
    looked: Callable[[CheckSpec], None],
    refreshed: Callable[[int], None],
) -> CheckRecord:
    from core.backbones.device import pick_device
    from core.quality.run import check_project
    from core.training.suggesting import PoolEmbedder

    embedder = PoolEmbedder(project, pick_device(device, spare_core=True))
    return check_project(project, embedder, progress, kinds=kinds, looked=looked, refreshed=refreshed)
