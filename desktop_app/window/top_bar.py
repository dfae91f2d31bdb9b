"""The top bar: the project, the search and command box, undo, redo and the history, the jobs and the device."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QToolButton

from core.translation import tr
from desktop_app import theme as looks
from desktop_app.actions import Action
from desktop_app.theme import Theme
from desktop_app.widgets.basics import KeyCap, boxed, icon_button, row, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.window.jobs import JobsButton
from desktop_app.workers.task_runner import TaskRunner

_SEARCH_WIDTH_PX = 620
_SIDE_PX = 200


class SearchBox(QPushButton):
    """Looks like a field, opens the palette; shows the query the page works with."""

    def __init__(self, theme: Theme, on_clicked: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName("searchBox")
        self.setAccessibleName(tr("Search or type a command"))
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setMaximumWidth(theme.px(_SEARCH_WIDTH_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: on_clicked())
        glass = QLabel()
        glass.setPixmap(theme.pixmap("search", 14))
        self._query = ElidedLabel("", "mono")
        hint = self._hint = ElidedLabel("", "muted")
        hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(12), 0, theme.px(8), 0)
        layout.setSpacing(theme.px(8))
        for part, stretch in ((glass, 0), (self._query, 0), (hint, 1), (KeyCap("Ctrl K"), 0)):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part, stretch)
        self.show_query("")

    def sizeHint(self) -> QSize:
        """Return the field's size."""
        return QSize(self.maximumWidth(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return how small it may become."""
        return QSize(160, super().sizeHint().height())

    def show_query(self, query: str) -> None:
        """Show the query the page works with; empty for none."""
        self._query.set_full_text(query)
        self._query.setVisible(bool(query))
        # A hint cut short helps nobody: it makes way for a long query.
        room = self._query.fontMetrics().horizontalAdvance(query) < self.maximumWidth() // 2
        self._hint.set_full_text(tr("search, filter or type a command") if room else "")


class ProjectButton(QPushButton):
    """The project's name; opens the menu of projects."""

    def __init__(self, theme: Theme, fill_menu: Callable[[QMenu], object]) -> None:
        super().__init__()
        self.setProperty("kind", "quiet")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.menu_shown = QMenu(self)
        self._fill = fill_menu
        self._name = text("", "project")
        chevron = QLabel()
        chevron.setPixmap(theme.pixmap("chevron-down", 12, "text"))
        layout = self._parts = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(8), 0, theme.px(6), 0)
        layout.setSpacing(theme.px(5))
        for part in (self._name, chevron):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open_menu)

    def sizeHint(self) -> QSize:
        """Return the room its parts want."""
        return self._parts.sizeHint()

    def show_name(self, name: str) -> None:
        """Show a project's name, or the application's where none is open."""
        shown = name or "Coverslip"
        self._name.ensurePolished()
        self._name.setText(self._name.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideMiddle, _SIDE_PX))
        self.setAccessibleName(tr("Project “{name}”: menu", name=name) if name else tr("Project menu"))
        self.setToolTip(name if self._name.text() != shown else "")
        self.updateGeometry()

    def _open_menu(self) -> None:
        self._fill(self.menu_shown)
        self.menu_shown.popup(self.mapToGlobal(self.rect().bottomLeft()))


class TopBar(QFrame):
    """Everything that is always at hand."""

    def __init__(
        self,
        theme: Theme,
        tasks: TaskRunner,
        *,
        on_search: Callable[[], object],
        on_jobs: Callable[[], object],
        undo: Action,
        redo: Action,
        history: Action,
        fill_menu: Callable[[QMenu], object],
    ) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setFixedHeight(theme.px(looks.TOP_BAR_HEIGHT))
        self._theme = theme
        self.project = ProjectButton(theme, fill_menu)
        self.search = SearchBox(theme, on_search)
        self._undo, self._redo, self._history = undo, redo, history
        self.undo_button = icon_button(theme.icon("undo"), "", undo.trigger, size_px=theme.px(16))
        self.redo_button = icon_button(theme.icon("redo"), "", redo.trigger, size_px=theme.px(16))
        self.history_button = icon_button(theme.icon("history"), "", history.trigger, size_px=theme.px(16))
        self.jobs = JobsButton(theme, tasks, on_jobs)
        self.device = text("", "muted")
        self.device.setContentsMargins(theme.px(4), 0, 0, 0)
        layout = QGridLayout(self)
        layout.setContentsMargins(theme.px(7), 0, theme.px(16), 0)
        layout.setHorizontalSpacing(theme.px(12))
        layout.addWidget(boxed(row(self.project, None)), 0, 0)
        layout.addWidget(self.search, 0, 1)
        right = row(
            None, self.undo_button, self.redo_button, self.history_button, self.jobs, self.device, spacing=theme.px(4)
        )
        layout.addWidget(boxed(right), 0, 2)
        # The two sides share what the field leaves, so that it stands in the middle of the window.
        for column, stretch in ((0, 5), (1, 12), (2, 5)):
            layout.setColumnStretch(column, stretch)
        self.show_project("")
        self.refresh()

    def show_project(self, name: str) -> None:
        """Show the project's name, or the application's where none is open."""
        self.project.show_name(name)

    def show_device(self, name: str, tip: str) -> None:
        """Show what computes."""
        self.device.setText(name)
        self.device.setVisible(bool(name))
        self.device.setToolTip(tip)

    def refresh(self) -> None:
        """Name undo, redo and the history anew, and enable them."""
        buttons = (self.undo_button, self.redo_button, self.history_button)
        for action, made in zip((self._undo, self._redo, self._history), buttons, strict=True):
            _name(made, action)


def _name(made: QToolButton, action: Action) -> None:
    made.setEnabled(action.enabled_when())
    made.setToolTip(f"{action.shown_text} ({action.shown_shortcut})")
    made.setAccessibleName(action.shown_text)
