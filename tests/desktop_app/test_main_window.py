from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.errors import UserError
from core.progress import Progress
from core.settings import load_settings
from core.store.edits import set_label
from core.store.project import Project
from core.translation import current_language, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.main_window import MainWindow
from desktop_app.pages.page import Badge, BadgeState
from desktop_app.pages.registry import available_pages
from desktop_app.theme import DARK, LIGHT
from desktop_app.window.bug_report import BugReport
from tests.support.projects import project_with_rows


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = project_with_rows(tmp_path, [(f"{i}.png", None, None) for i in range(5)], name="Blood smears")
    made.close()
    return made.root


def open_project(qtbot: QtBot, window: MainWindow, path: Path) -> Project:
    with qtbot.waitSignal(window.summary.updated):
        window.context.open_project(path)
    qtbot.waitUntil(lambda: window.summary.counts is not None)
    project = window.context.project
    assert project is not None
    return project


def for_ever(progress: Progress) -> None:
    progress.begin("Counting", 10)
    progress.advance(3)
    while True:
        progress.advance(0)
        threading.Event().wait(0.002)


def test_without_a_project_the_start_page_is_shown_and_the_steps_are_off(window: MainWindow):
    assert window.page_id == "start"
    assert not window.frame.rail.items["images"].isEnabled()
    assert window.frame.rail.items["settings"].isEnabled()


def test_opening_a_project_shows_its_images_and_its_counts(qtbot: QtBot, window: MainWindow, project: Path):
    open_project(qtbot, window, project)
    assert window.page_id == "images"
    assert window.windowTitle() == "Blood smears – Coverslip"
    assert "5 images" in window.summary.counts_text()
    assert load_settings().recent_projects == (str(project),)
    window.context.close_project()
    assert window.page_id == "start"


def test_an_edit_is_named_in_the_bars_and_undone_from_there(qtbot: QtBot, window: MainWindow, project: Path):
    opened = open_project(qtbot, window, project)
    window.context.edit(lambda p: set_label(p, [1, 2], "WBC"))
    qtbot.waitUntil(lambda: window.frame.top.undo_button.isEnabled())
    assert "Undo: label 2 images as WBC" in window.frame.top.undo_button.toolTip()
    window.context.undo()
    qtbot.waitUntil(lambda: window.frame.top.redo_button.isEnabled())
    assert "Redo: label 2 images as WBC" in window.frame.top.redo_button.toolTip()
    assert opened.root == project


def test_a_user_error_shows_in_the_message_bar_until_it_is_closed(window: MainWindow):
    window.context.user_error.emit(UserError("nothing_to_undo"))
    assert window.frame.messages.message == "There is nothing to undo."
    window.frame.messages.hide()
    assert window.frame.messages.message == ""


def test_a_message_stays_for_a_step_to_another_page_but_not_when_it_was_read(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
):
    window.context.user_error.emit(UserError("nothing_to_undo"))
    window.context.show("settings")
    assert window.frame.messages.message == "There is nothing to undo."
    monkeypatch.setattr("desktop_app.window.message_bar._READ_MS", 0)
    window.context.show("settings")
    assert window.frame.messages.message == "There is nothing to undo."
    window.context.show("start")
    assert window.frame.messages.message == ""


def test_a_project_that_cannot_be_opened_says_why(qtbot: QtBot, window: MainWindow, tmp_path: Path):
    with qtbot.waitSignal(window.context.user_error):
        window.context.open_project(tmp_path / "gone.coverslip")
    assert "gone.coverslip" in window.frame.messages.message
    assert window.page_id == "start"


