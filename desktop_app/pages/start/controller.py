"""The state of the start page: the projects used recently, and the sample set being made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from core.translation import tr
from desktop_app.pages.page import PageController
from desktop_app.pages.start.recent import RecentProject, read_recent
from desktop_app.pages.start.sample_project import make_sample_project, sample_project_path
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from desktop_app.context import AppContext


class StartController(PageController):
    """What the start page shows and does.

    Signals
    -------
    recents_changed
        `recents`.
    sample_changed
        `sample_job`.
    """

    recents_changed = Signal()
    sample_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.recents: list[RecentProject] = []
        self.sample_job: Job | None = None
        self._reading: dict[Path, Job] = {}

    def refresh(self) -> None:
        """Read the list anew: at once as it was, then project by project as it is."""
        known = {recent.path: recent for recent in self.recents}
        paths = [Path(path) for path in self.context.settings.recent_projects]
        self.recents = [known.get(path, RecentProject(path)) for path in paths]
        self.recents_changed.emit()
        for path in paths:
            if path not in self._reading:
                self._reading[path] = self.context.tasks.run(
                    tr("Looking at “{name}”", name=path.stem),
                    lambda progress, path=path: read_recent(path, progress),  # type: ignore[misc]
                    done=self._take,
                    quiet=True,
                    lasting=True,
                )
                self._reading[path].ended.connect(lambda path=path: self._reading.pop(path, None))

    def open(self, path: Path) -> None:
        """Open a project."""
        self.context.open_project(path)

    def forget(self, path: Path) -> None:
        """Take a project off the list; nothing on the disk is touched."""
        left = tuple(known for known in self.context.settings.recent_projects if Path(known) != path)
        self.context.change_settings(recent_projects=left)
        self.refresh()

    def relocate(self, old: Path, new: Path) -> None:
        """Open the project that was moved from `old` to `new`."""
        self.context.open_project(new, then=lambda: self.forget(old))

    def try_sample_set(self) -> None:
        """Make the sample project if it is not there, and open it."""
        if self.sample_job is not None and not self.sample_job.has_ended:
            return
        target = sample_project_path()
        if target.exists():
            self.open(target)
            return
        self.sample_job = self.context.tasks.run(
            lambda: tr("Making the sample set"),
            lambda progress: make_sample_project(target, progress),
            done=self.open,
            summary=lambda path: tr("made {path}", path=str(path)),
            lasting=True,
        )
        self.sample_job.ended.connect(self.sample_changed)
        self.sample_changed.emit()

    def _take(self, read: RecentProject) -> None:
        self.recents = [read if recent.path == read.path else recent for recent in self.recents]
        self.recents_changed.emit()
