"""The Predict page: a folder in, a grid of answers out. Widgets only; what they show is in the controller."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from core.images.formats import IMAGE_SUFFIXES
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.page import Page
from desktop_app.pages.predict.controller import PredictController
from desktop_app.pages.predict.inspector import PredictInspector
from desktop_app.pages.predict.model_bar import ModelBar
from desktop_app.pages.predict.part_chips import PartChips
from desktop_app.pages.predict.results import Shown
from desktop_app.pages.predict.threshold_card import ThresholdCard
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import boxed, button, centred, column, row, scrolling
from desktop_app.widgets.card import Card
from desktop_app.widgets.empty_state import EmptyState
from desktop_app.widgets.job_progress import JobProgress
from desktop_app.widgets.loupe import Loupe
from desktop_app.widgets.sample_grid.layout import GAP_PX
from desktop_app.widgets.sample_grid.view import SampleGrid
from desktop_app.widgets.zoom_control import ZoomControl

_PROGRESS_WIDTH_PX = 460


class PredictPage(Page):
    """Model and folder above; then progress, or what was answered."""

    id = "predict"
    title = mark("Predict")
    icon = "predict"

    def __init__(self, controller: PredictController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self._inspector = scrolling(
            PredictInspector(controller, self.theme, self.open_loupe), name=tr("Selected image")
        )
        self._loupe: Loupe | None = None
        self.bar = ModelBar(
            controller,
            self.theme,
            choose_folder=self.choose_folder,
            choose_image=self.choose_image,
            choose_kit=self.choose_kit,
            choose_onnx=self.choose_onnx,
        )
        self.grid = SampleGrid(
            controller.grid, controller.tiles, controller.pictures.thumbnails, self.theme, zoom_px=controller.zoom_px
        )
        self._stack = QStackedLayout()
        self._results, self._working = self._results_area(), self._working_area()
        self._no_run, self._no_model = self._no_model_states()
        self._no_source, self._ready = self._source_states()
        # Built first: a stack without a parent would show its first widget as a window of its own.
        self._build()
        for widget in (self._results, self._working, self._no_run, self._no_model, self._no_source, self._ready):
            self._stack.addWidget(widget)
        self._connect()
        self._refresh()

    def inspector(self) -> QWidget:
        """Return what answered, and the image looked at."""
        return self._inspector

    def actions_table(self) -> Sequence[Action]:
        """Return the page's actions."""
        controller = self._controller
        there = lambda: controller.results is not None  # noqa: E731 - read beside the rows that use it
        return (
            Action("predict.folder", mark("Predict a folder…"), self.choose_folder, "folder-open"),
            Action("predict.image", mark("Predict one image…"), self.choose_image, "image"),
            Action("predict.kit", mark("Use a kit from disk…"), self.choose_kit, "export"),
            Action("predict.onnx", mark("Use an .onnx from disk…"), self.choose_onnx, "file"),
            Action("predict.start", mark("Predict"), controller.start, "play", "Ctrl+Return", controller.can_start),
            Action("predict.save", mark("Save table…"), self.save_table, "table", "Ctrl+S", there),
            Action("predict.sort", mark("Sort into folders…"), self.sort_into, "folder", enabled_when=there),
            Action("predict.all", mark("Show all images"), lambda: controller.show_part(Shown()), "filter", "", there),
        )

    def drop_hint(self) -> str:
        """Say what a drop does here."""
        return tr("Drop a folder to predict its images, or a kit to predict with it")

    def drop(self, paths: Sequence[str]) -> bool:
        """Take a folder, an image or a model that was dropped on the window."""
        return self._controller.take(paths)

    # -- asking

    def choose_folder(self) -> None:
        """Ask for a folder of images and predict it."""
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder of images"), self._start_place())
        if chosen:
            self._controller.choose_source(Path(chosen))

    def choose_image(self) -> None:
        """Ask for one image and predict it."""
        kinds = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Image"), self._start_place(), f"{tr('Images')} ({kinds})")
        if chosen:
            self._controller.choose_source(Path(chosen))

    def choose_kit(self) -> None:
        """Ask for a kit to use."""
        chosen = QFileDialog.getExistingDirectory(self, tr("Kit: a folder that Coverslip exported"))
        if chosen:
            self._controller.add_model_file(Path(chosen))

    def choose_onnx(self) -> None:
        """Ask for an `.onnx` to use."""
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Model"), "", tr("ONNX models") + " (*.onnx)")
        if chosen:
            self._controller.add_model_file(Path(chosen))

    def save_table(self) -> None:
        """Ask where to, and write the answers as a table."""
        source = self._controller.source
        proposed = str(source.parent / f"{source.stem} predictions.csv") if source is not None else "predictions.csv"
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Save table"), proposed, tr("Tables") + " (*.csv *.xlsx *.parquet)"
        )
        if chosen:
            path = Path(chosen)
            self._controller.save_table(path if path.suffix else path.with_suffix(".csv"))

    def sort_into(self) -> None:
        """Ask where to, and copy the images into a folder for each answer."""
        chosen = QFileDialog.getExistingDirectory(self, tr("Where to copy the sorted images"))
        if chosen:
            self._controller.sort_into(Path(chosen))

    def _start_place(self) -> str:
        source = self._controller.source
        return str(source.parent) if source is not None else ""

    def _add_to_project(self) -> None:
        results = self._controller.results
        if results is not None:
            self.context.show("import", folder=str(results.table.root))

    # -- building

    def _build(self) -> None:
        margin = self.theme.px(PAGE_MARGIN)
        head = QVBoxLayout()
        head.setContentsMargins(margin, margin - 4, margin, 0)
        head.addWidget(self.bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.px(GRID))
        layout.addLayout(head)
        layout.addLayout(self._stack, 1)

    def _results_area(self) -> QWidget:
        margin, controller = self.theme.px(PAGE_MARGIN), self._controller
        self.threshold = ThresholdCard(
            controller, self.theme, save=self.save_table, sort=self.sort_into, add=self._add_to_project
        )
        self.chips = PartChips(controller, self.theme)
        self.order = self._order_button()
        self.zoom = ZoomControl(self.theme, controller.zoom_px, controller.set_zoom)
        line = row(self.order, self.zoom, spacing=self.theme.px(4))
        line.insertWidget(0, self.chips, 1)
        line.setAlignment(self.order, Qt.AlignmentFlag.AlignTop)
        line.setAlignment(self.zoom, Qt.AlignmentFlag.AlignTop)
        head = column(self.threshold, line, spacing=self.theme.px(GRID))
        head.setContentsMargins(margin, 0, margin, 0)
        body = QVBoxLayout()
        # The grid has half a gap of its own around every tile.
        body.setContentsMargins(margin - GAP_PX // 2, 0, 0, 0)
        body.addWidget(self.grid)
        widget = QWidget()
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.px(4))
        layout.addLayout(head)
        layout.addLayout(body, 1)
        return widget

    def _order_button(self) -> QPushButton:
        controller = self._controller
        return button("", lambda: controller.set_lowest_first(not controller.lowest_first), kind="quiet")

    def _working_area(self) -> QWidget:
        self.progress = JobProgress(self.theme)
        card = Card(self.theme)
        card.add(self.progress)
        inside = column(None, centred(card, self.theme.px(_PROGRESS_WIDTH_PX)), None)
        inside.setContentsMargins(*(self.theme.px(PAGE_MARGIN),) * 4)
        return boxed(inside)

    def _no_model_states(self) -> tuple[QWidget, QWidget]:
        no_run = EmptyState(
            self.theme,
            "predict",
            tr("No model yet"),
            tr("Train a classifier first, or use a kit that was exported from another project."),
            tr("Go to Train"),
            lambda: self.context.show("train"),
            second=tr("Use a kit…"),
            on_second=self.choose_kit,
        )
        no_model = EmptyState(
            self.theme,
            "predict",
            tr("Predict with a kit"),
            tr("No project is open, and none is needed: use a model that was exported from one."),
            tr("Use a kit…"),
            self.choose_kit,
            second=tr("Use an .onnx…"),
            on_second=self.choose_onnx,
        )
        return no_run, no_model

    def _source_states(self) -> tuple[QWidget, QWidget]:
        no_source = EmptyState(
            self.theme,
            "folder-open",
            tr("Drop a folder of images here"),
            tr("Each image gets a label and how sure the model is. Images are only read, never moved or changed."),
            tr("Choose a folder…"),
            self.choose_folder,
            second=tr("One image…"),
            on_second=self.choose_image,
        )
        ready = EmptyState(
            self.theme,
            "predict",
            tr("Ready to predict"),
            tr("The model and the images are chosen."),
            tr("Predict"),
            self._controller.start,
        )
        return no_source, ready

    def _connect(self) -> None:
        controller, grid = self._controller, self.grid
        grid.open_requested.connect(self._open)
        grid.zoom_changed.connect(controller.set_zoom)
        controller.zoom_changed.connect(grid.set_zoom)
        controller.zoom_changed.connect(self.zoom.show_zoom)
        controller.choices_changed.connect(self._refresh)
        controller.job_changed.connect(self._refresh)
        controller.results_changed.connect(self._refresh)
        controller.view_changed.connect(self._view_changed)
        self._view_changed()

    # -- showing

    def _refresh(self) -> None:
        controller = self._controller
        self.progress.show_job(controller.job)
        self.bar.setVisible(controller.model is not None)
        if controller.job is not None:
            shown = self._working
        elif controller.results is not None:
            shown = self._results
        elif controller.model is None:
            shown = self._no_run if self.context.project is not None else self._no_model
        else:
            shown = self._no_source if controller.source is None else self._ready
        self._stack.setCurrentWidget(shown)

    def _view_changed(self) -> None:
        lowest = self._controller.lowest_first
        words = tr("Least sure first") if lowest else tr("Surest first")
        self.order.setText(f"{words} {'↑' if lowest else '↓'}")
        self.order.setAccessibleName(words)
        self.grid.refresh()
        if self._loupe is not None:
            self._loupe.refresh()

    # -- the loupe

    @property
    def loupe(self) -> Loupe | None:
        """The loupe, once it was opened."""
        return self._loupe

    def open_loupe(self) -> None:
        """Look at the current image in full."""
        if self._controller.grid.current_id is None:
            return
        if self._loupe is None:
            controller = self._controller
            self._loupe = Loupe(
                self.window(), controller.grid, controller.tiles, controller.pictures.loupe, self.theme, lambda _: False
            )
            self._loupe.belong_to(self)
            self._loupe.closed.connect(self._loupe_closed)
            self.destroyed.connect(self._loupe.deleteLater)
        self._loupe.open()

    def _open(self, row_index: int) -> None:
        index = self._controller.grid.index_of(row_index)
        if index >= 0:
            self._controller.grid.set_current(index)
            self.open_loupe()

    def _loupe_closed(self) -> None:
        self.grid.setFocus()
        if self._controller.grid.current >= 0:
            self.grid.reveal(self._controller.grid.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space opens the loupe; Esc shows everything again."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.open_loupe()
        elif event.key() == Qt.Key.Key_Escape:
            self._controller.show_part(Shown())
        else:
            super().keyPressEvent(event)
