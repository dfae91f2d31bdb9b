"""The state of the Predict page: the model, the folder, what was answered, and what part of it is looked at.

No widget here. Two things must stay true: the images that are predicted are only ever read, and what is saved or
sorted is decided by the threshold that is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Signal

from core.domain.runs import USABLE
from core.kit.layout import is_kit
from core.store.project import SUFFIX
from core.store.runs import runs
from core.translation import tr, tr_n
from desktop_app.pages.page import Badge, BadgeState, PageController
from desktop_app.pages.predict.pictures import FolderPictures
from desktop_app.pages.predict.results import ResultCounts, Results, Shown
from desktop_app.pages.predict.tiles import PredictionTiles
from desktop_app.pages.predict.work import ModelChoice, predict
from desktop_app.pages.run_title import run_title
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.workers.task_runner import Job

if TYPE_CHECKING:
    from core.domain.changes import Changes
    from core.inference.sorting import SortReport
    from core.progress import Progress
    from desktop_app.context import AppContext

DEFAULT_ZOOM_PX: Final = 120
_PROVIDERS: Final = {"CPUExecutionProvider": "CPU", "CUDAExecutionProvider": "CUDA"}


class PredictController(PageController):
    """What the Predict page shows and does.

    Signals
    -------
    choices_changed
        `models`, `model` or `source`.
    job_changed
        A prediction began or ended: `job`.
    results_changed
        `results` are others, or none.
    view_changed
        `threshold`, `shown`, `lowest_first`, and with them `counts` and the grid.
    zoom_changed
        (px) `zoom_px`.
    """

    choices_changed = Signal()
    job_changed = Signal()
    results_changed = Signal()
    view_changed = Signal()
    zoom_changed = Signal(int)

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.models: list[ModelChoice] = []
        self.model: ModelChoice | None = None
        self.source: Path | None = None
        self.job: Job | None = None
        self.results: Results | None = None
        self.counts: ResultCounts | None = None
        self.threshold = 0.0
        self.shown = Shown()
        self.lowest_first = True
        self.zoom_px = DEFAULT_ZOOM_PX
        self.grid = GridState(self)
        self.pictures = FolderPictures(self)
        self.tiles = PredictionTiles(lambda: self.results, lambda: self.threshold)
        self._files: list[ModelChoice] = []
        context.project_changed.connect(self._project_changed)
        context.changed.connect(self._changed)
        self.grid.selection_changed.connect(self.badge_changed)
        self._refresh_models()

    # -- choosing

    def choose_model(self, key: str) -> None:
        """Ask this one of `models` from now on."""
        self.model = next((model for model in self.models if model.key == key), self.model)
        self.choices_changed.emit()

    def add_model_file(self, path: Path) -> None:
        """Ask a kit folder or an `.onnx` from now on; whether it is one is found out when it is opened."""
        model = ModelChoice(path.name, path=path)
        if model.key not in {known.key for known in self._files}:
            self._files.insert(0, model)
        self._refresh_models()
        self.choose_model(model.key)

    def choose_source(self, path: Path) -> None:
        """Take the images of this folder (or this one image), and predict them if there is a model."""
        self.source = path
        self.choices_changed.emit()
        if self.model is not None:
            self.start()

    def take(self, paths: Sequence[str]) -> bool:
        """Take what was dropped: a kit or an `.onnx` is a model, another folder or an image is predicted."""
        path = Path(paths[0]) if paths else None
        if path is None or path.suffix == SUFFIX:
            return False
        if len(paths) > 1:
            self.context.message.emit(tr("Drop one folder, or one image, at a time."))
        elif is_kit(path) or path.suffix.lower() == ".onnx":
            self.add_model_file(path)
        else:
            self.choose_source(path)
        return True

    # -- predicting

    def can_start(self) -> bool:
        """Whether there is a model and a folder, and nothing runs."""
        return self.model is not None and self.source is not None and self.job is None

    def start(self) -> None:
        """Predict the images of the folder, in the background."""
        model, source, project = self.model, self.source, self.context.project
        if model is None or source is None:
            return
        if self.job is not None:
            self.job.cancel()
        job = self.context.tasks.run(
            lambda: tr("Predicting “{name}”", name=source.name),
            lambda progress: predict(model, project, source, progress),
            done=self._show,
            summary=lambda results: tr_n("{n} image", "{n} images", len(results.table)),
            lasting=model.run_id is None,
        )
        self.job = job
        job.ended.connect(lambda: self._ended(job))
        job.progressed.connect(self.badge_changed)
        self.job_changed.emit()
        self.badge_changed.emit()

    def cancel(self) -> None:
        """Stop the prediction; what was answered before stays."""
        if self.job is not None:
            self.job.cancel()

    def _ended(self, job: Job) -> None:
        if job is self.job:
            self.job = None
            self.job_changed.emit()
            self.badge_changed.emit()

    def _show(self, results: Results | None) -> None:
        self.results, self.counts = results, None
        self.shown = Shown()
        if results is None:
            self.pictures.forget()
        else:
            self.pictures.use(results.table.root, results.table.paths, results.window, results.display)
        self.grid.set_ids(np.empty(0, np.int64), move_on=True)
        self.grid.drop_hidden()
        self._arrange()
        self.results_changed.emit()
        self.badge_changed.emit()

    # -- looking

    def set_threshold(self, threshold: float) -> None:
        """Refuse to answer below this confidence."""
        threshold = min(1.0, max(0.0, threshold))
        if threshold != self.threshold:
            self.threshold = threshold
            self._arrange()

    def show_part(self, shown: Shown) -> None:
        """Show this part of the images."""
        self.shown = shown
        self._arrange(from_top=True)

    def set_lowest_first(self, lowest_first: bool) -> None:
        """Show the least, or the most, certain images first."""
        self.lowest_first = lowest_first
        self._arrange(from_top=True)

    def set_zoom(self, zoom_px: int) -> None:
        """Make the tiles about `zoom_px` wide."""
        if zoom_px != self.zoom_px:
            self.zoom_px = zoom_px
            self.zoom_changed.emit(zoom_px)

    def _arrange(self, *, from_top: bool = False) -> None:
        if self.results is not None:
            index = self.results.index
            self.counts = index.counts(self.threshold)
            rows = index.rows(self.shown, self.threshold, lowest_first=self.lowest_first)
            if from_top:  # otherwise what is in sight stays in sight; the selection is kept by id either way
                self.grid.set_ids(np.empty(0, np.int64))
            if not np.array_equal(rows, self.grid.ids):
                self.grid.set_ids(rows)
        self.view_changed.emit()
        self.badge_changed.emit()

    def runs_on(self) -> str:
        """Return what the shown prediction truly ran on, such as ``CPU``."""
        provider = self.results.provider if self.results is not None else ""
        return _PROVIDERS.get(provider, provider.removesuffix("ExecutionProvider"))

    # -- keeping

    def save_table(self, out: Path) -> None:
        """Write the answers as a table; below the threshold they say “abstain”."""
        results, threshold = self.results, self.threshold
        if results is None:
            return

        def work(progress: Progress) -> None:
            from core.inference.table_files import write_table

            write_table(results.table, out, threshold=threshold or None)

        def done(_: None) -> None:
            self.context.message.emit(
                tr_n("“{name}” was written: {n} row.", "“{name}” was written: {n} rows.", n, name=out.name)
            )

        n = len(results.table)
        self.context.tasks.run(lambda: tr("Saving “{name}”", name=out.name), work, done=done, lasting=True)

    def sort_into(self, directory: Path) -> None:
        """Copy every image that has an answer into a folder named like it; nothing is moved."""
        results, threshold = self.results, self.threshold
        if results is None:
            return

        def work(progress: Progress) -> SortReport:
            from core.inference.sorting import sort_into

            table = results.table
            return sort_into(table, table.root, directory, threshold=threshold or None, progress=progress)

        def words(report: SortReport) -> str:
            parts = [tr_n("{n} image copied", "{n} images copied", report.placed)]
            if report.present:
                parts.append(tr_n("{n} there already", "{n} there already", report.present))
            if report.skipped:
                parts.append(tr_n("{n} without an answer", "{n} without an answer", report.skipped))
            return " · ".join(parts)

        self.context.tasks.run(
            lambda: tr("Sorting into “{name}”", name=directory.name),
            work,
            done=lambda report: self.context.message.emit(words(report)),
            summary=words,
            lasting=True,
        )

    # -- the window

    def badge(self) -> Badge:
        """Return a ring while predicting."""
        if self.job is None:
            return Badge()
        report = self.job.report
        return Badge("", BadgeState.RUNNING, report.done / report.total if report and report.total else None)

    def status(self) -> str:
        """Return what the status bar says."""
        results = self.results
        if results is None:
            return ""
        parts = [tr_n("{n} image", "{n} images", len(results.table))]
        if len(self.grid) != len(results.table):
            parts.append(tr_n("{n} shown", "{n} shown", len(self.grid)))
        if self.grid.selected_count:
            parts.append(tr_n("{n} selected", "{n} selected", self.grid.selected_count))
        return " · ".join(parts)

    def close(self) -> None:
        """Stop the threads that read pictures."""
        self.pictures.close()

    # -- the project

    def _project_changed(self) -> None:
        if self.results is not None and self.results.of_run:
            self._show(None)
        self.model = self.model if self.model is not None and self.model.run_id is None else None
        self._refresh_models()

    def _changed(self, changes: Changes) -> None:
        if changes.runs:
            self._refresh_models()

    def _refresh_models(self) -> None:
        project = self.context.project
        usable = [run for run in runs(project) if run.state in USABLE] if project is not None else []
        self.models = [ModelChoice(run_title(run), run_id=run.id) for run in usable] + self._files
        known = {model.key: model for model in self.models}
        first = self.models[0] if self.models else None
        self.model = known.get(self.model.key, first) if self.model is not None else first
        self.choices_changed.emit()
