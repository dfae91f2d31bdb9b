"""The Train page: set-up on the left, curves and runs beside it, what they mean in the inspector."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QWidget

from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.page import Page
from desktop_app.pages.train.controller import TrainController
from desktop_app.pages.train.inspector import TrainInspector
from desktop_app.pages.train.run_panel import RunPanel
from desktop_app.pages.train.setup_panel import SetupPanel
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import scrolling
from desktop_app.widgets.empty_state import EmptyState

SETUP_SHARE = 0.42
SETUP_WIDTH_PX = (368, 480)


class TrainPage(Page):
    """Choose, start, watch."""

    id = "train"
    title = mark("Train")
    icon = "train"

    def __init__(self, controller: TrainController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self._inspector = TrainInspector(controller, self.theme)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._content())
        self._stack.addWidget(
            EmptyState(
                self.theme,
                "train",
                tr("Nothing to train on yet"),
                tr("Import images and give at least two labels first; then a classifier can learn them."),
                tr("Go to Images"),
                lambda: context.show("images"),
            )
        )
        controller.runs_changed.connect(self._show)
        self._show()

    def activated(self, **params: object) -> None:
        """With ``soft_labels=True``, set the training to learn from how readers voted."""
        if params.get("soft_labels") is True:
            self._controller.set_values(soft_labels=True)
            self.context.message.emit(
                tr("Training will learn from how readers voted, where an image was read. Start it when you are ready.")
            )

    def inspector(self) -> QWidget:
        """Return what the numbers mean."""
        return self._inspector

    def actions_table(self) -> Sequence[Action]:
        """Return start, pause and stop."""
        controller = self._controller
        return (
            Action(
                "train.start",
                mark("Start training"),
                controller.start,
                "play",
                "Ctrl+Return",
                enabled_when=lambda: not controller.running and controller.can_start(),
            ),
            Action(
                "train.pause",
                mark("Pause training"),
                controller.pause,
                "pause",
                enabled_when=lambda: controller.running,
            ),
            Action(
                "train.stop",
                mark("Stop training, keep the best"),
                controller.stop,
                "stop",
                enabled_when=lambda: controller.running,
            ),
        )

    def _content(self) -> QWidget:
        widget, theme = QWidget(), self.theme
        layout = QHBoxLayout(widget)
        layout.setContentsMargins(*(theme.px(PAGE_MARGIN),) * 4)
        layout.setSpacing(theme.px(GRID * 1.5))
        self._setup = scrolling(SetupPanel(self._controller, theme), name=tr("Settings of the training"))
        layout.addWidget(self._setup)
        layout.addWidget(RunPanel(self._controller, theme), 1)
        return widget

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the curves their room in a small window, and use that of a large one."""
        least, most = map(self.theme.px, SETUP_WIDTH_PX)
        self._setup.setFixedWidth(min(most, max(least, round(SETUP_SHARE * self.width()))))
        super().resizeEvent(event)

    def _show(self) -> None:
        self._stack.setCurrentIndex(0 if self._controller.data.counts and self._controller.data.counts.samples else 1)
