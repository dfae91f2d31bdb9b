"""The state of the Second reader page: which part of it is shown, the passes, and a new one being drafted.

No widget here. The parts have a file each: `reader` (the blinded reading), `verdict` (agreement) and `cases` (the
queue of disagreements).
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal

from core.domain.labels import Label
from core.domain.query_line import parse_query
from core.domain.readings import ReadingPass
from core.domain.task import Task
from core.errors import UserError
from core.store.labels import labels
from core.store.reading_passes import create_pass, end_pass, passes
from core.store.tags import reasons
from core.store.task import project_task
from core.translation import mark, tr, tr_n
from desktop_app.pages.page import Badge, PageController
from desktop_app.pages.reading.cases import Cases
from desktop_app.pages.reading.reader import Reader
from desktop_app.pages.reading.verdict import Verdict
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.workers.project_pictures import ProjectPictures

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from desktop_app.context import AppContext

USUAL_LIMIT: Final = 200
USUAL_REASONS: Final = (
    mark("Out of focus"),
    mark("Too dark or too bright"),
    mark("Cut off at the edge"),
    mark("Artefact"),
    mark("Between two labels"),
)


class View(StrEnum):
    """What the page shows."""

    HOME = "home"
    READ = "read"
    RESULTS = "results"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the user has entered for a new pass; `limit` 0 takes all images, `repeats` is in per cent."""

    reader: str = ""
    name: str = ""
    line: str = ""
    limit: int = USUAL_LIMIT
    repeats: int = 10


