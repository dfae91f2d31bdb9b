"""Reading the project again after edits: a moment later, one reading at a time, and never less than the last edit."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.workers.rereading import Rereading


@pytest.fixture
def context(qtbot: QtBot, tmp_path: Path) -> Iterator[AppContext]:
    made = AppContext()
    made.set_project(Project.create(tmp_path / "one"))
    yield made
    made.close()


class Reads:
    """Counts the readings; each waits until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.shown: list[str] = []
        self.go = threading.Event()

    def read(self, project: Project) -> str:
        self.begun.append(project.name)
        self.go.wait(10)
        return project.name


@pytest.fixture
def reads() -> Reads:
    return Reads()


@pytest.fixture
def reading(context: AppContext, reads: Reads) -> Rereading[str]:
    return Rereading(context, lambda: "Counting", reads.read, reads.shown.append)


def test_many_edits_before_the_reading_begins_are_one_reading(
    qtbot: QtBot, reading: Rereading[str], reads: Reads
) -> None:
    reads.go.set()
    for _ in range(5):
        reading.ask()
    assert not reads.begun
    qtbot.waitUntil(lambda: reads.shown == ["one"])
    qtbot.wait(150)
    assert reads.begun == ["one"]


def test_an_edit_during_a_reading_is_answered_by_one_more(qtbot: QtBot, reading: Rereading[str], reads: Reads) -> None:
    reading.ask()
    qtbot.waitUntil(lambda: len(reads.begun) == 1)
    reading.ask()
    reading.ask()
    reads.go.set()
    qtbot.waitUntil(lambda: reads.shown == ["one", "one"])
    assert len(reads.begun) == 2


def test_another_project_is_read_though_the_one_before_was_about_to_be(
    qtbot: QtBot, context: AppContext, reading: Rereading[str], reads: Reads, tmp_path: Path
) -> None:
    reads.go.set()
    reading.ask()
    context.set_project(Project.create(tmp_path / "two"))
    reading.ask()
    qtbot.waitUntil(lambda: reads.shown == ["two"])
    assert reads.begun == ["two"]
