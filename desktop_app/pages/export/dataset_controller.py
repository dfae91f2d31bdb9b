"""The state of exporting the data set: which images, as what, where to, and the export that runs.

No widget here. One thing must stay true: nothing that is on the disk is ever replaced from this page.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.query import SampleQuery
from core.domain.query_line import parse_query
from core.errors import UserError
from core.export.dataset.spec import DatasetFormat, Files
from core.export.dataset.table import DATASET_FORMATS, dataset_format
from core.export.dataset.target import check_target
from core.translation import tr
from desktop_app.pages.export.kits import free_directory
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.export.dataset.exporter import DatasetReport
    from core.progress import Progress
    from core.store.project import Project
    from desktop_app.context import AppContext


class DatasetController(QObject):
    """What the data set's side of the Export page shows and does.

    Signals
    -------
    choices_changed
        `format`, `files`, `filtered`, `count`, `directory` or `problem`.
    job_changed, progressed
        An export began or ended: `job`, `report`; how far it is.
    """

    choices_changed = Signal()
    job_changed = Signal()
    progressed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self.context = context
        self.format: DatasetFormat = DATASET_FORMATS[0]
        self.files = Files.COPY
        self.filtered = False
        self.count: int | None = None
        self.directory: Path | None = None
        self.problem = ""
        self.job: Job | None = None
        self.report: DatasetReport | None = None
        self._parent: Path | None = None
        self._named_by_user = False
        self._asked = 0
        context.project_changed.connect(self._project_changed)
        context.query_changed.connect(self._query_changed)
        context.changed.connect(self._changed)
        self._project_changed()

    @property
    def line(self) -> str:
        """The query that the Images page shows; empty where it leaves nothing out."""
        line = self.context.query_line
        # Ids leave something out in any case, and reading a hundred thousand of them would hold up the window.
        return line if line and (" id:" in f" {line}" or parse_query(line).is_filtered()) else ""

    # -- choosing

    def choose_format(self, name: str) -> None:
        """Write it as this format."""
        self.format = dataset_format(name)
        if self.format.packed:
            self.files = Files.COPY
        self._propose()

    def choose_files(self, files: str) -> None:
        """Copy or link the image files."""
        self.files = Files(files)
        self.choices_changed.emit()

    def choose_filtered(self, filtered: bool) -> None:
        """Export what the Images page shows, or all images."""
        self.filtered = filtered
        self._count()
        self.choices_changed.emit()

    def choose_parent(self, parent: Path) -> None:
        """Write it into a new folder of `parent`."""
        self._parent, self._named_by_user = parent, False
        self._propose()

    def choose_directory(self, text: str) -> None:
        """Write it to the folder the user typed."""
        self.directory = Path(text).expanduser() if text.strip() else None
        self._named_by_user = True
        self._check()

    def look_again(self) -> None:
        """The page is looked at again: what is free, and what is shown, may have changed."""
        self._propose()
        self._count()

    def query(self) -> SampleQuery:
        """Return which images are meant."""
        return parse_query(self.line) if self.filtered else SampleQuery()

    # -- exporting

    def can_start(self) -> bool:
        """Whether there are images, a free place, and nothing runs."""
        ready = self.directory is not None and not self.problem and self.count != 0
        return ready and self.job is None and self.context.project is not None

    def start(self) -> None:
        """Export in the background."""
        project, directory, format, files = self.context.project, self.directory, self.format, self.files
        if project is None or directory is None or not self.can_start():
            return
        query = self.query()

        def work(progress: Progress) -> DatasetReport:
            from core.export.dataset.exporter import export_dataset

            return export_dataset(project, directory, format=format.id, files=files, query=query, progress=progress)

        self.report = None
        job = self.context.tasks.run(
            lambda: tr("Exporting the data set"),
            work,
            done=self._exported,
            summary=lambda report: tr("{n} images to “{name}”", n=f"{report.images:,}", name=report.dir.name),
        )
        self.job = job
        job.ended.connect(lambda: self._ended(job))
        job.progressed.connect(self.progressed)
        self.job_changed.emit()

    def _exported(self, report: DatasetReport) -> None:
        self.report = report

    def _ended(self, job: Job) -> None:
        if job is not self.job:
            return
        self.job = None
        self._named_by_user = False
        self._propose()
        self.job_changed.emit()

    # -- the project

    def _project_changed(self) -> None:
        self._parent, self._named_by_user, self.filtered, self.report = None, False, False, None
        self._propose()
        self._count()

    def _changed(self, changes: Changes) -> None:
        if changes.samples or changes.sample_ids is not None:
            self._count()

    def _query_changed(self) -> None:
        if self.filtered:
            self.filtered = bool(self.line)
            self._count()
        self.choices_changed.emit()

    def _propose(self) -> None:
        project = self.context.project
        if project is None:
            self.directory = None
        elif not self._named_by_user:
            self.directory = free_directory(self._parent or project.root.parent, f"{project.name}-{self.format.id}")
        self._check()

    def _check(self) -> None:
        self.problem = ""
        project = self.context.project
        if self.directory is not None and self.job is None and project is not None:
            try:
                if not self.directory.is_absolute():
                    raise UserError("export_parent_missing", path=str(self.directory.parent))
                check_target(project, self.directory)
            except UserError as error:
                self.problem = error.message
        self.choices_changed.emit()

    def _count(self) -> None:
        """Count the images that are meant, in the background; only the latest answer is shown."""
        project, query = self.context.project, self.query()
        self._asked += 1
        asked, self.count = self._asked, None
        if project is None:
            return

        def use(count: int) -> None:
            if asked == self._asked:
                self.count = count
                self.choices_changed.emit()

        self.context.tasks.run(tr("Counting"), lambda _: _matching(project, query), done=use, quiet=True)


def _matching(project: Project, query: SampleQuery) -> int:
    from core.store.samples import counts, sample_ids

    if query.is_filtered():
        return len(sample_ids(project, query))
    found = counts(project)
    return found.samples - found.excluded
