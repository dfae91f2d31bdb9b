"""The Export page: set-up on the left, what the other team receives beside it, its interface in the inspector."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.export.controller import ExportController
from desktop_app.pages.export.inspector import ExportInspector
from desktop_app.pages.export.kit_panel import KitPanel
from desktop_app.pages.export.setup_panel import SetupPanel
from desktop_app.pages.page import Page
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import scrolling
from desktop_app.widgets.empty_state import EmptyState

_SETUP_WIDTH_PX = 308


class ExportPage(Page):
    """Choose, export, prove, hand over."""

    id = "export"
    title = mark("Export")
    icon = "export"

    def __init__(self, controller: ExportController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self._inspector = scrolling(ExportInspector(controller, self.theme), name=tr("Interface of the model"))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._content())
        self._stack.addWidget(
            EmptyState(
                self.theme,
                "export",
                tr("Nothing to export yet"),
                tr("Train a classifier first; then it can be handed to another team, proven to answer alike."),
                tr("Go to Train"),
                lambda: context.show("train"),
            )
        )
        controller.choices_changed.connect(self._show)
        controller.kits_changed.connect(self._show)
        self._show()

    def inspector(self) -> QWidget:
        """Return labels, input, output and quality."""
        return self._inspector

    def activated(self, **params: object) -> None:
        """Look again whether the proposed folder is free; ``run=ID`` chooses that run."""
        run = params.get("run")
        if isinstance(run, int) and run in {known.id for known in self._controller.runs}:
            self._controller.choose_run(run)
        else:
            self._controller.propose_anew()

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
                controller.can_start,
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
        layout.setContentsMargins(margin, margin, theme.px(4), 0)
        layout.setSpacing(theme.px(GRID * 1.5))
        self.setup = SetupPanel(self._controller, theme)
        self.kit = KitPanel(self._controller, theme)
        setup = scrolling(self.setup, name=tr("Settings of the export"))
        setup.setFixedWidth(theme.px(_SETUP_WIDTH_PX))
        layout.addWidget(setup)
        layout.addWidget(scrolling(self.kit, name=tr("What the other team receives")), 1)
        return widget

    def _show(self) -> None:
        controller = self._controller
        self._stack.setCurrentIndex(0 if controller.runs or controller.kits else 1)
