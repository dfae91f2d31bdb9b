"""The window: the pages, the bars around them, and what holds them together.

The controllers live as long as the window. Everything seen is one `WindowFrame`, which is thrown away and built again
when the theme or the language changes.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, Qt, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
)
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QMenu

from core.errors import UserError
from core.paths import user_log_dir
from core.store.project import SUFFIX
from core.translation import tr
from desktop_app.actions import Action, as_qaction, install
from desktop_app.context import AppContext
from desktop_app.dropped import sources_of
from desktop_app.pages.page import Page, PageController
from desktop_app.pages.registry import BESIDE, IMPORT, SETTINGS, START, PageSpec, available_pages
from desktop_app.style_sheet import apply_to
from desktop_app.window.bug_report import BugReport
from desktop_app.window.commands import window_actions
from desktop_app.window.frame import WindowFrame
from desktop_app.window.jobs import JobsPanel
from desktop_app.window.key_sheet import KeySheet
from desktop_app.window.palette import Palette
from desktop_app.window.rail import Rail
from desktop_app.window.status_bar import StatusBar
from desktop_app.window.summary import ProjectSummary
from desktop_app.window.top_bar import TopBar

MINIMUM_SIZE = (1024, 680)
USUAL_SIZE = (1440, 900)
_SCHEMES = ("https", "s3", "gs", "sftp")


class MainWindow(QMainWindow):
    """The one window of the application.

    Attributes
    ----------
    controllers
        The pages' controllers, by page id; also those of the pages beside the workflow, such as the settings.
    page_id
        The page that is shown.
    """

    frame: WindowFrame
    palette_panel: Palette
    jobs_panel: JobsPanel
    key_sheet: KeySheet

    def __init__(self, context: AppContext, steps: tuple[PageSpec, ...] | None = None) -> None:
        """`steps` are the pages of the rail; all that this build has, unless others are given."""
        super().__init__()
        self.context = context
        self.summary = ProjectSummary(context)
        self.steps = available_pages() if steps is None else steps
        self.specs = {spec.id: spec for spec in (*self.steps, *BESIDE)}
        self.controllers: dict[str, PageController] = {
            name: spec.make_controller(context) for name, spec in self.specs.items()
        }
        self.actions_table = window_actions(self, self.steps)
        self.page_id = START.id
        self.device = ("", "")
        self._pages: dict[str, Page] = {}
        self._reports: list[BugReport] = []
        self.setAcceptDrops(True)
        self.setMinimumSize(*MINIMUM_SIZE)
        self._build()
        self._connect()
        self._restore_geometry()

    # -- building

    def _connect(self) -> None:
        context = self.context
        context.project_changed.connect(self._project_changed)
        context.navigated.connect(self.show_page)
        context.theme_changed.connect(self.rebuild)
        context.language_changed.connect(self.rebuild)
        context.message.connect(lambda message: self.frame.messages.say(message))
        context.message_with_links.connect(lambda message, links: self.frame.messages.say(message, links))
        context.user_error.connect(self._show_user_error)
        context.tasks.bug.connect(self.report_bug)
        self.summary.updated.connect(self._show_summary)
        for name, controller in self.controllers.items():
            controller.badge_changed.connect(lambda name=name: self._show_badge(name))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)

    def rebuild(self) -> None:
        """Build everything seen anew, in the theme and the language in use; the page shown stays."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_to(application, self.context.theme)
        self._build()

    def _build(self) -> None:
        theme, context = self.context.theme, self.context
        before = self.centralWidget()
        inspector_wanted = self.frame.inspector.wanted if before is not None else True
        self._pages = {}
        named = {action.id: action for action in self.actions_table}
        top = TopBar(
            theme,
            context.tasks,
            on_search=self.open_palette,
            on_jobs=self.open_jobs,
            undo=named["edit.undo"],
            redo=named["edit.redo"],
            history=named["go.history"],
            fill_menu=self._fill_project_menu,
        )
        rail = Rail(theme, self.steps, SETTINGS, context.show)
        self.frame = WindowFrame(theme, top, rail, StatusBar(theme, context.undo))
        self.frame.inspector.set_wanted(inspector_wanted)
        self.palette_panel = Palette(
            self.frame, theme, self._all_actions, self._search_images, lambda: context.project is not None
        )
        self.jobs_panel = JobsPanel(self.frame, theme, context.tasks, top.jobs)
        self.key_sheet = KeySheet(self.frame, theme)
        install(self.actions_table, self.frame, theme)
        self.setCentralWidget(self.frame)
        self.frame.setFocus()
        self.frame.top.show_device(*self.device)
        self._show_project()
        self.show_page(self.page_id, {})
        for name in self.controllers:
            self._show_badge(name)

    def _page(self, page_id: str) -> Page:
        if page_id not in self._pages:
            page = self.specs[page_id].make_page(self.controllers[page_id], self.context)
            install(page.actions_table(), page, self.context.theme)
            self._pages[page_id] = page
            self.frame.pages.addWidget(page)
        return self._pages[page_id]

    # -- pages

    def show_page(self, page_id: str, params: dict[str, object]) -> None:
        """Show a page; without a project, those that need one lead to the start page."""
        spec = self.specs.get(page_id)
        if spec is None or (self.context.project is None and spec.needs_project):
            page_id, params = START.id, {}
        page = self._page(page_id)
        if page_id != self.page_id:
            self.frame.messages.leave_page()
        self.page_id = page_id
        self.frame.pages.setCurrentWidget(page)
        self.frame.inspector.show_widget(page.inspector())
        self.frame.rail.show_page(page_id)
        self._show_status()
        page.activated(**params)

    def current_page(self) -> Page:
        """Return the page that is shown."""
        return self._page(self.page_id)

    def _show_badge(self, name: str) -> None:
        if name in self.frame.rail.items:
            self.frame.rail.show_badge(name, self.controllers[name].badge())
        if name == self.page_id:
            self._show_status()

    def _show_status(self) -> None:
        controller = self.controllers[self.page_id]
        self.frame.status.show_counts(controller.status() or self.summary.counts_text())
        query = getattr(controller, "line", "")
        self.frame.top.search.show_query(query if isinstance(query, str) else "")

    # -- the project

    def _project_changed(self) -> None:
        self._show_project()
        self.show_page(self.steps[0].id if self.context.project is not None and self.steps else START.id, {})

    def _show_project(self) -> None:
        project = self.context.project
        self.frame.top.show_project(project.name if project is not None else "")
        self.frame.rail.enable_steps(project is not None)
        self.setWindowTitle(f"{project.name} – Coverslip" if project is not None else "Coverslip")
        self._show_summary()

    def _show_summary(self) -> None:
        edit = self.summary.undo
        self.frame.status.show_edit(
            tr("Last edit: {what}", what=self.summary.last_edit_text()) if edit is not None else "",
            self.summary.undo_text() if edit is not None else "",
        )
        self.frame.top.refresh()
        self._show_status()

    def _fill_project_menu(self, menu: QMenu) -> None:
        menu.clear()
        named = {action.id: action for action in self.actions_table}

        def add(*names: str) -> None:
            for name in names:
                made = as_qaction(named[name], menu, self.context.theme)
                made.setEnabled(named[name].enabled_when())
                menu.addAction(made)

        add("project.new", "project.open")
        recent = menu.addMenu(self.context.theme.icon("history"), tr("Recent projects"))
        for path in self.context.settings.recent_projects:
            if self.context.project is None or str(self.context.project.root) != path:
                recent.addAction(Path(path).stem).triggered.connect(
                    lambda _=False, path=path: self.context.open_project(Path(path))
                )
        recent.setEnabled(not recent.isEmpty())
        menu.addSeparator()
        add("project.import", "go.sources", "go.history", "project.reveal", "project.close")
        menu.addSeparator()
        add("project.sample", "help.keys", "project.quit")

    def choose_project(self) -> None:
        """Ask for a project and open it."""
        recent = self.context.settings.recent_projects
        start = str(Path(recent[0]).parent) if recent else ""
        chosen = QFileDialog.getExistingDirectory(
            self, tr("Open a project (a folder named …{suffix})", suffix=SUFFIX), start
        )
        if chosen:
            self.context.open_project(Path(chosen))

    def reveal_project(self) -> None:
        """Show the project's folder in the system's file manager."""
        if self.context.project is not None:
            _reveal(self.context.project.root)

    def open_logs(self) -> None:
        """Show the folder of the log files."""
        _reveal(user_log_dir())

    # -- panels

    def open_palette(self) -> None:
        """Open the palette; close it if it is open."""
        self._toggle(self.palette_panel.isVisible(), self.palette_panel.close_panel, self.palette_panel.open)

    def open_jobs(self) -> None:
        """Open the list of jobs; close it if it is open."""
        self._toggle(self.jobs_panel.isVisible(), self.jobs_panel.close_panel, self.jobs_panel.open)

    def open_keys(self) -> None:
        """Open the sheet of keys; close it if it is open."""
        title = tr(self.specs[self.page_id].title)
        self._toggle(
            self.key_sheet.isVisible(),
            self.key_sheet.close_panel,
            lambda: self.key_sheet.show_actions(self._all_actions(), title, self.current_page().keys_table()),
        )

    def _toggle(self, visible: bool, close: Callable[[], object], show: Callable[[], object]) -> None:
        for panel in (self.palette_panel, self.jobs_panel, self.key_sheet):
            panel.close_panel()
        if not visible:
            show()

    def focus_search(self) -> None:
        """Put the cursor into the page's search line, or open the palette where it has none."""
        if not self.current_page().focus_search():
            self.open_palette()

    def toggle_inspector(self) -> None:
        """Open or close the inspector."""
        self.frame.inspector.set_wanted(not self.frame.inspector.wanted)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or not."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _all_actions(self) -> list[Action]:
        return [*self.current_page().actions_table(), *self.actions_table]

    def _search_images(self, typed: str) -> None:
        self.context.show("images", query=typed)

    # -- what went wrong

    def _show_user_error(self, error: UserError) -> None:
        self.frame.messages.warn(error.message)

    def report_bug(self, error: BaseException) -> None:
        """Show a report of what went wrong in Coverslip itself; one report at a time."""
        self._reports = [report for report in self._reports if report.isVisible()]
        if not self._reports:
            report = BugReport(error, self.context.theme, self)
            self._reports.append(report)
            report.show()

    def show_device(self, name: str, tip: str) -> None:
        """Show what computes, once that is known."""
        self.device = (name, tip)
        self.frame.top.show_device(name, tip)

    # -- the system

    def _system_theme_changed(self) -> None:
        if self.context.settings.theme == "system":
            self.context.apply_theme()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop would do."""
        if _dropped(event.mimeData()):
            event.acceptProposedAction()
            self.frame.drop_hint.say(self.context.project is not None, self.current_page().drop_hint())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the hint away."""
        self.frame.drop_hint.close_panel()

    def dropEvent(self, event: QDropEvent) -> None:
        """Give what was dropped to the page, or open it, or import it."""
        self.frame.drop_hint.close_panel()
        paths = _dropped(event.mimeData())
        event.acceptProposedAction()
        self.take_dropped(paths)

    def take_dropped(self, paths: list[str]) -> None:
        """Open a project, or import what was dropped, unless the page wants the paths itself."""
        if not paths or self.current_page().drop(paths):
            return
        if Path(paths[0]).suffix == SUFFIX:
            self.context.open_project(Path(paths[0]))
        else:
            new = self.context.project is None
            self.context.show(IMPORT.id, sources=sources_of(paths), new=new, beside=new)

    def _restore_geometry(self) -> None:
        saved = self.context.settings.window_geometry
        if not saved or not self.restoreGeometry(QByteArray.fromBase64(saved.encode())):
            screen = self.screen().availableSize()
            self.resize(min(USUAL_SIZE[0], screen.width()), min(USUAL_SIZE[1], screen.height()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the geometry, end everything, and wait for the threads; out of sight, so that it seems quick."""
        geometry = base64.b64encode(self.saveGeometry().data()).decode()
        self.hide()
        self.context.change_settings(window_geometry=geometry)
        for controller in self.controllers.values():
            controller.close()
        self.context.close()
        event.accept()


def _dropped(data: QMimeData) -> list[str]:
    """Return the paths of what is dragged, and the addresses on servers."""
    local = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return local or [url.toString() for url in data.urls() if url.scheme() in _SCHEMES]


def _reveal(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
