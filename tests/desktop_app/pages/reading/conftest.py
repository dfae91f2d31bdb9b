import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.settings import Settings
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.reading.controller import ReadingController
from desktop_app.pages.reading.page import ReadingPage


@pytest.fixture
def project_path(tmp_path):
    """Eight small pictures of four slides, half RBC, half WBC."""
    noise = np.random.default_rng(7)
    for number in range(8):
        name = tmp_path / "images" / ("RBC", "WBC")[number % 2] / f"slide_{number // 2}_{number}.png"
        name.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (20, 24, 3), np.uint8)).save(name)
    path = tmp_path / "cells.coverslip"
    with Project.create(path) as project:
        labels, groups = parse_label_rule("folder"), parse_group_rule(r"pattern:(slide_\d)_")
        import_source(project, tmp_path / "images", labels=labels, groups=groups, progress=Progress())
    return path


@pytest.fixture
def context(qtbot):
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def controller(context, project_path, qtbot):
    made = ReadingController(context)
    context.open_project(project_path)
    qtbot.waitUntil(lambda: len(made.labels) == 2)
    return made


@pytest.fixture
def settle(context, qtbot):
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active)


@pytest.fixture
def page(qtbot, controller, context):
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    made = ReadingPage(controller, context)
    layout.addWidget(made)
    window.resize(1100, 760)
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.hide()
