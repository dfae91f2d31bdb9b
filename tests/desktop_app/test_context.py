"""Opening and closing projects, whatever is still at work."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.domain.changes import Changes
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.workers.task_runner import JobState
from tests.support.read_only import read_only


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


def _add_tag(project: Project, then: str) -> Changes:
    with project.db.write() as connection:
        connection.execute("INSERT INTO tag (name) VALUES ('seen')")
        connection.execute(then)
    return Changes()


def test_an_edit_that_takes_long_is_shown_and_can_be_stopped(qtbot: QtBot, context: AppContext, tmp_path: Path) -> None:
    context.set_project(Project.create(tmp_path / "cells"))
    for_ever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    job = context.edit(lambda project: _add_tag(project, for_ever), title="Changing 2 images")
    assert job is not None
    assert job.quiet
    qtbot.waitUntil(lambda: not job.quiet)
    job.cancel()
    qtbot.waitUntil(lambda: job.has_ended)
    assert job.state is JobState.CANCELLED
    assert [(ended.title, ended.state) for ended in context.tasks.recent] == [("Changing 2 images", JobState.CANCELLED)]
    assert context.project is not None
    assert context.project.db.read().execute("SELECT count(*) FROM tag").fetchone() == (0,)


def test_a_quick_edit_is_not_shown_and_is_made_even_where_the_project_closes_meanwhile(
    qtbot: QtBot, context: AppContext, tmp_path: Path
) -> None:
    project, begun, go = Project.create(tmp_path / "cells"), threading.Event(), threading.Event()
    context.set_project(project)

    def change(project: Project) -> Changes:
        begun.set()
        go.wait(10)
        return _add_tag(project, "SELECT 1")

    job = context.edit(change)
    assert job is not None
    begun.wait(10)
    context.close_project()
    go.set()
    qtbot.waitUntil(lambda: job.has_ended)
    assert context.tasks.recent == []
    qtbot.waitUntil(lambda: not context.tasks.active)
    with Project.open(project.root) as again:
        assert again.db.read().execute("SELECT count(*) FROM tag").fetchone() == (1,)


def test_a_project_that_cannot_be_written_is_opened_to_look_at(
    qtbot: QtBot, context: AppContext, tmp_path: Path
) -> None:
    (tmp_path / "medium").mkdir()
    Project.create(tmp_path / "medium" / "cells").close()
    messages, errors = [], []
    context.message_with_links.connect(lambda message, _: messages.append(message))
    context.user_error.connect(errors.append)
    with read_only(tmp_path / "medium"):
        context.open_project(tmp_path / "medium" / "cells.coverslip")
        qtbot.waitUntil(lambda: context.project is not None)
        assert context.project is not None and context.project.read_only
        assert len(messages) == 1
        assert "change nothing" in messages[0]
        context.edit(lambda project: _add_tag(project, "SELECT 1"))
        qtbot.waitUntil(lambda: bool(errors))
        assert [error.code for error in errors] == ["project_read_only"]
        context.close_project()
        qtbot.waitUntil(lambda: not context.tasks.active)
