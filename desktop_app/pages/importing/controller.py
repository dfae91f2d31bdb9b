"""The state of the import page: what is to be imported, what the rules would make of it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal

from core.domain.changes import Changes
from core.errors import UserError
from core.paths import user_data_dir
from core.translation import tr, tr_n
from desktop_app.pages.importing.form import Form, source_name
from desktop_app.pages.importing.outcome import Outcome
from desktop_app.pages.importing.preview import (
    Content,
    Pixels,
    Seen,
    first_pictures,
    look_into,
    try_images,
    try_rules,
)
from desktop_app.pages.importing.work import Order, import_as_new, import_into, summarise
from desktop_app.pages.page import PageController
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from core.ingest.importer import ImportReport
    from core.store.project import Project
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
        Anything else.
    """

    form_changed = Signal()
    preview_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.form = Form(place=str(user_data_dir()))
        self.content: Content | None = None
        self.seen: Seen | None = None
        self.pictures: dict[str, Pixels] = {}
        self.source_error = ""
        self.job: Job | None = None
        self.outcome: Outcome | None = None
        self.waiting: list[tuple[Path | str, tuple[str, ...]]] = []
        self._looking: Job | None = None
        self._trying: list[Job] = []
        self._generation = 0
        self._proposed = False
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self._preview)

    # -- what is to be imported

    def start(self, *, new: bool, root: Path | str | None, only: Sequence[str] = (), beside: bool = False) -> None:
        """Begin another import; into a new project (`beside` the images), or into the one that is open."""
        into_open = not new and self.context.project is not None
        self.form = replace(self.form, new=not into_open)
        if beside and root is not None and not self.needs_network(root):
            self.form = replace(self.form, place=str(Path(root).parent))
        if root is not None:
            self.choose(root, only)
        self.form_changed.emit()

    def start_all(self, sources: Sequence[tuple[Path | str, tuple[str, ...]]], *, new: bool, beside: bool) -> None:
        """Begin with the first of several sources; the others follow, one by one, into the same project."""
        self.waiting = list(sources[1:])
        self.start(new=new, root=sources[0][0], only=sources[0][1], beside=beside)

    def choose(self, root: Path | str, only: Sequence[str] = ()) -> None:
        """Look into a source, and propose a name after it."""
        fresh = {"format": "auto", "columns": (), "label_kind": "auto", "table": "", "label_pattern": ""}
        fresh |= {"group_kind": "none", "group_pattern": "", "group_column": ""}
        self.form = replace(self.form, root=root, only=tuple(only), name=Path(source_name(root)).stem, **fresh)  # type: ignore[arg-type]
        self.outcome = None
        self._look()

    def needs_network(self, root: Path | str | None) -> bool:
        """Whether a source is on a server."""
        from core.images.remote.servers import is_address

        return root is not None and is_address(str(root))

    @property
    def waits_for_consent(self) -> bool:
        """Whether the user has to allow the network first."""
        return self.needs_network(self.form.root) and not self.context.settings.downloads_allowed

    def allow_network(self) -> None:
        """Allow the network, from now on, and go on."""
        self.context.change_settings(downloads_allowed=True)
        self._look()

    def enter(self, **changes: Any) -> None:
        """Take what was entered; the preview follows a moment later."""
        self.form = replace(self.form, **changes)
        self._typing.start()
        self.preview_changed.emit()

    def take_pages(self, on: bool) -> None:
        """Take whether each page of a TIFF is an image of its own, and show it where that is chosen too."""
        self.enter(pages=on)
        self.form_changed.emit()

    def skip_copies(self, on: bool) -> None:
        """Take whether copies of known images are left out; what the rules find is the same."""
        self.form = replace(self.form, skip_copies=on)
        self.preview_changed.emit()

    def use_columns(self, **columns: str) -> None:
        """Say which column is what; an empty name leaves it to be guessed."""
        said = dict(self.form.columns) | columns
        self.enter(columns=tuple((what, name) for what, name in said.items() if name))

    @property
    def looking(self) -> bool:
        """Whether the source is being listed."""
        return self._looking is not None and not self._looking.has_ended

    @property
    def busy(self) -> bool:
        """Whether an import runs."""
        return self.job is not None and not self.job.has_ended

    @property
    def can_import(self) -> bool:
        """Whether everything is there and the rules can be applied."""
        seen = self.seen.preview if self.seen is not None and not self.seen.error else None
        return not self.busy and not self.form.waiting_for and seen is not None and not seen.note

    def source_text(self) -> str:
        """Say what the source holds."""
        if self.source_error:
            return self.source_error
        if self.content is None:
            return tr("Looking for images…") if self.looking else ""
        said = tr_n("{n} image file", "{n} image files", self.content.images)
        return said + (" · " + tr("then {n} more", n=len(self.waiting)) if self.waiting else "")

    def allow_many_labels(self) -> None:
        """Make the open project one of many labels an image, which can be undone, and preview again."""
        from core.domain.task import Task
        from core.store.task import set_task

        self.context.edit(lambda project: set_task(project, Task.MULTI), done=lambda _: self._preview())

    # -- the import

    def run(self) -> None:
        """Import, as a job; the project opens, or the page says what was added, when it is done."""
        form = self.form
        if not self.can_import or form.root is None:
            return
        try:
            order = Order(form.root, *form.rules(), form.format, form.options())
        except UserError as error:
            self.context.user_error.emit(error)
            return
        self._stop_trying()
        name = source_name(form.root)

        def title() -> str:
            return tr("Importing “{name}”", name=name)

        if form.new:
            target = form.target
            self.job = self.context.tasks.run(
                title,
                lambda progress: import_as_new(target, order, progress),
                done=lambda report: self._open(target, order, report),
                summary=summarise,
                lasting=True,
            )
        else:
            self.job = self._import_into_open(title, order)
        self.job.ended.connect(self.preview_changed)
        self.preview_changed.emit()

    def _import_into_open(self, title: Callable[[], str], order: Order) -> Job:
        project = self.context.project
        if project is None:
            raise UserError("project_missing", path="")
        # On a reader's thread: the store serialises its batches with the user's edits, which need not wait for all.
        job = self.context.tasks.run(
            title,
            lambda progress: import_into(project, order, progress),
            done=lambda report: self._finish(order, report),
            summary=summarise,
        )
        arrivals = QTimer(job, singleShot=True, interval=_ARRIVALS_MS)
        arrivals.timeout.connect(lambda: self._changed(project))
        job.progressed.connect(lambda _: None if arrivals.isActive() else arrivals.start())
        job.ended.connect(arrivals.stop)
        job.ended.connect(lambda: self._changed(project))
        return job

    def _changed(self, project: object) -> None:
        # However it ended, what was added before is there.
        if self.context.project is project:
            self.context.changed.emit(Changes(samples=True, labels=True))

    def _open(self, target: Path, order: Order, report: ImportReport) -> None:
        self.form = replace(self.form, new=False)
        self.context.open_project(target, then=lambda: self._finish(order, report))

    def _finish(self, order: Order, report: ImportReport) -> None:
        """Say what was done, with ways to see it, and go on with what else was dropped."""
        outcome = Outcome(source_name(order.root), str(order.root), report)
        self.form = Form(place=self.form.place, new=self.context.project is None)
        self.content = self.seen = None
        self.pictures, self.outcome = {}, outcome
        self.context.say_with_links(tr("Import: {what}.", what=summarise(report)), outcome.links(self.context))
        if self.waiting:
            (root, only), *self.waiting = self.waiting
            self.context.show("import", folder=str(root), only=only)
        self.form_changed.emit()
        self.preview_changed.emit()

    # -- the preview

    def _look(self) -> None:
        form, root = self.form, self.form.root
        self.content = self.seen = None
        self.pictures, self.source_error = {}, ""
        self._stop_trying()
        if self._looking is not None:
            self._looking.cancel()
        if root is not None and not self.waits_for_consent:
            project = self._project()
            self._looking = self.context.tasks.run(
                tr("Looking into “{name}”", name=source_name(root)),
                lambda progress: look_into(project, root, form.only, progress),
                done=self._take_content,
                failed=lambda error: self._cannot_look(root, error),
                lasting=project is None,
                quiet=True,
            )
        self.form_changed.emit()
        self.preview_changed.emit()

    def _project(self) -> Project | None:
        return None if self.form.new else self.context.project

    def _take_content(self, content: Content) -> None:
        if (content.root, content.only) != (self.form.root, self.form.only):
            return
        self.content, self._proposed = content, False
        self._preview()

    def _cannot_look(self, root: Path | str, error: Exception) -> None:
        if root == self.form.root:
            self.source_error = str(error) if isinstance(error, UserError) else tr("This cannot be read.")
            self.preview_changed.emit()

    def _stop_trying(self) -> None:
        self._generation += 1
        for job in self._trying:
            job.cancel()
        self._trying = []

    def _preview(self) -> None:
        """Try the rules, then the images, then show some of them; a later call takes the place of an earlier one."""
        content, form, project = self.content, self.form, self._project()
        self._stop_trying()
        if content is None or self.busy:
            return
        if form.waiting_for not in ("", "name"):
            self.seen, self.pictures = None, {}
            self.preview_changed.emit()
            return
        generation = self._generation
        self._try(
            lambda progress: try_rules(project, content, form, progress),
            lambda seen: self._take_seen(generation, content, project, seen),
        )

    def _try(self, work: Any, done: Any) -> None:
        lasting = self._project() is None
        self._trying.append(
            self.context.tasks.run(tr("Trying the rules"), work, done=done, quiet=True, lasting=lasting)
        )

    def _take_seen(self, generation: int, content: Content, project: Project | None, seen: Seen) -> None:
        if generation != self._generation:
            return
        self.seen = seen
        if self._group_by_proposal(content, seen):
            return
        may_fetch = self.context.settings.downloads_allowed
        self._try(
            lambda progress: first_pictures(project, content, seen, may_fetch=may_fetch, progress=progress),
            lambda found: self._take_pictures(generation, found),
        )
        self._try(
            lambda progress: try_images(project, content, seen, progress),
            lambda tried: self._take_tried(generation, tried),
        )
        self.preview_changed.emit()

    def _group_by_proposal(self, content: Content, seen: Seen) -> bool:
        """Use the likeliest groups where the source has none: forgetting them makes a result look better than it is."""
        told, form = seen.preview, self.form
        first, self._proposed = not self._proposed, True
        if (
            not first
            or form.group_kind != "none"
            or told is None
            or told.format != "folders"
            or told.group_count
            or not content.proposals
        ):
            return False
        self.form = replace(form, group_kind="pattern", group_pattern=content.proposals[0])
        self.form_changed.emit()
        self._preview()
        return True

    def _take_pictures(self, generation: int, found: dict[str, Pixels]) -> None:
        if generation == self._generation:
            self.pictures = found
            self.preview_changed.emit()

    def _take_tried(self, generation: int, seen: Seen) -> None:
        if generation == self._generation:
            self.seen = seen
            self.preview_changed.emit()
