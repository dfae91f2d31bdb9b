"""Which checks are made: a tick for each queue."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QCheckBox, QWidget

from core.quality.kind_words import KIND_NAMES
from core.translation import tr
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.queues import QUEUES, Queue
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, column


class CheckChoice(QWidget):
    """Remembered in the project."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__()
        self._controller = controller
        self.boxes: dict[str, QCheckBox] = {}
        layout = column(SectionTitle(tr("Look for"), theme), spacing=theme.px(2), margins=theme.px(12))
        for queue in QUEUES:
            box = QCheckBox(tr(queue.title))
            box.clicked.connect(partial(self._choose, queue))
            if len(queue.kinds) > 1:
                box.setToolTip(", ".join(tr(KIND_NAMES[kind]) for kind in queue.kinds))
            self.boxes[queue.id] = box
            layout.addWidget(box)
        self.setLayout(layout)
        self.setFocusProxy(self.boxes[QUEUES[0].id])
        controller.checking.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen."""
        chosen = self._controller.checking.kinds
        for queue in QUEUES:
            self.boxes[queue.id].setChecked(not chosen.isdisjoint(queue.kinds))

    def _choose(self, queue: Queue, on: bool) -> None:
        chosen = self._controller.checking.kinds
        self._controller.checking.choose(chosen | set(queue.kinds) if on else chosen - set(queue.kinds))
