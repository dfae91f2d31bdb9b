from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.settings import Settings
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.export.controller import ExportController


@pytest.fixture
def project_path(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "work" / "cells.coverslip"))


@pytest.fixture
def context(qtbot: QtBot) -> Iterator[AppContext]:
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def settle(qtbot: QtBot, context: AppContext) -> Callable[[], None]:
    """Wait until everything asked for has been done and shown."""
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active, timeout=120_000)


@pytest.fixture
def controller(context: AppContext, project_path: Path, settle: Callable[[], None]) -> ExportController:
    made = ExportController(context)
    context.set_project(Project.open(project_path))
    settle()
    return made
