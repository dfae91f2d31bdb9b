import numpy as np
import pytest
from PIL import Image

from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.settings import Settings
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.images.controller import ImagesController

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
