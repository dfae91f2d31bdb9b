"""Choosing whether an image has one label or any number of them, with what either means."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QRadioButton, QWidget

from core.domain.task import Task
from core.translation import mark, tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.overlay import Overlay, fitting_height

_CHOICES: Final = (
    (
        Task.SINGLE,
        mark("One label per image"),
        mark("Every image is one thing or another: giving it a label takes the other one away."),
    ),
    (
        Task.MULTI,
        mark("Several labels per image"),
        mark(
            "Any number of labels can be true of an image at once, or none. The classifier then answers for each label "
            "by itself."
        ),
    ),
)


class TaskPanel(Overlay):
    """Signals: `chosen` (Task), where it is another than before."""

    chosen = Signal(object)

    def __init__(self, host: QWidget, theme: Theme, task: Task) -> None:
        super().__init__(host, theme, self._middle)
        self._theme, self._before = theme, task
        self._buttons: dict[Task, QRadioButton] = {}
        px = theme.px
        self.body.setContentsMargins(px(18), px(16), px(18), px(16))
        self.body.setSpacing(px(4))
        self.body.addWidget(text(tr("Labels per image"), "subtitle"))
        for choice, title, explanation in _CHOICES:
            made = self._buttons[choice] = QRadioButton(tr(title))
            made.setChecked(choice is task)
            made.setAccessibleDescription(tr(explanation))
            words = text(tr(explanation), "small", wrap=True)
            words.setIndent(px(24))
            self.body.addSpacing(px(6))
            self.body.addWidget(made)
            self.body.addWidget(words)
        self.body.addSpacing(px(8))
        kept = tr("All labels are kept, and it can be undone. Going back to one label needs images that have one each.")
        self.body.addWidget(text(kept, "small", wrap=True))
        self.body.addSpacing(px(8))
        self.use = button(tr("Use"), self._use, kind="primary")
        self.body.addLayout(row(None, button(tr("Cancel"), self.close_panel), self.use))
        self.closed.connect(self.deleteLater)

    def chosen_button(self) -> QRadioButton:
        """Return the button of what is chosen."""
        return next(made for made in self._buttons.values() if made.isChecked())

    def choose(self, task: Task) -> None:
        """Mark one of the choices."""
        self._buttons[task].setChecked(True)

    def _use(self) -> None:
        task = next(task for task, made in self._buttons.items() if made.isChecked())
        self.close_panel()
        if task is not self._before:
            self.chosen.emit(task)

    def _middle(self, room: QRect, panel: QWidget) -> QRect:
        width = min(self._theme.px(400), room.width() - 32)
        height = fitting_height(panel, width)
        return QRect((room.width() - width) // 2, (room.height() - height) // 3, width, height)
