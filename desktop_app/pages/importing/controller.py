"""The state of the import page: the form, what the folder holds, and what the rules would make of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal

from core.domain.changes import Changes
from core.errors import UserError
from core.paths import user_data_dir
from core.translation import tr, tr_n
from desktop_app.pages.importing.form import Form
from desktop_app.pages.importing.preview import FolderContent, Preview, look_into, preview
from desktop_app.pages.importing.work import import_as_new, summarise
from desktop_app.pages.page import PageController
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from core.ingest.importer import ImportReport
    from desktop_app.context import AppContext

_TYPING_MS = 150
_ARRIVALS_MS = 1500
"""How often the pages are told of what a long import has added so far."""


class ImportController(PageController):
    """What the import page shows and does.

    Signals
    -------
    form_changed
        `form`, from elsewhere than the page's own fields: fill them anew.
    preview_changed
        `content`, `preview`, `folder_error` or `job`.
    """

    form_changed = Signal()
    preview_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.form = Form(place=str(user_data_dir()))
        self.content: FolderContent | None = None
        self.preview: Preview | None = None
        self.folder_error = ""
        self.job: Job | None = None
        self._looking: Job | None = None
        self._generation = 0
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self._preview)

    # -- the form

    def start(self, *, new: bool, folder: Path | None) -> None:
        """Begin another import; into a new project, or into the one that is open."""
        into_open = not new and self.context.project is not None
        self.form = replace(self.form, new=not into_open)
        if folder is not None:
            self.choose_folder(folder)
        self.form_changed.emit()

    def choose_folder(self, folder: Path) -> None:
        """Look into a folder, and propose a name after it."""
        self.form = replace(self.form, folder=folder, name=folder.name)
        self.content, self.preview, self.folder_error = None, None, ""
        if self._looking is not None:
            self._looking.cancel()
        self._looking = self.context.tasks.run(
            tr("Looking into “{name}”", name=folder.name),
            lambda progress: look_into(folder, progress),
            done=self._take_content,
            failed=self._cannot_look,
            lasting=True,
            quiet=True,
        )
        self.form_changed.emit()
        self.preview_changed.emit()

    def enter(self, **changes: Any) -> None:
        """Take what was entered; the preview follows a moment later."""
        self.form = replace(self.form, **changes)
        self._typing.start()
        self.preview_changed.emit()

    @property
    def looking(self) -> bool:
        """Whether the folder is being listed."""
        return self._looking is not None and not self._looking.has_ended

    @property
    def can_import(self) -> bool:
        """Whether everything is there and the rules can be applied."""
        busy = self.job is not None and not self.job.has_ended
        previewed = self.preview is not None and not self.preview.error
        return not busy and not self.form.waiting_for and previewed

    def count_text(self) -> str:
        """Say what the folder holds."""
        if self.folder_error:
            return self.folder_error
        if self.content is None:
            return tr("Looking for images…") if self.looking else ""
        if self.content.idx:
            return tr("IDX files: {names}", names=", ".join(self.content.idx))
        said = tr_n("{n} image", "{n} images", len(self.content.paths))
        skipped = self.content.skipped
        return said + (" · " + tr("{n} left out", n=f"{skipped:,}") if skipped else "")

    # -- the import

    def run(self) -> None:
        """Import, as a job; the project opens, or shows the new images, when it is done."""
        form = self.form
        if not self.can_import or form.folder is None:
            return
        try:
            labels, groups = form.rules()
        except UserError as error:
            self.context.user_error.emit(error)
            return
        title, folder = tr("Importing “{name}”", name=form.folder.name), form.folder
        if form.new:
            target = form.target
            self.job = self.context.tasks.run(
                title,
                lambda progress: import_as_new(target, folder, labels, groups, progress),
                done=lambda report: self._open(target, report),
                summary=summarise,
                lasting=True,
            )
        else:
            self.job = self._import_into_open(title, folder, labels, groups)
        self.job.ended.connect(self.preview_changed)
        self.preview_changed.emit()

    def _import_into_open(self, title: str, folder: Path, labels: Any, groups: Any) -> Job:
        from core.ingest.importer import import_source

        project = self.context.project
        if project is None:
            raise UserError("project_missing", path="")
        # On a reader's thread: the store serialises its batches with the user's edits, which need not wait for all.
        job = self.context.tasks.run(
            title,
            lambda progress: import_source(project, folder, labels=labels, groups=groups, progress=progress),
            done=self._say,
            summary=summarise,
        )
        arrivals = QTimer(job, singleShot=True, interval=_ARRIVALS_MS)
        arrivals.timeout.connect(lambda: self._changed(project))
        job.progressed.connect(lambda _: None if arrivals.isActive() else arrivals.start())
        job.ended.connect(arrivals.stop)
        job.ended.connect(lambda: self._changed(project))
        self.context.show("images")
        return job

    def _changed(self, project: object) -> None:
        # However it ended, what was added before is there.
        if self.context.project is project:
            self.context.changed.emit(Changes(samples=True, labels=True))

    def _open(self, target: Path, report: ImportReport) -> None:
        self.context.open_project(target, then=lambda: self._say(report))
        self.form = Form(place=self.form.place)
        self.content = self.preview = None
        self.form_changed.emit()

    def _say(self, report: ImportReport) -> None:
        self.context.message.emit(tr("Import: {what}.", what=summarise(report)))

    # -- the preview

    def _take_content(self, content: FolderContent) -> None:
        if self.form.folder is None or content.root != self.form.folder.resolve():
            return
        self.content = content
        if self.form.group_kind == "none" and content.proposals and not self.form.group_pattern:
            # On by default: forgetting the groups makes a result look better than it is.
            self.form = replace(self.form, group_kind="pattern", group_pattern=content.proposals[0])
            self.form_changed.emit()
        self._preview()

    def _cannot_look(self, error: Exception) -> None:
        self.folder_error = str(error) if isinstance(error, UserError) else tr("The folder cannot be read.")
        self.preview_changed.emit()

    def _preview(self) -> None:
        content, form = self.content, self.form
        self._generation += 1
        if content is None:
            return
        if content.idx:
            self._show(self._generation, Preview())
            return
        if form.waiting_for not in ("", "name"):
            self._show(self._generation, None)
            return
        try:
            labels, groups = form.rules()
        except UserError as error:
            self._show(self._generation, Preview(images=len(content.paths), error=error.message))
            return
        generation = self._generation
        self.context.tasks.run(
            tr("Trying the rules"),
            lambda progress: preview(content, labels, groups, progress),
            done=lambda found: self._show(generation, found),
            quiet=True,
            lasting=True,
        )

    def _show(self, generation: int, found: Preview | None) -> None:
        if generation == self._generation:
            self.preview = found
            self.preview_changed.emit()
