"""What every page is given: the settings, the theme, the task runner and the open project, and the signals between.

There is one `AppContext`, made in `desktop_app.bootstrap` and handed down; nobody keeps a global. It lives on the GUI
thread, where all its methods are called and all its signals arrive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from core.domain.edits import describe
from core.errors import UserError
from core.settings import Settings, save_settings
from core.translation import mark, system_language, tr, use_language
from desktop_app.theme import Theme, theme_for
from desktop_app.workers.task_runner import Job, TaskRunner, Title

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.domain.changes import Changes
    from core.progress import Progress
    from core.store.project import Project

_READ_ONLY: Final = mark("“{name}” lies where nothing can be written: you can look at it, but change nothing.")
SLOW_EDIT_MS: Final = 400
"""An edit that takes longer is shown among the jobs, and can be stopped there."""


class AppContext(QObject):
    """The application's shared state.

    Signals
    -------
    project_changed()
        Another project is open, or none: read `project`.
    changed(Changes)
        Something in the project changed; refresh if it concerns you.
    theme_changed(), language_changed()
        The window rebuilds its pages; controllers seldom care.
    message(str)
        Information for the message bar, in the user's language.
    message_with_links(str, list)
        The same, with pairs of a text and what it does when it is clicked.
    user_error(UserError)
        What went wrong through input or environment, for the message bar.
    navigated(str, dict)
        `show` was called: the page's id and its parameters.
    query_changed()
        Other images are shown on the Images page: `query_line` says which.
    selection_changed()
        Other images are selected on the Images page: `selected_images` answers their ids.
    project_closing()
        The project is about to close: stop your own threads on it and wait for them.
    """

    project_changed = Signal()
    changed = Signal(object)
    theme_changed = Signal()
    language_changed = Signal()
    message = Signal(str)
    message_with_links = Signal(str, list)
    user_error = Signal(object)
    navigated = Signal(str, dict)
    project_closing = Signal()
    settings_changed = Signal()
    query_changed = Signal()
    selection_changed = Signal()

    def __init__(self, settings: Settings | None = None, tasks: TaskRunner | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self.tasks = tasks or TaskRunner()
        self.theme: Theme = theme_for(self.settings.theme)
        self.project: Project | None = None
        self.query_line = ""
        self.selected_images: Callable[[], NDArray[np.int64]] | None = None
        self.tasks.user_error.connect(self.user_error)

    def open_project(self, path: Path, then: Callable[[], object] | None = None) -> None:
        """Open the project at `path` in the background and make it the open one; `then` runs after that.

        One that cannot be written is opened to look at.
        """
        if self.project is not None and path.resolve() == self.project.root:
            if then is not None:
                then()
            return

        def use(project: Project) -> None:
            self.set_project(project)
            if project.read_only:
                self.say_with_links(tr(_READ_ONLY, name=project.name), [])
            if then is not None:
                then()

        self.close_project()
        title = tr("Opening “{name}”", name=path.stem)

        def start() -> None:
            self.tasks.run(title, lambda _: _open(path), done=use, writes=True, quiet=True, lasting=True)

        # After the one before was released, which waits for its jobs: it may be the same project.
        self.tasks.when_project_jobs_ended(start)

    def set_project(self, project: Project | None) -> None:
        """Make `project`, which is open already, the open one; at once. The one before is closed."""
        self.close_project()
        if project is None:
            return
        self.project = project
        self.change_settings(**self.settings.with_recent(project.root).model_dump(include={"recent_projects"}))
        self.project_changed.emit()

    def close_project(self) -> None:
        """Close the project: its jobs are cancelled now, its files are released when they have ended."""
        project = self.project
        if project is None:
            return
        self.project_closing.emit()
        self.project = None
        self.project_changed.emit()
        self.tasks.cancel_project_jobs()
        self.tasks.after_project_jobs(tr("Closing “{name}”", name=project.name), project.close)

    def edit(
        self,
        change: Callable[[Project], Changes],
        *,
        title: Title = "",
        done: Callable[[Changes], object] | None = None,
    ) -> Job | None:
        """Run `change` on the writer, then tell everybody what changed; a `UserError` goes to the message bar.

        What takes long is shown among the jobs under `title`. Stopped from there, nothing was changed; what is quick
        is never stopped, whatever is closed meanwhile.

        Returns the job, which ends after `changed` was emitted, or None where no project is open.
        """
        project = self.project
        if project is None:
            return None

        def tell(changes: Changes) -> None:
            if self.project is project:
                self.changed.emit(changes)
                if done is not None:
                    done(changes)

        slow = threading.Event()

        def work(progress: Progress) -> Changes:
            with project.db.stoppable(lambda: slow.is_set() and progress.token.cancelled):
                return change(project)

        def show() -> None:
            if not job.has_ended:
                slow.set()
                self.tasks.show(job)

        job = self.tasks.run(title or (lambda: tr("Saving")), work, done=tell, summary=_said, writes=True, quiet=True)
        QTimer.singleShot(SLOW_EDIT_MS, self, show)
        return job

    def tell_query(self, line: str) -> None:
        """Let the other pages know which images the Images page shows."""
        if line != self.query_line:
            self.query_line = line
            self.query_changed.emit()

    def undo(self) -> None:
        """Undo the last edit."""
        from core.store import edits

        self.edit(edits.undo, title=lambda: tr("Undoing"))

    def redo(self) -> None:
        """Redo the edit undone last."""
        from core.store import edits

        self.edit(edits.redo, title=lambda: tr("Redoing"))

    def show(self, page_id: str, **params: object) -> None:
        """Go to a page; `params` reach its `activated`. For example ``show("images", query="label:WBC")``."""
        self.navigated.emit(page_id, params)

    def say_with_links(self, message: str, links: Sequence[tuple[str, Callable[[], object]]]) -> None:
        """Show information in the message bar, with links to what it speaks of."""
        self.message_with_links.emit(message, list(links))

    def change_settings(self, **changes: object) -> None:
        """Change and save settings; language and theme switch at once."""
        before = self.settings
        self.settings = Settings.model_validate(before.model_dump() | changes)
        if self.settings == before:
            return
        try:
            save_settings(self.settings)
        except UserError as error:
            self.user_error.emit(error)
        if self.settings.language != before.language:
            self.apply_language()
        if self.settings.theme != before.theme:
            self.apply_theme()
        self.settings_changed.emit()

    def apply_language(self) -> None:
        """Take the settings' language into use and have the pages built again."""
        use_language(language_of(self.settings))
        self.language_changed.emit()

    def apply_theme(self) -> None:
        """Take the settings' (or the system's) theme into use and have the pages built again."""
        self.theme = theme_for(self.settings.theme)
        self.theme_changed.emit()

    def close(self) -> None:
        """End everything: pages stop their threads, jobs are cancelled and waited for, the project is released."""
        project = self.project
        if project is not None:
            self.project_closing.emit()
        self.project = None
        self.tasks.close()
        if project is not None:
            project.close()


def _open(path: Path) -> Project:
    """Open a project, on a worker thread; to look at where it cannot be written."""
    from core.store.project import Project

    try:
        return Project.open(path)
    except UserError as error:
        if error.code != "project_read_only":
            raise
        return Project.open(path, read_only=True)


def _said(changes: Changes) -> str:
    return describe(changes.edit) if changes.edit is not None else ""


def language_of(settings: Settings) -> str:
    """Return the language the settings mean."""
    return system_language() if settings.language == "system" else settings.language
