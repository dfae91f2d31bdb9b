"""The state of the Export page: what is to be exported where, the export that runs, and the kits made before.

No widget here. One thing must stay true: nothing that is on the disk is ever replaced from this page.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from core.domain.runs import USABLE, Run
from core.errors import UserError
from core.kit import layout
from core.kit.proof import TOLERANCES
from core.store.runs import runs
from core.translation import tr
from desktop_app.pages.export.dataset_controller import DatasetController
from desktop_app.pages.export.kits import KnownKit, forget_kit, free_directory, known_kits, remember_kit
from desktop_app.pages.page import Badge, BadgeState, PageController
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.inference.verify import VerifyReport
    from core.progress import Progress
    from core.store.project import Project
    from desktop_app.context import AppContext

MODEL, DATA = "model", "data"
PRECISIONS: Final = tuple(TOLERANCES)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found, or why it could not be made; `at` is when, in seconds of the clock."""

    report: VerifyReport | None
    problem: str
    at: float


class ExportController(PageController):
    """What the Export page shows and does.

    Signals
    -------
    choices_changed
        `runs`, `run_id`, `precision`, `directory` or `problem`.
    job_changed
        An export began or ended: `job`.
    kits_changed
        `kits` or `shown`.
    verdict_changed
        `verdicts` or `verifying`.
    section_changed
        `section`: what is exported, `MODEL` or `DATA`.
    """

    choices_changed = Signal()
    job_changed = Signal()
    kits_changed = Signal()
    verdict_changed = Signal()
    section_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.section = MODEL
        self.dataset = DatasetController(context)
        self.dataset.job_changed.connect(self.badge_changed)
        self.dataset.progressed.connect(self.badge_changed)
        self.runs: list[Run] = []
        self.run_id: int | None = None
        self.precision = PRECISIONS[0]
        self.directory: Path | None = None
        self.problem = ""
        self.job: Job | None = None
        self.kits: list[KnownKit] = []
        self.shown: Path | None = None
        self.verifying: Path | None = None
        self.verdicts: dict[Path, Verdict] = {}
        self._parent: Path | None = None
        self._named_by_user = False
        context.project_changed.connect(self._project_changed)
        context.changed.connect(self._changed)
        self._refresh()

    @property
    def expected(self) -> str:
        """What images the run's model takes, in words; empty where its files do not tell."""
        project = self.context.project
        if project is None or self.run_id is None:
            return ""
        from core.store.runs import run_dir
        from core.training.facts import kept_facts
        from desktop_app.pages.export.input_words import input_words

        try:
            facts = kept_facts(run_dir(project, self.run_id), self.run_id)
        except UserError:
            return ""
        return input_words(facts.preprocess) if facts is not None else ""

    def choose_section(self, section: str) -> None:
        """Show how to export a model, or the data set."""
        self.section = section
        self.section_changed.emit()

    # -- choosing

    def choose_run(self, run_id: int) -> None:
        """Export this run."""
        self.run_id = run_id
        self._propose()

    def choose_precision(self, precision: str) -> None:
        """Export with ``fp32`` or ``fp16`` weights."""
        self.precision = precision
        self._propose()

    def choose_parent(self, parent: Path) -> None:
        """Write the kit into a new folder of `parent`."""
        self._parent, self._named_by_user = parent, False
        self._propose()

    def choose_directory(self, text: str) -> None:
        """Write the kit to the folder the user typed."""
        self.directory = Path(text).expanduser() if text.strip() else None
        self._named_by_user = True
        self._check()

    def propose_anew(self) -> None:
        """The page is looked at again: what is free may have changed."""
        self._propose()

    def _propose(self) -> None:
        project = self.context.project
        if project is None or self.run_id is None:
            self.directory = None
        elif not self._named_by_user:
            name = f"{project.name}-run{self.run_id}"
            name += "" if self.precision == PRECISIONS[0] else f"-{self.precision}"
            self.directory = free_directory(self._parent or project.root.parent, name)
        self._check()

    def _check(self) -> None:
        self.problem = ""
        if self.directory is not None and self.job is None:
            try:
                if not self.directory.is_absolute():
                    raise UserError("export_parent_missing", path=str(self.directory.parent))
                layout.check_target(self.directory)
            except UserError as error:
                self.problem = _problem_words(error)
        self.choices_changed.emit()

    # -- exporting

    def can_start(self) -> bool:
        """Whether there is a run, a free place, and nothing runs."""
        return self.run_id is not None and self.directory is not None and not self.problem and self.job is None

    def start(self) -> None:
        """Export and prove, in the background; then measure how quick the kit is."""
        project, run_id, directory, precision = self.context.project, self.run_id, self.directory, self.precision
        if project is None or run_id is None or directory is None or not self.can_start():
            return

        def work(progress: Progress) -> Path:
            return _export(project, run_id, directory, precision, progress)

        # A reader: the writer must stay free for labelling, and what is written of the project is one row.
        job = self.context.tasks.run(
            lambda: tr("Exporting run {run}", run=run_id),
            work,
            done=self._exported,
            summary=lambda path: tr("exported and proven: “{name}”", name=path.name),
        )
        self.job = job
        job.ended.connect(lambda: self._ended(job))
        job.progressed.connect(self.badge_changed)
        self.job_changed.emit()
        self.badge_changed.emit()

    def cancel(self) -> None:
        """Stop the export; nothing is left of it."""
        if self.job is not None:
            self.job.cancel()

    def _exported(self, path: Path) -> None:
        self.shown = path

    def _ended(self, job: Job) -> None:
        if job is not self.job:
            return
        self.job = None
        self._named_by_user = False
        self.job_changed.emit()
        self.badge_changed.emit()
        self._propose()
        self._read_kits()

    # -- the kits

    def show_kit(self, path: Path) -> None:
        """Show what is in this one of the kits."""
        self.shown = path
        self.kits_changed.emit()

    def shown_kit(self) -> KnownKit | None:
        """Return the kit that is shown."""
        return next((kit for kit in self.kits if kit.path == self.shown), None)

    def verify(self) -> None:
        """Check the kit that is shown from its files alone, as the receiving team can."""
        kit = self.shown_kit()
        if kit is None or self.verifying is not None:
            return
        path = kit.path

        def work(progress: Progress) -> VerifyReport:
            from core.inference.verify import verify_kit

            return verify_kit(path, progress=progress)

        def done(report: VerifyReport) -> None:
            self.verdicts[path] = Verdict(report, "", time.time())

        def failed(error: Exception) -> None:
            if isinstance(error, UserError):
                self.verdicts[path] = Verdict(None, error.message, time.time())
                self.verdict_changed.emit()  # a job that fails has ended before it says why

        def ended() -> None:
            self.verifying = None
            self.verdict_changed.emit()

        self.verifying = path
        self.verdict_changed.emit()
        self.context.tasks.run(
            lambda: tr("Verifying “{name}”", name=path.name), work, done=done, failed=failed, lasting=True
        ).ended.connect(ended)

    def forget_shown(self) -> None:
        """Take the kit that is shown off the list; its files stay."""
        project, path = self.context.project, self.shown
        if project is None or path is None:
            return
        self.context.tasks.run(
            tr("Saving"),
            lambda _: forget_kit(project, path),
            done=lambda _: self._read_kits(),
            writes=True,
            quiet=True,
        )

    def _read_kits(self) -> None:
        project = self.context.project
        if project is None:
            self._use_kits([])
            return

        def use(kits: list[KnownKit]) -> None:
            if self.context.project is project:
                self._use_kits(kits)

        self.context.tasks.run(tr("Reading the kits"), lambda _: known_kits(project), done=use, quiet=True)

    def _use_kits(self, kits: list[KnownKit]) -> None:
        self.kits = kits
        if self.shown not in {kit.path for kit in kits}:
            self.shown = kits[0].path if kits else None
        self.kits_changed.emit()
        self.badge_changed.emit()

    # -- the window

    def badge(self) -> Badge:
        """Return a ring while exporting, else how many kits there are."""
        job = self.job or self.dataset.job
        if job is not None:
            report = job.report
            return Badge("", BadgeState.RUNNING, report.done / report.total if report and report.total else None)
        return Badge(str(len(self.kits)) if self.kits else "")

    # -- the project

    def _project_changed(self) -> None:
        self.run_id, self._parent, self._named_by_user = None, None, False
        self.kits, self.shown, self.verdicts = [], None, {}
        self._refresh()

    def _changed(self, changes: Changes) -> None:
        if changes.runs:
            self._refresh()

    def _refresh(self) -> None:
        project = self.context.project
        self.runs = [run for run in runs(project) if run.state in USABLE] if project is not None else []
        if self.run_id not in {run.id for run in self.runs}:
            self.run_id = self.runs[0].id if self.runs else None
        self._propose()
        self._read_kits()


def _export(project: Project, run_id: int, directory: Path, precision: str, progress: Progress) -> Path:
    """Export, remember the kit at once, then measure it; on a worker thread."""
    from core.export.exporter import export_run
    from desktop_app.pages.export.speed import measure_speed

    report = export_run(project, run_id, directory, precision=precision, progress=progress)
    remember_kit(project, report.dir, None)
    remember_kit(project, report.dir, measure_speed(report.dir, progress))
    return report.dir


def _problem_words(error: UserError) -> str:
    """Say why a place cannot be used; a kit that is there cannot be replaced from here, whatever the text offers."""
    if error.code == "export_kit_exists":
        return tr("There is a kit there already. Choose another name; nothing is overwritten.")
    return error.message
