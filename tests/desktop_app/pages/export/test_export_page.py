from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.inference.verify import verify_kit
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.export.command_line import CommandLine
from desktop_app.pages.export.controller import ExportController
from desktop_app.pages.export.page import ExportPage
from desktop_app.pages.predict.controller import PredictController

LEFT = Qt.MouseButton.LeftButton
Settle = Callable[[], None]


def show(qtbot: QtBot, controller: ExportController, context: AppContext) -> tuple[QWidget, ExportPage]:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    page = ExportPage(controller, context)
    layout.addWidget(page, 1)
    layout.addWidget(page.inspector())
    window.resize(1100, 700)
    window.show()
    qtbot.waitExposed(window)
    return window, page


@pytest.fixture
def page(qtbot: QtBot, controller: ExportController, context: AppContext) -> Iterator[ExportPage]:
    window, made = show(qtbot, controller, context)
    yield made
    window.hide()


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_without_a_finished_run_the_page_leads_to_training(
    qtbot: QtBot, context: AppContext, tmp_path: Path, settle: Settle
):
    controller = ExportController(context)
    context.set_project(Project.create(tmp_path / "new"))
    settle()
    window, page = show(qtbot, controller, context)
    assert "No model to export yet" in texts(page)
    [button] = [found for found in page.findChildren(QAbstractButton) if found.text() == "Go to Train"]
    with qtbot.waitSignal(context.navigated) as asked:
        qtbot.mouseClick(button, LEFT)
    assert asked.args[0] == "train"
    window.hide()


def test_a_place_beside_the_project_is_proposed_and_one_that_is_taken_is_refused(
    page: ExportPage, controller: ExportController, project_path: Path
):
    assert controller.directory == project_path.parent / "cells-run1"
    (project_path.parent / "cells-run1").mkdir()
    page.activated()
    assert controller.directory == project_path.parent / "cells-run1-2"
    (project_path.parent / "cells-run1" / "notes.txt").write_text("mine")
    controller.choose_directory(str(project_path.parent / "cells-run1"))
    assert not page.setup.start.isEnabled()
    assert "not an empty folder" in texts(page.setup)
    controller.choose_directory(str(project_path.parent / "nowhere" / "kit"))
    assert "does not exist" in texts(page.setup)
    controller.choose_parent(project_path.parent)
    assert page.setup.start.isEnabled()


def test_the_run_is_offered_with_its_score(page: ExportPage):
    assert page.setup.runs.currentText().startswith("Run 1 · macro-F1 ")


def test_exporting_proves_shows_and_remembers_the_kit(
    page: ExportPage, controller: ExportController, context: AppContext, settle: Settle, qtbot: QtBot
):
    target = controller.directory
    assert target is not None
    qtbot.mouseClick(page.setup.start, LEFT)
    assert page.setup.progress.isVisible()
    assert not page.setup.runs.isEnabled()
    settle()
    assert verify_kit(target).ok
    kit = controller.shown_kit()
    assert kit is not None
    assert kit.path == target
    assert kit.ms_per_image is not None
    assert kit.ms_per_image > 0
    shown = texts(page)
    assert "30 of 30 images: same label; largest difference of a probability" in shown
    assert page.kit.table.rowCount() == 1
    assert controller.badge().text == "1"
    assert controller.directory != target
    check_the_rest(page, controller, context, settle, qtbot, target)


def check_the_rest(
    page: ExportPage, controller: ExportController, context: AppContext, settle: Settle, qtbot: QtBot, target: Path
) -> None:
    """Verify again, copy the command, damage the kit, and predict with the run: on the kit that took long to make."""
    qtbot.mouseClick(page.kit.verify, LEFT)
    settle()
    assert "30 of 30 golden samples hold" in texts(page.kit)
    line = page.findChildren(CommandLine)[0]
    qtbot.mouseClick(line.copy, LEFT)
    assert QGuiApplication.clipboard().text() == "coverslip verify cells-run1"
    (target / "labels.txt").write_text("something else\n")
    controller.verify()
    settle()
    assert "is not what was exported" in texts(page.kit)
    predict = PredictController(context)
    assert [model.title.split(" · ")[0] for model in predict.models] == ["Run 1"]
    names = [
        control
        for kind in (QAbstractButton, QComboBox, QLineEdit)
        for control in page.findChildren(kind)
        if control.isVisible() and not control.accessibleName()
    ]
    assert names == []
    predict.close()


def test_a_cancelled_export_leaves_nothing(controller: ExportController, settle: Settle, project_path: Path):
    before = sorted(project_path.parent.iterdir())
    controller.start()
    controller.cancel()
    settle()
    assert controller.job is None
    assert controller.kits == []
    assert sorted(project_path.parent.iterdir()) == before


def test_the_labels_and_the_interface_are_described(
    qtbot: QtBot, controller: ExportController, context: AppContext, built_kit: Path, settle: Settle
):
    from desktop_app.pages.export.kits import remember_kit

    assert context.project is not None
    remember_kit(context.project, built_kit, 2.0)
    context.changed.emit(_runs_changed())
    settle()
    window, page = show(qtbot, controller, context)
    shown = texts(page.inspector())
    for words in ("조각", "uint8", "N × H × W × 3", "N × 3", "temperature 1.3"):
        assert words in shown
    window.hide()


def _runs_changed() -> object:
    from core.domain.changes import Changes

    return Changes(runs=True)
