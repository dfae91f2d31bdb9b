"""The state of the map of images: where they are, what they are coloured by, which are chosen. No widget here.

The map is made in the background once it was asked for in a project, and from then on whenever images come in. What is
chosen on it, and what is selected among the images, is shown on it alike: the one replaces the other.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from core.domain.query import SampleQuery
from core.store.findings import last_check
from core.store.project import read_meta, write_meta
from core.store.samples import sample_ids, samples_by_id
from core.translation import tr
from desktop_app.pages.clean.map_colours import ColourBy, Coloured, read_colours
from desktop_app.pages.clean.map_work import MappedImages, MapWork
from desktop_app.widgets.map.view import MapView
from desktop_app.workers.project_pictures import ProjectPictures
from desktop_app.workers.rereading import Rereading
from desktop_app.workers.task_runner import JobState

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.progress import Progress, ProgressReport
    from core.store.project import Project
    from desktop_app.context import AppContext
    from desktop_app.workers.task_runner import Job

Ids = NDArray[np.int64]
PICTURE_PX: Final = 128
_KEY: Final = "map_of_images"
_SELECTION_PAUSE_MS: Final = 60


class MapPhase(StrEnum):
    """Where the map stands."""

    OFF = "off"
    MAKING = "making"
    REFINING = "refining"
    READY = "ready"
    STOPPED = "stopped"
    FAILED = "failed"


class MapController(QObject):
    """What the map of images shows and does.

    Signals
    -------
    changed
        `phase`, `report` or `problem`.
    points_changed
        `mapped`: other images, or the same ones elsewhere; none where another project is opened, and then `view` and
        `lassoing` are as they are at first.
    colours_changed
        `by` or `coloured`.
    excluded_changed
        `excluded`.
    selection_changed
        `selected`.
    current_changed
        `current`.
    picture_loaded
        A picture that was asked for is there.
    """

    changed = Signal()
    points_changed = Signal()
    colours_changed = Signal()
    excluded_changed = Signal()
    selection_changed = Signal()
    current_changed = Signal()
    picture_loaded = Signal()

    def __init__(self, context: AppContext, pictures: ProjectPictures | None = None) -> None:
        """`pictures` are those of the page the map is on; it makes its own without."""
        super().__init__()
        self.context = context
        self._own_pictures = pictures is None
        self.pictures = pictures or ProjectPictures(self)
        self.phase, self.problem = MapPhase.OFF, ""
        self.report: ProgressReport | None = None
        self.mapped: MappedImages | None = None
        self.by = ColourBy.LABEL
        self.coloured: Coloured | None = None
        self.excluded: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.selected: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.current = -1
        self.view, self.lassoing = MapView(), False
        self._current_id: int | None = None
        self._named = (-1, "")
        self._of_images = self._shown = False
        self._work: MapWork | None = None
        self._job: Job | None = None
        self._again = False
        self._colours = Rereading(context, lambda: tr("Colouring the map"), self._read_colours, self._show_colours)
        self._selection_soon = QTimer(self, singleShot=True, interval=_SELECTION_PAUSE_MS)
        self._selection_soon.timeout.connect(self._follow_images)
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(self._forget)
        context.changed.connect(self._changed)
        context.theme_changed.connect(self._colours.ask)
        context.selection_changed.connect(self._selection_soon.start)
        self.pictures.thumbnails.loaded.connect(self.picture_loaded)
        if context.project is not None:
            self._project_changed()

    # -- what is shown

    def set_shown(self, shown: bool) -> None:
        """Keep up with the project while the map is looked at: it is made where it was asked for before."""
        self._shown = shown
        if shown:
            self._follow_images()
            if self.phase is MapPhase.OFF and self._is_wanted():
                self.begin()

    def caption(self, row: int) -> str:
        """Return the name of the image of a point."""
        project = self.context.project
        if self.mapped is None or project is None:
            return ""
        sample_id = int(self.mapped.ids[row])
        if sample_id != self._named[0]:
            # Asked for one by one: the names of a million images would be a hundred megabytes, none of them seen.
            self._named = sample_id, next((sample.name for sample in samples_by_id(project, [sample_id])), "")
        return self._named[1]

    def picture(self, row: int) -> QImage | None:
        """Return the picture of a point; where it is not there yet, it is on its way."""
        if self.mapped is None:
            return None
        sample_id = int(self.mapped.ids[row])
        found = self.pictures.thumbnails.image(sample_id, PICTURE_PX)
        if found is None:
            self.pictures.thumbnails.want([sample_id], PICTURE_PX)
        return found

    @property
    def selected_ids(self) -> Ids:
        """(M,) ids of the images that are chosen."""
        return self.mapped.ids[self.selected] if self.mapped is not None else np.zeros(0, dtype=np.int64)

    # -- what is done

    def begin(self) -> None:
        """Make the map, and from now on again whenever images come in."""
        project = self.context.project
        if project is None:
            return
        if self._job is not None and not self._job.has_ended:
            self._again = True
            return
        self._remember(project)
        if self._work is None:
            self._work = MapWork(project, self.context.settings.device)
        work, tasks = self._work, self.context.tasks
        self._again, self.report, self.problem = False, None, ""
        self.phase = MapPhase.MAKING if self.mapped is None else MapPhase.REFINING

        def make(progress: Progress) -> None:
            work.run(progress, lambda found: tasks.post(lambda: self._show(work, found)))

        job = self._job = tasks.run(lambda: tr("Mapping the images"), make, failed=self._failed)
        job.progressed.connect(self._progressed)
        job.ended.connect(lambda: self._ended(job))
        self.changed.emit()

    def stop(self) -> None:
        """Stop making the map; what there is of it stays, and `begin` goes on from there."""
        if self._job is not None:
            self._job.cancel()

    def choose_colour(self, by: ColourBy) -> None:
        """Colour the images by something else."""
        if by is not self.by:
            self.by = by
            self.colours_changed.emit()
            self._colours.ask()

    def select(self, rows: NDArray[np.int64]) -> None:
        """Choose points."""
        self._of_images = False
        self._select(rows)

    def select_ids(self, ids: Ids) -> None:
        """Choose images; those that are not on the map are left out."""
        self._of_images = False
        self._select(self._rows_of(ids))

    def set_current(self, sample_id: int | None) -> None:
        """Put a ring around an image: the one in question."""
        self._current_id = sample_id
        rows = self._rows_of(np.array([] if sample_id is None else [sample_id], dtype=np.int64))
        current = int(rows[0]) if len(rows) else -1
        if current != self.current:
            self.current = current
            self.current_changed.emit()

    def show_in_images(self) -> None:
        """Show the chosen images in the grid, and no others, whether they are excluded or not."""
        if len(self.selected):
            self.context.show("images", ids=self.selected_ids)

    def more_like_these(self) -> None:
        """Show all images in the grid, those most like the chosen ones first."""
        if len(self.selected):
            self.context.show("images", like=self.selected_ids)

    # -- keeping up

    def _is_wanted(self) -> bool:
        project = self.context.project
        return project is not None and (read_meta(project, _KEY) is True or last_check(project) is not None)

    def _remember(self, project: Project) -> None:
        if not project.read_only and read_meta(project, _KEY) is not True:
            write = lambda _: write_meta(project, _KEY, True)  # noqa: E731 - the job's work
            self.context.tasks.run(tr("Saving"), write, writes=True, quiet=True)

    def _project_changed(self) -> None:
        self._forget()
        if self._own_pictures:
            self.pictures.use(self.context.project)
        if self._shown:
            self.set_shown(True)

    def _forget(self) -> None:
        if self._job is not None:
            self._job.cancel()
        if self._own_pictures:
            self.pictures.use(None)
        self._job = self._work = self.mapped = self.coloured = self.report = None
        self.phase, self.problem, self._again = MapPhase.OFF, "", False
        self.excluded = self.selected = np.zeros(0, dtype=np.int64)
        self.current, self._current_id, self._named = -1, None, (-1, "")
        self.view, self.lassoing, self.by, self._of_images = MapView(), False, ColourBy.LABEL, False
        for signal in (self.points_changed, self.colours_changed, self.selection_changed, self.current_changed):
            signal.emit()
        self.changed.emit()

    def _changed(self, changes: Changes) -> None:
        if changes.display and self._own_pictures:
            self.pictures.forget()
        if changes.samples and self.phase is not MapPhase.OFF:
            self.begin()
        if changes.sample_ids is not None or changes.labels or changes.runs or changes.findings:
            self._colours.ask()

    def _progressed(self, report: ProgressReport) -> None:
        self.report = report
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.problem = str(error)

    def _ended(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job, self.report = None, None
        ends = {JobState.FAILED: MapPhase.FAILED, JobState.CANCELLED: MapPhase.STOPPED}
        self.phase = ends.get(job.state, MapPhase.READY)
        self.changed.emit()
        if self._again:
            self.begin()

    def _show(self, work: MapWork, mapped: MappedImages) -> None:
        if work is not self._work:
            return
        before = self.mapped
        self.mapped = mapped
        self.phase = MapPhase.READY if mapped.finished else MapPhase.REFINING
        same = before is not None and np.array_equal(before.ids, mapped.ids)
        if not same:
            chosen = before.ids[self.selected] if before is not None else np.zeros(0, dtype=np.int64)
            self.coloured, self.excluded = None, np.zeros(0, dtype=np.int64)
            self.selected = self._rows_of(chosen)
        self.points_changed.emit()
        if not same:
            self.selection_changed.emit()
            self.set_current(self._current_id)
            self._colours.ask()
            self._follow_images()
        self.changed.emit()

    def _read_colours(self, project: Project) -> tuple[MappedImages, ColourBy, Coloured, Ids] | None:
        mapped, by = self.mapped, self.by
        if mapped is None:
            return None
        coloured = read_colours(project, mapped.ids, by, dark=self.context.theme.dark)
        return mapped, by, coloured, sample_ids(project, SampleQuery(excluded=True))

    def _show_colours(self, found: tuple[MappedImages, ColourBy, Coloured, Ids] | None) -> None:
        if found is None or self.mapped is None:
            return
        of, by, coloured, excluded = found
        if len(of.ids) != len(self.mapped.ids) or by is not self.by:
            return
        self.coloured, self.excluded = coloured, self._rows_of(excluded)
        self.colours_changed.emit()
        self.excluded_changed.emit()

    def _follow_images(self) -> None:
        """Choose what is selected among the images; where nothing is any more, nothing is that was."""
        read = self.context.selected_images
        if not self._shown or read is None or self.mapped is None:
            return
        ids = read()
        if len(ids) or self._of_images:
            self._select(self._rows_of(ids))
            self._of_images = bool(len(ids))

    def _select(self, rows: NDArray[np.int64]) -> None:
        if not np.array_equal(rows, self.selected):
            self.selected = rows
            self.selection_changed.emit()

    def _rows_of(self, ids: Ids) -> NDArray[np.int64]:
        """Return the points of images (n,), ascending; those that are not on the map are left out."""
        if self.mapped is None or not len(self.mapped.ids) or not len(ids):
            return np.zeros(0, dtype=np.int64)
        known = self.mapped.ids
        at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        return np.unique(at[known[at] == ids]).astype(np.int64)
