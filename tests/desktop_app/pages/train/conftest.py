from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.settings import Settings
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.train.controller import TrainController
from desktop_app.pages.train.page import TrainPage


@pytest.fixture
def project_path(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "work" / "cells.coverslip"))


@pytest.fixture
def context(qtbot: QtBot, own_home: Path) -> Iterator[AppContext]:
    made = AppContext(Settings(theme="light", device="cpu"))
    yield made
    made.close()


@pytest.fixture
def settle(qtbot: QtBot, context: AppContext) -> Callable[[], None]:
    """Wait until everything asked for has been done and shown."""
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active, timeout=60_000)


@pytest.fixture
def controller(context: AppContext) -> TrainController:
    return TrainController(context)


@pytest.fixture
def page(qtbot: QtBot, controller: TrainController, context: AppContext) -> Iterator[TrainPage]:
    """The page in a window of 1280 px, its inspector beside it."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    made = TrainPage(controller, context)
    layout.addWidget(made, 1)
    layout.addWidget(made.inspector())
    window.resize(1112, 752)
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.hide()


@pytest.fixture
def opened(page: TrainPage, context: AppContext, project_path: Path, settle: Callable[[], None]) -> TrainPage:
    """The page of the project with one finished run."""
    context.set_project(Project.open(project_path))
    settle()
    return page
