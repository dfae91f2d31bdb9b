"""The Second reader page: passes, the blinded reading, the agreement, and the queue of disagreements."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QStackedLayout, QWidget

from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.page import Page
from desktop_app.pages.reading.controller import ReadingController, View
from desktop_app.pages.reading.home_view import HomeView
from desktop_app.pages.reading.queue_view import QueueView
from desktop_app.pages.reading.read_view import ReadView
from desktop_app.pages.reading.results_view import ResultsView
from desktop_app.widgets.empty_state import EmptyState

_FEWEST_LABELS = 2


class ReadingPage(Page):
    """One part of the page at a time, as the controller says."""

    id = "reading"
    title = mark("Readers")
    icon = "eye"

    def __init__(self, controller: ReadingController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        theme = self.theme
        self.home, self.read = HomeView(controller, theme), ReadView(controller, theme)
        self.results, self.queue = ResultsView(controller, theme), QueueView(controller, theme)
        self._views: dict[View, QWidget] = {
            View.HOME: self.home,
            View.READ: self.read,
            View.RESULTS: self.results,
            View.QUEUE: self.queue,
        }
        self._empty = EmptyState(
            theme,
            "eye",
            tr("Nothing to read yet"),
            tr("A second reader needs images and labels to choose from. Import images and label some first."),
            tr("Go to Images"),
            lambda: context.show("images"),
        )
        self._stack = QStackedLayout(self)
        for view in (*self._views.values(), self._empty):
            self._stack.addWidget(view)
        controller.view_changed.connect(self._show)
        controller.passes_changed.connect(self._show)
        self._show()

    def actions_table(self) -> Sequence[Action]:
        """Return the page's actions; the keys of a reading are handled by the page, as labels have their own."""
        controller = self._controller
        return (
            Action("reading.home", mark("Reading passes"), controller.go_home, "eye"),
            Action(
                "reading.agreement",
                mark("See how far readers agree"),
                controller.open_results,
                "evaluate",
                enabled_when=lambda: any(one.read for one in controller.passes),
            ),
        )

    def activated(self, **params: object) -> None:
        """Put the keyboard where the reading is."""
        self._focus()

    def event(self, event: QEvent) -> bool:
        """Keep Ctrl+Z from undoing an edit of the project while somebody reads, who means the last reading."""
        if event.type() is QEvent.Type.ShortcutOverride and self._is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the part that is shown."""
        view = self._controller.view
        taken = self._is_undo(event)
        if taken:
            self._controller.reader.step(-1)
        elif not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            if view is View.READ:
                taken = self.read.take_key(event)
            elif view is View.QUEUE:
                taken = self.queue.take_key(event)
            elif view is View.RESULTS and event.key() == Qt.Key.Key_Escape:
                self._controller.go_home()
                taken = True
        if taken:
            event.accept()
        else:
            super().keyPressEvent(event)

    def _is_undo(self, event: QEvent) -> bool:
        undo = isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Undo)
        return undo and self._controller.view is View.READ

    def _show(self) -> None:
        controller = self._controller
        fewest = 1 if controller.multi else _FEWEST_LABELS
        empty = controller.view is View.HOME and not controller.passes and len(controller.labels) < fewest
        self._stack.setCurrentWidget(self._empty if empty else self._views[controller.view])
        if self.isVisible():
            self._focus()

    def _focus(self) -> None:
        view = self._controller.view
        if view in (View.READ, View.QUEUE):
            self._views[view].setFocus(Qt.FocusReason.OtherFocusReason)
