"""Opening and closing projects, whatever is still at work."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.store.project import Project
from desktop_app.context import AppContext


@pytest.fixture
def context(qtbot: QtBot, own_places: Path) -> Iterator[AppContext]:
    context = AppContext()
    yield context
    context.close_project()
    context.tasks.close()


def test_a_project_is_opened_again_at_once_though_a_job_still_holds_it(
    qtbot: QtBot, context: AppContext, tmp_path: Path
) -> None:
    Project.create(tmp_path / "cells").close()
    path, release, errors = tmp_path / "cells.coverslip", threading.Event(), []
    context.user_error.connect(errors.append)
    context.open_project(path)
    qtbot.waitUntil(lambda: context.project is not None)
    context.tasks.run("reading", lambda _: release.wait(20))
    context.close_project()
    context.open_project(path)
    qtbot.wait(50)
    release.set()
    qtbot.waitUntil(lambda: context.project is not None or bool(errors))
    assert errors == []
