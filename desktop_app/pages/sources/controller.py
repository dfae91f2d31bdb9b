"""The state of the Sources page: where the images of the project are, how many are missing, and finding them again.

No widget here. Looking reads the folders of all sources: it is a job, beside which everything else goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from core.domain.changes import Changes
from core.domain.query import SampleQuery
from core.domain.query_line import format_query
from core.progress import Progress
from core.store.missing import source_counts
from core.store.sources import sources
from core.translation import mark, tr, tr_n
from desktop_app.pages.page import PageController
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from core.ingest.presence import Presence
    from core.ingest.relink import Relinked
    from core.store.project import Project
    from desktop_app.context import AppContext

KINDS = {"folder": mark("folder"), "zip": mark("ZIP file"), "remote": mark("on a server")}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source: its root, what that is, how many images it has, and how many of them are known to be missing.

    `gone` says that the root itself is not there; of a server that is not known.
    """

    id: int
    kind: str
    root: str
    images: int
    missing: int
    gone: bool

    @property
    def kind_words(self) -> str:
        """What the root is, in words."""
        return tr(KINDS.get(self.kind, self.kind))

    @property
    def state_words(self) -> str:
        """How it stands, in words."""
        if self.gone:
            return tr("not found at this place")
        return tr_n("{n} image missing", "{n} images missing", self.missing) if self.missing else tr("all there")


class SourcesController(PageController):
    """What the Sources page shows and does.

    Signals
    -------
    changed
        `rows`, `said` or `job`.
    """

    changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.rows: list[SourceRow] | None = None
        self.said: list[str] = []
        self.job: Job | None = None
        self._shown, self._asked = False, 0
        context.project_changed.connect(self._project_changed)
        context.changed.connect(lambda changes: self._read() if changes.samples and self._shown else None)

    @property
    def missing(self) -> int:
        """How many images are known to be missing."""
        return sum(row.missing for row in self.rows or [])

    def set_shown(self, shown: bool) -> None:
        """Keep up with the project while the page is looked at."""
        self._shown = shown
        if shown:
            self._read()

    def check(self) -> None:
        """Look for every image, as a job; what is missing is marked, what came back is unmarked."""
        from core.ingest.presence import check_presence

        self._run(lambda: tr("Looking for the images"), check_presence, lambda found: [presence_words(found)])

    def find_in(self, folder: Path) -> None:
        """Look for what is missing below another folder, as a job."""
        from core.ingest.relink import relink

        self._run(
            lambda: tr("Looking in “{name}”", name=folder.name or str(folder)),
            lambda project, progress: relink(project, folder, progress),
            relinked_words,
        )

    def show_missing(self, row: SourceRow | None = None) -> None:
        """Show the missing images, of one source or of all, among the images."""
        roots = (row.root,) if row is not None else ()
        query = SampleQuery(missing=True, excluded=None, sources=roots)
        self.context.show("images", query=format_query(query))

    def _run(
        self,
        title: Callable[[], str],
        work: Callable[[Project, Progress], Any],
        words: Callable[[Any], list[str]],
    ) -> None:
        project = self.context.project
        if project is None or self.job is not None:
            return

        def done(result: Any) -> None:
            if self.context.project is project:
                self.said = words(result)

        def ended() -> None:
            self.job = None
            # However it ended, what was found before is recorded.
            if self.context.project is project:
                self.context.changed.emit(Changes(samples=True))
            self.changed.emit()

        self.said = []
        # On a reader's thread: the store lets the user's edits in between, which need not wait for the end.
        self.job = self.context.tasks.run(
            title,
            lambda progress: work(project, progress),
            done=done,
            summary=lambda result: " ".join(words(result)),
        )
        self.job.ended.connect(ended)
        self.changed.emit()

    def _read(self) -> None:
        project = self.context.project
        self._asked += 1
        mine = self._asked
        if project is None:
            return

        def done(rows: list[SourceRow]) -> None:
            if mine == self._asked:
                self.rows = rows
                self.changed.emit()

        self.context.tasks.run(tr("Reading the sources"), lambda _: read_rows(project), done=done, quiet=True)

    def _project_changed(self) -> None:
        self.rows, self.said, self.job = None, [], None
        self._asked += 1
        self.changed.emit()
        if self._shown:
            self._read()


def read_rows(project: Project) -> list[SourceRow]:
    """Return the sources as they stand."""
    counts = source_counts(project)
    rows = []
    for source in sources(project).values():
        images, missing = counts.get(source.id, (0, 0))
        gone = source.kind != "remote" and not _exists(source.root)
        rows.append(SourceRow(source.id, source.kind, source.root, images, missing, gone))
    return rows


def presence_words(found: Presence) -> str:
    """Say what looking for the images found."""
    said = [tr_n("{n} image is there.", "{n} images are there.", found.present)]
    if found.missing:
        said.append(tr_n("{n} is missing.", "{n} are missing.", found.missing))
    if found.returned:
        said.append(tr_n("{n} came back.", "{n} came back.", found.returned))
    return " ".join(said)


def relinked_words(found: Relinked) -> list[str]:
    """Say what looking in another folder found."""
    said = [tr("“{old}” is now “{new}”.", old=old, new=new) for old, new in found.sources]
    if found.moved:
        said.append(
            tr_n("{n} image was found at another place of its source.", "{n} images were found at other places.",
                 found.moved)
        )  # fmt: skip
    if not said:
        said.append(tr("None of the missing images is in this folder."))
    if found.presence is not None:
        said.append(presence_words(found.presence))
    return said


def _exists(root: str) -> bool:
    try:
        return Path(root).exists()
    except OSError:
        return False