class ReadingController(PageController):
    """What the Second reader page shows and does.

    Signals
    -------
    view_changed
        `view`; what it shows is there.
    passes_changed
        `passes`, `chosen`, `labels` or `draft`.
    """

    view_changed = Signal()
    passes_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._sources = ProjectPictures(self)
        pictures = self.pictures = LoupePictures(self._sources.deep, self)
        self.reader = Reader(context, pictures, self)
        self.verdict = Verdict(context, self)
        self.cases = Cases(context, pictures, self)
        self.view = View.HOME
        self.draft = Draft(reader=_account())
        self.passes: list[ReadingPass] = []
        self.chosen: list[int] = []
        self.labels: list[Label] = []
        self.reasons: list[str] = []
        self.multi = False
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(self._stop_reading)
        context.changed.connect(self._changed)
        self.reader.changed.connect(self.badge_changed)
        if context.project is not None:
            self._project_changed()

    # -- what is shown

    def badge(self) -> Badge:
        """How many readings are still to be made."""
        left = sum(one.total - one.read for one in self.passes if one.ended_at is None)
        session = self.reader.session
        if session is not None:
            left -= session.read - session.one.read
        return Badge(f"{left:,}" if left > 0 else "")

    def status(self) -> str:
        """Return how far a reader has come; no number of the project's while the reading is blinded."""
        if self.view is View.READ and self.reader.session is not None:
            return tr_n("{n} image read", "{n} images read", self.reader.session.read)
        return ""

    def label_for_key(self, key: str) -> Label | None:
        """Return the label that a key gives."""
        return next((label for label in self.labels if label.key and label.key.casefold() == key.casefold()), None)

    def label(self, label_id: int) -> Label | None:
        """Return a label; None for one that is no longer in the project."""
        return next((label for label in self.labels if label.id == label_id), None)

    def go_home(self) -> None:
        """Show the passes; a reading is paused."""
        self.reader.leave()
        self._read_passes()
        self._show(View.HOME)

    def open_results(self, pass_ids: list[int] | None = None) -> None:
        """Show how far the readers of these passes agree; of those chosen before, without any."""
        self.chosen = self.chosen if pass_ids is None else list(pass_ids)
        self.verdict.measure(self.chosen)
        self._show(View.RESULTS)

    def open_queue(self) -> None:
        """Work through the disagreements of the chosen passes."""
        self.cases.open(self.chosen, own=self.verdict.own, then=lambda: self._show(View.QUEUE))

    def train_softly(self) -> None:
        """Go to training, set to learn from how the readers voted."""
        self.context.show("train", soft_labels=True)

    def export(self, out: Path) -> None:
        """Write every reading of the chosen passes as a table."""
        from core.cli.reading_csv import write_readings

        project, chosen = self.context.project, list(self.chosen)
        if project is None:
            return

        def done(count: int) -> None:
            self.context.message.emit(
                tr_n("{n} reading written to {path}.", "{n} readings written to {path}.", count, path=str(out))
            )

        self.context.tasks.run(
            lambda: tr("Writing the readings"), lambda _: write_readings(project, chosen, out), done=done
        )

    # -- the passes

    def set_draft(self, draft: Draft) -> None:
        """Take note of what is entered."""
        self.draft = draft

    def choose(self, pass_ids: list[int]) -> None:
        """Choose the passes that are compared."""
        self.chosen = list(pass_ids)

    def start(self) -> None:
        """Lay out a pass as drafted, and begin it."""
        project, draft = self.context.project, self.draft
        if project is None:
            return
        try:
            query = parse_query(draft.line)
        except UserError as error:
            self.context.user_error.emit(error)
            return
        name = draft.name.strip() or self._free_name(draft.reader.strip())

        def make(_: object) -> ReadingPass:
            # The seed need not be secret, but must differ from pass to pass.
            seed = 1 + max((one.id for one in passes(project)), default=0)
            limit = draft.limit or None
            return create_pass(project, query, name, draft.reader, repeats=draft.repeats / 100, seed=seed, limit=limit)

        def begin(made: ReadingPass) -> None:
            self.draft = replace(draft, name="")
            self._read_passes()
            self.open(made.id)

        self.context.tasks.run(tr("Laying out a reading pass"), make, done=begin, writes=True, quiet=True)

    def open(self, pass_id: int) -> None:
        """Go on with a pass where it was left."""
        project = self.context.project
        one = next((one for one in self.passes if one.id == pass_id), None)
        if project is None or one is None or one.ended_at is not None:
            return
        self.reasons = list(dict.fromkeys([*map(tr, USUAL_REASONS), *reasons(project)]))
        self.reader.multi = self.multi
        self.reader.open(one)
        self._show(View.READ)

    def end(self, pass_id: int) -> None:
        """Close a pass, and show what the readings say."""
        project = self.context.project
        if project is None:
            return

        def ended(_: None) -> None:
            self.reader.leave()
            self._read_passes()
            self.open_results([one.id for one in self.passes if one.read])

        self.context.tasks.run(tr("Saving"), lambda _: end_pass(project, pass_id), done=ended, writes=True, quiet=True)

    def _show(self, view: View) -> None:
        self.view = view
        self.view_changed.emit()
        self.badge_changed.emit()

    # -- keeping up with the project

    def _project_changed(self) -> None:
        project = self.context.project
        self.reader.leave()
        self.verdict.reset()
        self.cases.reset()
        self.chosen, self.draft = [], Draft(reader=self.draft.reader)
        self._sources.use(project)
        self._read_labels()
        self._read_passes()
        self._show(View.HOME)

    def _stop_reading(self) -> None:
        self.pictures.close()
        self._sources.use(None)

    def _changed(self, changes: Changes) -> None:
        if changes.labels or changes.samples:
            self._read_labels()
            self.passes_changed.emit()
        if self.view is View.QUEUE:
            self.cases.follow(changes)

    def _read_labels(self) -> None:
        project = self.context.project
        self.labels = labels(project) if project is not None else []
        self.multi = project is not None and project_task(project) is Task.MULTI

    def _read_passes(self) -> None:
        project = self.context.project
        self.passes = passes(project) if project is not None else []
        known = {one.id for one in self.passes}
        read = [one.id for one in self.passes if one.read]
        self.chosen = [pass_id for pass_id in self.chosen if pass_id in known] or read or sorted(known)
        self.passes_changed.emit()
        self.badge_changed.emit()

    def _free_name(self, reader: str) -> str:
        taken = {one.name for one in self.passes}
        number = 1
        while (name := f"{reader} {number}".strip()) in taken:
            number += 1
        return name


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # neither a variable nor an account names the user
        return ""