def test_the_palette_finds_an_action_and_does_it(qtbot: QtBot, window: MainWindow):
    qtbot.keyClick(window.frame, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.palette_panel.isVisible()
    qtbot.keyClicks(window.palette_panel.line, "dark")
    assert window.palette_panel.found()[0] == "Use the dark theme"
    qtbot.keyClick(window.palette_panel.line, Qt.Key.Key_Return)
    assert window.context.theme.tokens is DARK


def test_the_palette_finds_what_is_done_on_other_pages(qtbot: QtBot, window: MainWindow, project: Path):
    open_project(qtbot, window, project)
    for words, page_id in (
        ("compare two days", "history"),
        ("check the history", "history"),
    ):
        window.open_palette()
        qtbot.keyClicks(window.palette_panel.line, words)
        qtbot.keyClick(window.palette_panel.line, Qt.Key.Key_Return)
        assert window.page_id == page_id
    actions = {action.id: action for action in window.actions_table}
    assert not actions["go.check_history"].enabled_when()


def test_the_palette_searches_the_images_of_an_open_project(qtbot: QtBot, window: MainWindow, project: Path):
    open_project(qtbot, window, project)
    window.open_palette()
    qtbot.keyClicks(window.palette_panel.line, "label:WBC")
    assert window.palette_panel.found() == ["Search the images for “label:WBC”"]
    qtbot.keyClick(window.palette_panel.line, Qt.Key.Key_Return)
    assert window.current_page().params == {"query": "label:WBC"}


def test_escape_closes_the_palette_and_nothing_fits_nonsense(qtbot: QtBot, window: MainWindow):
    window.open_palette()
    qtbot.keyClicks(window.palette_panel.line, "qqqq")
    assert window.palette_panel.found() == ["No command fits."]
    qtbot.keyClick(window.palette_panel.line, Qt.Key.Key_Return)
    qtbot.keyClick(window.palette_panel.line, Qt.Key.Key_Escape)
    assert not window.palette_panel.isVisible()


def test_the_key_sheet_lists_the_shortcuts(qtbot: QtBot, window: MainWindow):
    qtbot.keyClick(window.frame, Qt.Key.Key_Question)
    shown = {label.text() for label in window.key_sheet.findChildren(QLabel)}
    assert {"Undo", "Ctrl+Z", "Ctrl+K"} <= shown


def test_the_key_sheet_begins_with_what_is_used_most_and_leaves_out_what_is_not_there(qtbot: QtBot, window: MainWindow):
    def never() -> bool:
        return False

    views = [
        Action(f"x.{n}", "Saved view", window.show, shortcut=f"Ctrl+Shift+{n}", enabled_when=never) for n in (1, 2, 3)
    ]

    def shown(actions: list[Action]) -> set[str]:
        window.key_sheet.show_actions(actions, "Images", [("Give a label", "1 … 9")])
        return {label.text() for label in window.key_sheet.findChildren(QLabel)}

    without = shown(views)
    assert {"Give a label", "1 … 9"} <= without
    assert "Saved view" not in without
    views[0] = Action("x.1", "Saved view", window.show, shortcut="Ctrl+Shift+1")
    assert {"Saved view", "Ctrl+Shift+1 … 3"} <= shown(views)


def test_a_job_shows_its_progress_and_can_be_cancelled(qtbot: QtBot, window: MainWindow):
    job = window.context.tasks.run("Embedding", for_ever)
    qtbot.waitUntil(lambda: "30 %" in window.frame.top.jobs.accessibleName())
    window.open_jobs()
    cancel = next(
        button
        for button in window.jobs_panel.findChildren(QAbstractButton)
        if button.accessibleName() == "Cancel: Embedding"
    )
    with qtbot.waitSignal(job.ended):
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "cancelled" in _texts(window.jobs_panel))


def test_a_job_that_ended_says_what_it_did(qtbot: QtBot, window: MainWindow):
    job = window.context.tasks.run("Import", lambda _: 4886, summary=lambda n: f"{n:,} images added")
    with qtbot.waitSignal(job.ended):
        pass
    window.open_jobs()
    assert any("4,886 images added" in text for text in _texts(window.jobs_panel))


def test_settings_switch_the_theme_at_once_and_keep_it(qtbot: QtBot, window: MainWindow, qapp: QApplication):
    window.context.show("settings")
    before = window.frame
    qtbot.mouseClick(_button(window, "Theme: Dark"), Qt.MouseButton.LeftButton)
    assert window.context.theme.tokens is DARK
    assert window.frame is not before
    assert window.page_id == "settings"
    assert DARK.surface in qapp.styleSheet()
    assert load_settings().theme == "dark"
    qtbot.mouseClick(_button(window, "Theme: Light"), Qt.MouseButton.LeftButton)
    assert window.context.theme.tokens is LIGHT


def test_a_job_that_runs_is_called_by_its_name_in_the_new_language(qtbot: QtBot, window: MainWindow):
    go_on = threading.Event()
    job = window.context.tasks.run(lambda: tr("Checking the data set"), lambda _: go_on.wait(20))
    assert job.title == "Checking the data set"
    window.context.change_settings(language="ko")
    assert job.title == tr("Checking the data set") != "Checking the data set"
    assert job.title in window.frame.top.jobs.accessibleName()
    window.context.change_settings(language="en")
    go_on.set()
    qtbot.waitUntil(lambda: job.has_ended)


def test_settings_switch_the_language_at_once(qtbot: QtBot, window: MainWindow):
    window.context.show("settings")
    qtbot.mouseClick(_button(window, "Language: 한국어"), Qt.MouseButton.LeftButton)
    assert current_language() == "ko"
    assert window.frame.rail.items["settings"].text() == tr("Settings")
    assert load_settings().language == "ko"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "취소"
    window.context.change_settings(language="en")
    assert window.frame.rail.items["settings"].text() == "Settings"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"


