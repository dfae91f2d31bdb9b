"""The window's commands as one table: the menus, the palette, the key sheet and the shortcuts come from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from core.translation import mark, tr
from desktop_app.actions import Action, always
from desktop_app.context import AppContext
from desktop_app.pages.registry import PageSpec
from desktop_app.window.summary import ProjectSummary


class WindowCommands(Protocol):
    """What the window itself can do."""

    context: AppContext
    summary: ProjectSummary
    page_id: str

    def choose_project(self) -> None:
        """Ask for a project and open it."""

    def reveal_project(self) -> None:
        """Show the project's folder in the system's file manager."""

    def open_palette(self) -> None:
        """Open the palette."""

    def open_jobs(self) -> None:
        """Open the list of jobs."""

    def open_keys(self) -> None:
        """Open the sheet of keys."""

    def open_logs(self) -> None:
        """Show the folder of the log files."""

    def focus_search(self) -> None:
        """Put the cursor into the page's search line, or open the palette."""

    def toggle_inspector(self) -> None:
        """Open or close the inspector."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or not."""

    def close(self) -> bool:
        """Close the window."""


def window_actions(window: WindowCommands, pages: tuple[PageSpec, ...]) -> list[Action]:
    """Return the commands that work on every page."""
    context = window.context

    def is_open() -> bool:
        return context.project is not None

    return [
        *_go_actions(context, pages, is_open),
        *_task_actions(window, is_open),
        *_project_actions(window, is_open),
        *_edit_actions(window),
        *_view_actions(window),
    ]


def _go_actions(context: AppContext, pages: tuple[PageSpec, ...], is_open: Callable[[], bool]) -> list[Action]:
    steps = [
        Action(
            f"go.{spec.id}",
            mark("Go to the page"),
            lambda page_id=spec.id: context.show(page_id),  # type: ignore[misc]
            icon=spec.icon,
            shortcut=f"Alt+{number}",
            enabled_when=is_open if spec.needs_project else always,
            label=lambda title=spec.title: tr("Go to {page}", page=tr(title)),  # type: ignore[misc]
        )
        for number, spec in enumerate(pages, 1)
    ]
    history = Action(
        "go.history",
        mark("History of the project"),
        lambda: context.show("history"),
        icon="history",
        shortcut="Ctrl+H",
        enabled_when=is_open,
    )
    sources = Action(
        "go.sources",
        mark("Where the images are"),
        lambda: context.show("sources"),
        icon="folder",
        enabled_when=is_open,
    )
    settings = Action(
        "go.settings", mark("Settings"), lambda: context.show("settings"), icon="settings", shortcut="Ctrl+,"
    )
    return [*steps, history, sources, settings]


def _task_actions(window: WindowCommands, is_open: Callable[[], bool]) -> list[Action]:
    """Return what is done on some page, and looked for by its own name."""
    context = window.context

    def elsewhere(page_id: str) -> Callable[[], bool]:
        """Return whether a project is open on another page: the page itself offers the same there."""
        return lambda: is_open() and window.page_id != page_id

    return [
        Action(
            "go.compare_days",
            mark("Compare two days of the history"),
            lambda: context.show("history", view="compare"),
            icon="split",
            enabled_when=elsewhere("history"),
        ),
        Action(
            "go.check_history",
            mark("Check the history"),
            lambda: context.show("history", view="check"),
            icon="check",
            enabled_when=elsewhere("history"),
        ),
        Action(
            "go.dataset",
            mark("Export the data set…"),
            lambda: context.show("export", section="data"),
            icon="table",
            enabled_when=elsewhere("export"),
        ),
    ]


def _project_actions(window: WindowCommands, is_open: Callable[[], bool]) -> list[Action]:
    context = window.context
    return [
        Action(
            "project.new",
            mark("New project from a folder"),
            lambda: context.show("import", new=True),
            icon="folder-plus",
            shortcut="Ctrl+N",
        ),
        Action("project.open", mark("Open a project"), window.choose_project, icon="folder-open", shortcut="Ctrl+O"),
        Action(
            "project.import",
            mark("Import a folder of images"),
            lambda: context.show("import"),
            icon="download",
            shortcut="Ctrl+Shift+O",
            enabled_when=is_open,
        ),
        Action("project.sample", mark("Try the sample set"), lambda: context.show("start", sample=True), icon="sample"),
        Action(
            "project.reveal",
            mark("Show the project’s folder"),
            window.reveal_project,
            icon="external",
            enabled_when=is_open,
        ),
        Action(
            "project.close",
            mark("Close the project"),
            context.close_project,
            icon="close",
            shortcut="Ctrl+W",
            enabled_when=is_open,
        ),
        Action("project.quit", mark("Quit Coverslip"), window.close, icon="power", shortcut="Ctrl+Q"),
    ]


def _edit_actions(window: WindowCommands) -> list[Action]:
    context, summary = window.context, window.summary
    return [
        Action(
            "edit.undo",
            mark("Undo"),
            context.undo,
            icon="undo",
            shortcut="Ctrl+Z",
            enabled_when=lambda: summary.undo is not None,
            label=summary.undo_text,
        ),
        Action(
            "edit.redo",
            mark("Redo"),
            context.redo,
            icon="redo",
            shortcut="Ctrl+Shift+Z",
            more_shortcuts=("Ctrl+Y",),
            enabled_when=lambda: summary.redo is not None,
            label=summary.redo_text,
        ),
    ]


def _view_actions(window: WindowCommands) -> list[Action]:
    context = window.context

    def use(**changes: object) -> Callable[[], None]:
        return lambda: context.change_settings(**changes)

    return [
        Action("view.palette", mark("Search or type a command"), window.open_palette, icon="search", shortcut="Ctrl+K"),
        Action("view.search", mark("Search the images"), window.focus_search, icon="search", shortcut="/"),
        Action("view.jobs", mark("Show the jobs"), window.open_jobs, icon="jobs", shortcut="Ctrl+J"),
        Action(
            "view.inspector",
            mark("Open or close the inspector"),
            window.toggle_inspector,
            icon="panel-right",
            shortcut="F4",
        ),
        Action("view.full_screen", mark("Fill the screen"), window.toggle_full_screen, icon="eye", shortcut="F11"),
        Action("view.light", mark("Use the light theme"), use(theme="light"), icon="sun"),
        Action("view.dark", mark("Use the dark theme"), use(theme="dark"), icon="moon"),
        Action("view.system_theme", mark("Use the system’s theme"), use(theme="system"), icon="settings"),
        Action("view.english", mark("Speak English"), use(language="en"), icon="language"),
        Action("view.korean", mark("Speak Korean (한국어)"), use(language="ko"), icon="language"),
        Action("help.keys", mark("Show the keys"), window.open_keys, icon="keyboard", shortcut="?"),
        Action("help.logs", mark("Show the log files"), window.open_logs, icon="file"),
    ]
