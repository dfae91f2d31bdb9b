import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.domain.task import Task
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.settings import Settings
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.page import ImagesPage

LABELS = {"RBC": 6, "WBC": 3}
UNLABELLED = 5


@pytest.fixture
def folder(tmp_path):
    """Fourteen small pictures of two slides: six RBC, three WBC, five at the top without a label; and a broken one."""
    noise = np.random.default_rng(7)
    root = tmp_path / "images"
    number = 0
    for name, count in (*LABELS.items(), ("", UNLABELLED)):
        (root / name).mkdir(parents=True, exist_ok=True)
        for _ in range(count):
            pixels = noise.integers(0, 255, (20, 24, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"slide_{number % 2}_{number:02}.png")
            number += 1
    (root / "slide_0_broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more than this")
    return root


@pytest.fixture
def project_path(tmp_path, folder):
    path = tmp_path / "cells.coverslip"
    with Project.create(path) as project:
        import_source(
            project,
            folder,
            labels=parse_label_rule("folder"),
            groups=parse_group_rule(r"pattern:(slide_\d)_"),
            progress=Progress(),
        )
    return path


@pytest.fixture
def context(qtbot):
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def controller(context, project_path, qtbot):
    made = ImagesController(context)
    context.open_project(project_path)
    qtbot.waitUntil(lambda: len(made.grid) > 0 and made.counts is not None)
    return made


@pytest.fixture
def settle(context, qtbot):
    """Wait until everything asked for has been done and shown."""

    def wait():
        qtbot.waitUntil(lambda: not context.tasks.active)

    return wait


@pytest.fixture
def window(qtbot, controller, context):
    """The page with its inspector beside it."""
    made = QWidget()
    qtbot.addWidget(made)
    layout = QHBoxLayout(made)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    made.page = ImagesPage(controller, context)
    layout.addWidget(made.page, 1)
    inspector = made.page.inspector()
    inspector.setFixedWidth(300)
    layout.addWidget(inspector)
    made.resize(1100, 760)
    made.show()
    made.activateWindow()
    made.page.activated()
    return made


@pytest.fixture
def page(window):
    return window.page


@pytest.fixture
def panel(page):
    return page.label_panel


@pytest.fixture
def press(qtbot, page, settle):
    def key(name, modifiers=Qt.KeyboardModifier.NoModifier, on=None):
        qtbot.keyClick(on or page.grid, getattr(Qt.Key, f"Key_{name}"), modifiers)
        settle()

    return key


@pytest.fixture
def multi(controller, settle):
    controller.editing.set_task(Task.MULTI)
    settle()


@pytest.fixture
def more_labels(controller, settle):
    """The labels RBC, WBC, neutrophil, band, lymphocyte."""
    for name in ("neutrophil", "band", "lymphocyte"):
        controller.editing.add_label(name)
        settle()