def test_the_rail_shows_what_the_controllers_say(window: MainWindow):
    controller = window.controllers["images"]
    controller.shown = Badge("4,886", BadgeState.DONE)
    controller.badge_changed.emit()
    assert window.frame.rail.items["images"].accessibleName() == "Images, 4,886, done"


def test_the_inspector_opens_and_closes(qtbot: QtBot, window: MainWindow, project: Path):
    assert not window.frame.inspector.isVisible()
    open_project(qtbot, window, project)
    assert window.frame.inspector.isVisible()
    qtbot.keyClick(window.frame, Qt.Key.Key_F4)
    assert not window.frame.inspector.isVisible()
    window.context.change_settings(theme="dark")
    assert not window.frame.inspector.isVisible()


def test_a_dropped_project_is_opened_and_a_dropped_folder_imported(
    qtbot: QtBot, window: MainWindow, project: Path, tmp_path: Path
):
    images = tmp_path / "cells"
    images.mkdir()
    window.take_dropped([str(images)])
    assert window.page_id == "import"
    window.context.show("start")
    window.take_dropped([str(project)])
    qtbot.waitUntil(lambda: window.context.project is not None)


def test_a_bug_becomes_a_report_to_copy_and_only_one(qtbot: QtBot, window: MainWindow):
    def broken(_: Progress) -> None:
        raise ZeroDivisionError("the very bug")

    for _ in range(2):
        with qtbot.waitSignal(window.context.tasks.bug):
            window.context.tasks.run("divide", broken)
    reports = window.findChildren(BugReport)
    assert len(reports) == 1
    assert "the very bug" in reports[0].report
    reports[0].close()


def test_closing_the_window_leaves_no_thread_and_keeps_the_geometry(
    qtbot: QtBot, open_window: Callable[..., MainWindow], project: Path
):
    before = set(threading.enumerate())
    window = open_window()
    open_project(qtbot, window, project)
    window.context.tasks.run("for ever", for_ever)
    window.resize(1024, 700)
    window.close()
    assert set(threading.enumerate()) <= before
    assert window.controllers["images"].closed
    again = open_window(window_geometry=load_settings().window_geometry)
    assert again.height() == 700
    # The project was released: it opens for writing again.
    Project.open(project).close()


def test_every_control_has_a_name_for_screen_readers(window: MainWindow):
    window.open_palette()
    for page in ("start", "import", "settings"):
        window.context.show(page)
    nameless = [
        widget.metaObject().className()
        for widget in window.findChildren(QWidget)
        if isinstance(widget, QAbstractButton | QLineEdit)
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not widget.objectName().startswith("qt_")
    ]
    assert nameless == []


def test_the_window_fits_a_small_screen(window: MainWindow):
    window.resize(1024, 680)
    for page in ("start", "import", "settings"):
        window.context.show(page)
        assert window.width() <= 1024
        assert window.centralWidget().minimumSizeHint().width() <= 1024


def test_a_project_is_closed_after_its_jobs(qtbot: QtBot, own_places: Path, project: Path):
    context = AppContext()
    context.set_project(Project.open(project))
    ended: list[str] = []

    def read(progress: Progress) -> None:
        try:
            for_ever(progress)
        finally:
            ended.append("job")

    context.tasks.run("read", read)
    context.close_project()
    assert context.project is None
    qtbot.waitUntil(lambda: not context.tasks.active)
    assert ended == ["job"]
    Project.open(project).close()
    context.close()


def _texts(widget: QWidget) -> list[str]:
    return [getattr(label, "full_text", label.text()) for label in widget.findChildren(QLabel)]


def _button(window: MainWindow, name: str) -> QAbstractButton:
    return next(b for b in window.frame.findChildren(QAbstractButton) if b.accessibleName() == name)


class Shown(QObject):
    """Notes every window of its own that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, widget: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(widget, QWidget) and widget.isWindow():
            self.windows.append(f"{type(widget).__name__} {widget.objectName()}")
        return False


def test_no_widget_is_ever_a_window_of_its_own(window: MainWindow, project: Path, qtbot: QtBot):
    """One that is shown before it has a parent flashes up, and takes the keyboard from the window."""
    shown = Shown()
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(shown)
    try:
        open_project(qtbot, window, project)
        for theme in ("light", "dark"):
            window.context.change_settings(theme=theme)  # all pages are built anew
            for spec in available_pages():
                window.context.show(spec.id)
                application.processEvents()
    finally:
        application.removeEventFilter(shown)
    assert shown.windows == []
