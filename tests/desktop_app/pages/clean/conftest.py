import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.domain.findings import CheckRecord, FindingKind, Suspicion
from core.domain.query import SampleQuery
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.settings import Settings
from core.store.edits import set_splits
from core.store.finding_stamps import member_states, stamp
from core.store.findings import record_check, replace_findings
from core.store.labels import labels
from core.store.project import Project, now
from core.store.samples import sample_ids
from desktop_app.context import AppContext
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.page import CleanPage

K = FindingKind
N = 12


@dataclass
class Made:
    """A project on disk: twelve pictures of four slides, half RBC, half WBC, with findings put into it."""

    path: Path

    def find(self, *found: Suspicion, kinds=tuple(FindingKind), **more):
        with Project.open(self.path) as project:
            replace_findings(project, kinds, found)
            record_check(project, CheckRecord(0, now(), 1.5, N, tuple(kinds), "", {}, **more))

    def suspicion(self, kind, *members, score=0.5, suggested=None, **more):
        with Project.open(self.path, read_only=True) as project:
            states = member_states(project.db.read(), members)
            named = {label.name: label.id for label in labels(project)}
        return Suspicion(
            kind,
            str(members[0]),
            members,
            score,
            stamp=stamp(kind, [states[i] for i in members]),
            suggested=named.get(suggested),
            **more,
        )

    def everything(self):
        """Find something of every queue."""
        probabilities = {"probabilities": {"RBC": 0.03, "WBC": 0.97}, "neighbours": [2, 4, 6], "distances": [0.1] * 3}
        self.find(
            self.suspicion(K.LABEL_SUSPECT, 1, score=0.97, p_wrong=0.97, suggested="WBC", evidence=probabilities),
            self.suspicion(K.LABEL_SUSPECT, 3, score=0.9, p_wrong=0.9, suggested="WBC"),
            self.suspicion(K.LABEL_SUSPECT, 5, score=0.8, p_wrong=0.8, suggested="WBC"),
            self.suspicion(K.CONFLICTING_DUPLICATE, 1, 2, score=0.9, suggested="RBC", evidence={"keep": 2}),
            self.suspicion(K.NEAR_DUPLICATE, 3, 5, 7, score=0.8, evidence={"keep": 5}),
            self.suspicion(K.NEAR_DUPLICATE, 2, 4, score=0.5),
            self.suspicion(K.NEAR_DUPLICATE, 6, 8, score=0.4),
            self.suspicion(K.EXACT_DUPLICATE, 9, 11, score=1.0),
            self.suspicion(K.LEAKAGE, 1, 4, 7, score=0.6),
            self.suspicion(K.OUTLIER, 8, evidence={"distance": 0.5, "usual": [0.1, 0.2], "unlike": "all"}),
            self.suspicion(
                K.BLURRY,
                10,
                score=0.7,
                evidence={"value": 0.1, "usual_low": 0.3, "usual_high": 0.6, "measured": "sharpness"},
            ),
            self.suspicion(K.DARK, 12, score=0.9),
            self.suspicion(K.CONFOUND, 1, 2, score=0.97),
            self.suspicion(K.IMBALANCE, 2, evidence={"counts": {"RBC": 6, "WBC": 6}}),
        )


@pytest.fixture(scope="session")
def unchecked(tmp_path_factory):
    """A project that was never checked, made once; who changes it copies it."""
    root, noise = tmp_path_factory.mktemp("clean"), np.random.default_rng(7)
    for number in range(N):
        name = root / "images" / f"{number:02}_{('RBC', 'WBC')[number % 2]}_slide_{number // 3}.png"
        name.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (20, 24, 3), np.uint8)).save(name)
    path = root / "cells.coverslip"
    with Project.create(path) as project:
        label_rule, group_rule = parse_label_rule("pattern:_([RW]BC)_"), parse_group_rule(r"pattern:(slide_\d)")
        import_source(project, root / "images", labels=label_rule, groups=group_rule, progress=Progress())
        ids = sample_ids(project, SampleQuery())
        set_splits(project, ids, (np.arange(N) // 3 % 3 + 1).astype(np.int8), params={})
    assert ids.tolist() == list(range(1, N + 1))
    return path


@pytest.fixture(scope="session")
def checked(unchecked, tmp_path_factory):
    """The same with something found for every queue."""
    path = tmp_path_factory.mktemp("checked") / "cells.coverslip"
    shutil.copytree(unchecked, path)
    Made(path).everything()
    return path


@pytest.fixture
def made(unchecked, tmp_path):
    return Made(shutil.copytree(unchecked, tmp_path / "cells.coverslip"))


@pytest.fixture
def context(qtbot):
    opened = AppContext(Settings(theme="light", clean_map_shown=False))
    yield opened
    opened.close()


@pytest.fixture
def settle(context, qtbot):
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active, timeout=30_000)


@pytest.fixture
def open_controller(context, settle, qtbot):
    """Return what opens the project and waits until its findings are read."""
    controllers = []

    def open_one(path):
        controller = CleanController(context)
        controllers.append(controller)
        context.open_project(path)
        qtbot.waitUntil(lambda: controller.checking.known, timeout=30_000)
        settle()
        return controller

    yield open_one
    for one in controllers:
        one.close()


@pytest.fixture
def controller(checked, tmp_path, open_controller):
    return open_controller(shutil.copytree(checked, tmp_path / "checked.coverslip"))


@pytest.fixture
def show_page(qtbot, context):
    """Return what shows the page of a controller in a window, all of it built unless not asked for."""
    windows = []

    def show(controller, *, whole=True):
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        layout = QHBoxLayout(window)
        layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        shown = CleanPage(controller, context)
        layout.addWidget(shown)
        layout.addWidget(shown.inspector())
        window.resize(1100, 760)
        window.show()
        if whole:
            shown.building.finish()
            qtbot.waitExposed(window)
        return shown

    yield show
    for window in windows:
        window.hide()


@pytest.fixture
def page(show_page, controller):
    return show_page(controller)
