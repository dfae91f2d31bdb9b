from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.settings import Settings
from desktop_app.bootstrap import make_window
from desktop_app.context import AppContext
from desktop_app.main_window import MainWindow
from desktop_app.pages.registry import PAGES


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot) -> Iterator[MainWindow]:
    style, font = qapp.styleSheet(), qapp.font()
    steps = tuple(spec for spec in PAGES if spec.id in ("export", "predict"))
    made = make_window(AppContext(Settings(language="en", theme="light")), steps)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    qapp.setStyleSheet(style)
    qapp.setFont(font)


def test_predict_can_be_reached_without_a_project_and_export_cannot(qtbot: QtBot, window: MainWindow):
    assert not window.frame.rail.items["export"].isEnabled()
    qtbot.mouseClick(window.frame.rail.items["predict"], Qt.MouseButton.LeftButton)
    assert window.page_id == "predict"
    window.context.show("export")
    assert window.page_id == "start"


def test_a_kit_and_a_folder_dropped_on_the_window_are_predicted(
    qtbot: QtBot, window: MainWindow, built_kit: Path, folder: Path
):
    window.context.show("predict")
    window.take_dropped([str(built_kit)])
    window.take_dropped([str(folder)])
    controller = window.controllers["predict"]
    qtbot.waitUntil(lambda: controller.results is not None and controller.job is None, timeout=20_000)  # type: ignore[attr-defined]
    assert controller.status().startswith("25 images")


def test_the_theme_switches_with_the_answers_on_the_screen(
    qtbot: QtBot, window: MainWindow, built_kit: Path, folder: Path
):
    window.context.show("predict")
    window.take_dropped([str(built_kit)])
    window.take_dropped([str(folder)])
    controller = window.controllers["predict"]
    qtbot.waitUntil(lambda: controller.results is not None and controller.job is None, timeout=20_000)  # type: ignore[attr-defined]
    window.context.change_settings(theme="dark")
    assert window.page_id == "predict"
    qtbot.waitUntil(lambda: window.current_page().grid.isVisible())  # type: ignore[attr-defined]
