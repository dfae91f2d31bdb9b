"""The Export page: set-up on the left, what the other team receives beside it, its interface in the inspector."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.export.controller import DATA, MODEL, ExportController
from desktop_app.pages.export.dataset_inspector import DatasetInspector
from desktop_app.pages.export.dataset_panel import DatasetPanel
from desktop_app.pages.export.inspector import ExportInspector
from desktop_app.pages.export.kit_panel import KitPanel
from desktop_app.pages.export.setup_panel import SetupPanel
from desktop_app.pages.page import Page
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import boxed, row, scrolling
from desktop_app.widgets.chips import ChoiceChips
from desktop_app.widgets.empty_state import EmptyState

_SETUP_WIDTH_PX = 308
_SETUP_MOST_PX = 440


class ExportPage(Page):
    """Choose, export, prove, hand over: a model, or the data set."""

    id = "export"
    title = mark("Export")
    icon = "export"

    def __init__(self, controller: ExportController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self._inspector = QStackedWidget()
        self._inspector.addWidget(scrolling(ExportInspector(controller, self.theme), name=tr("Interface of the model")))
        self._inspector.addWidget(
            scrolling(DatasetInspector(controller.dataset, self.theme), name=tr("What the format holds"))
        )
        self._model = QStackedWidget()
        self._model.addWidget(self._content())
        self._model.addWidget(
            EmptyState(
                self.theme,
                "export",
                tr("No model to export yet"),
                tr("Train a classifier first; then it can be handed to another team, proven to answer alike."),
                tr("Go to Train"),
                lambda: context.show("train"),
            )
        )
        self.dataset = DatasetPanel(controller.dataset, self.theme)
        self._sections = QStackedWidget()
        self._sections.addWidget(self._model)
        self._sections.addWidget(self.dataset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head())
        layout.addWidget(self._sections, 1)
        controller.choices_changed.connect(self._show)
        controller.kits_changed.connect(self._show)
        controller.section_changed.connect(self._show)
        self._show()

    def inspector(self) -> QWidget:
        """Return the model's labels, input, output and quality; or what a data set of the format looks like."""
        return self._inspector

    def activated(self, **params: object) -> None:
        """Look again whether the proposed folder is free; ``run=ID`` chooses that run, ``section`` what is exported."""
        run = params.get("run")
        if isinstance(run, int) and run in {known.id for known in self._controller.runs}:
            self._controller.choose_section(MODEL)
            self._controller.choose_run(run)
        else:
            self._controller.propose_anew()
        if params.get("section") in (MODEL, DATA):
            self._controller.choose_section(str(params["section"]))
        self._controller.dataset.look_again()

    def actions_table(self) -> Sequence[Action]:
        """Return export and verify."""
        controller = self._controller
        return (
            Action(
                "export.start",
                mark("Export and prove"),
                controller.start,
                "export",
                "Ctrl+Return",
                lambda: controller.section == MODEL and controller.can_start(),
            ),
            Action(
                "export.dataset",
                mark("Export the data set"),
                controller.dataset.start,
                "table",
                enabled_when=controller.dataset.can_start,
            ),
            Action(
                "export.verify",
                mark("Verify the kit again"),
                controller.verify,
                "refresh",
                enabled_when=lambda: controller.shown_kit() is not None,
            ),
        )

    def _content(self) -> QWidget:
        widget, theme = QWidget(), self.theme
        layout = QHBoxLayout(widget)
        margin = theme.px(PAGE_MARGIN)
        layout.setContentsMargins(margin, margin, theme.px(10), 0)
        layout.setSpacing(theme.px(GRID * 1.5))
        self.setup = SetupPanel(self._controller, theme)
        self.kit = KitPanel(self._controller, theme)
        setup = scrolling(self.setup, name=tr("Settings of the export"))
        setup.setMinimumWidth(theme.px(_SETUP_WIDTH_PX))
        setup.setMaximumWidth(theme.px(_SETUP_MOST_PX))
        layout.addWidget(setup, 1)
        layout.addWidget(scrolling(self.kit, name=tr("What the other team receives")), 2)
        return widget

    def _head(self) -> QWidget:
        choices = [(MODEL, tr("A model")), (DATA, tr("The data set"))]
        self.sections = ChoiceChips(
            choices, self._controller.section, self._controller.choose_section, name=tr("What is exported")
        )
        head = boxed(row(self.sections, None))
        margin = self.theme.px(PAGE_MARGIN)
        head.setContentsMargins(margin, margin, margin, 0)
        return head

    def _show(self) -> None:
        controller = self._controller
        self._model.setCurrentIndex(0 if controller.runs or controller.kits else 1)
        shown = 0 if controller.section == MODEL else 1
        self._sections.setCurrentIndex(shown)
        self._inspector.setCurrentIndex(shown)
        self.sections.choose(controller.section)
