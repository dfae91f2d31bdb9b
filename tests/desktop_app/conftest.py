"""A window for the tests of the shell: without the pages of the workflow, with a home of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.settings import Settings
from desktop_app.bootstrap import make_window
from desktop_app.context import AppContext
from desktop_app.main_window import MainWindow
from desktop_app.pages.registry import PageSpec

STEPS = (
    PageSpec("images", "Images", "images", "tests.desktop_app.plain_page", "PlainController", "PlainPage"),
    PageSpec("train", "Train", "train", "tests.desktop_app.plain_page", "PlainController", "PlainPage"),
)


@pytest.fixture
def own_places(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep logs and the sample project in the test's own home too."""
    monkeypatch.setenv("COVERSLIP_LOG_DIR", str(own_home / "log"))
    monkeypatch.setenv("COVERSLIP_DATA_DIR", str(own_home / "data"))
    return own_home


@pytest.fixture
def open_window(qapp: QApplication, qtbot: QtBot, own_places: Path) -> Iterator[Callable[..., MainWindow]]:
    """Return what opens a window with given settings; it is closed at the end."""
    windows: list[MainWindow] = []
    style_before, font_before = qapp.styleSheet(), qapp.font()

    def open_one(**settings: object) -> MainWindow:
        chosen = Settings.model_validate({"language": "en", "theme": "light"} | settings)
        window = make_window(AppContext(chosen), STEPS)
        windows.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield open_one
    for window in windows:
        window.close()
        window.deleteLater()
    qapp.setStyleSheet(style_before)
    qapp.setFont(font_before)


@pytest.fixture
def window(open_window: Callable[..., MainWindow]) -> MainWindow:
    """Return an open window in English, light."""
    return open_window()
