import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.settings import Settings
from core.store.edits import set_excluded, set_label, set_tag, undo
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.history.controller import HistoryController
from desktop_app.pages.history.page import HistoryPage


@pytest.fixture
def project_path(tmp_path):
    """Eight small pictures, half RBC, half WBC; then five edits, the last of them undone."""
    noise = np.random.default_rng(7)
    for number in range(8):
        name = tmp_path / "images" / ("RBC", "WBC")[number % 2] / f"{number}.png"
        name.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (20, 24, 3), np.uint8)).save(name)
    path = tmp_path / "cells.coverslip"
    with Project.create(path) as project:
        labels, groups = parse_label_rule("folder"), parse_group_rule("none")
        import_source(project, tmp_path / "images", labels=labels, groups=groups, progress=Progress())
        set_label(project, [1, 2, 3], "WBC")
        set_label(project, [3], "Platelets", tool="suggestion")
        set_tag(project, [4], "blurred", True, tool="cli")
        set_excluded(project, [5], True)
        undo(project)
    return path


@pytest.fixture
def context(qtbot):
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def settle(context, qtbot):
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active)


@pytest.fixture
def controller(context, project_path, qtbot, settle):
    made = HistoryController(context)
    made.set_shown(True)
    context.open_project(project_path)
    qtbot.waitUntil(lambda: made.listing is not None)
    settle()
    yield made
    made.pictures.use(None)


@pytest.fixture
def page(qtbot, controller, context, settle):
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    made = HistoryPage(controller, context)
    layout.addWidget(made, 1)
    layout.addWidget(made.inspector())
    window.resize(1300, 760)
    window.show()
    qtbot.waitExposed(window)
    settle()
    yield made
    window.hide()
