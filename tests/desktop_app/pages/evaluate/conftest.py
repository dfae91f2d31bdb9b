from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.domain.samples import Split
from core.settings import Settings
from core.store.project import Project
from core.store.runs import runs
from core.training.judge import judge_run
from desktop_app.context import AppContext
from desktop_app.pages.evaluate.controller import EvaluateController
from desktop_app.pages.evaluate.page import EvaluatePage

WRONG = 2


@pytest.fixture
def project(trained: Path, tmp_path: Path) -> Iterator[Project]:
    """The project with two labels of its validation images put wrong, so that the run disagrees with them."""
    from core.store.edits import set_label

    made = Project.open(Path(shutil.copytree(trained, tmp_path / "work" / "cells.coverslip")))
    judged = judge_run(made, runs(made)[0].id, Split.VAL)
    violet = next(index for index, label in enumerate(judged.labels) if label.name == "violet")
    sure = judged.sample_ids[(judged.y == violet) & (judged.probabilities.argmax(axis=1) == violet)]
    set_label(made, sure[:WRONG].tolist(), "rose")
    yield made
    made.close()


@pytest.fixture
def context(qtbot: QtBot) -> Iterator[AppContext]:
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def settle(qtbot: QtBot, context: AppContext) -> Callable[[], None]:
    """Wait until everything asked for has been done and shown."""
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active, timeout=60_000)


@pytest.fixture
def controller(context: AppContext) -> EvaluateController:
    return EvaluateController(context)


@pytest.fixture
def page(qtbot: QtBot, controller: EvaluateController, context: AppContext) -> Iterator[EvaluatePage]:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    made = EvaluatePage(controller, context)
    layout.addWidget(made)
    window.resize(1100, 760)
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.hide()


@pytest.fixture
def judged_page(
    page: EvaluatePage,
    controller: EvaluateController,
    context: AppContext,
    project: Project,
    settle: Callable[[], None],
) -> EvaluatePage:
    """The page, showing the run's validation images, two of them predicted otherwise than they are labelled."""
    context.set_project(project)
    page.activated()
    controller.choose_split(str(Split.VAL))
    settle()
    assert controller.judged is not None
    return page
