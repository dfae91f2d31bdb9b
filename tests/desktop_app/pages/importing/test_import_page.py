from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from core.domain.query import SampleQuery
from core.store.project import Project
from core.store.samples import counts, sample_ids
from desktop_app.main_window import MainWindow
from desktop_app.pages.importing.controller import ImportController
from desktop_app.pages.importing.page import ImportPage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two labels, four slides, three pictures of each slide and label, and one that is no picture."""
    root = tmp_path / "cells"
    for label in ("RBC", "WBC"):
        (root / label).mkdir(parents=True)
        for slide in range(4):
            for cell in range(3):
                colour = (slide * 50, cell * 80, 255 if label == "RBC" else 0)
                Image.new("RGB", (12, 10), colour).save(root / label / f"slide{slide}_{cell}.png")
    (root / "RBC" / "slide9_0.png").write_bytes(b"no picture")
    return root


@pytest.fixture
def controller(window: MainWindow) -> ImportController:
    return cast(ImportController, window.controllers["import"])


def show(qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, *, new: bool = True) -> None:
    window.context.show("import", new=new, folder=str(folder))
    qtbot.waitUntil(lambda: controller.preview is not None)


def test_the_preview_shows_what_the_import_will_find(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    show(qtbot, window, controller, folder)
    assert controller.preview is not None
    assert controller.preview.labels == {"RBC": 13, "WBC": 12}
    assert (controller.form.group_kind, controller.form.group_pattern) == ("pattern", r"(slide\d+)")
    assert controller.preview.groups == 5
    row = controller.preview.rows[0]
    assert row.group == "slide0"
    assert row.span is not None
    assert row.name[slice(*row.span)] == "slide0"


def test_a_folder_chosen_one_level_too_high_is_noticed_in_the_preview(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    (folder.parent / "all").mkdir()
    above = folder.rename(folder.parent / "all" / "images").parent
    show(qtbot, window, controller, above)
    told = [label.text() for label in window.current_page().findChildren(QLabel)]
    assert any("There is one label only" in words for words in told)
    assert "label" in told
    show(qtbot, window, controller, above / "images")
    qtbot.waitUntil(lambda: controller.preview is not None and len(controller.preview.labels) == 2)
    told = [label.text() for label in window.current_page().findChildren(QLabel) if label.isVisible()]
    assert not any("There is one label only" in words for words in told)


def test_a_folder_becomes_a_project_that_opens_with_its_images(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    show(qtbot, window, controller, folder)
    controller.enter(name="My cells", place=str(tmp_path))
    page = cast(ImportPage, window.current_page())
    qtbot.waitUntil(page.import_button.isEnabled)
    assert page.import_button.accessibleName() == "Import 25 images"
    qtbot.mouseClick(page.import_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.context.project is not None, timeout=15_000)
    project = window.context.project
    assert project is not None
    assert project.root == tmp_path / "My cells.coverslip"
    found = counts(project)
    assert (found.samples, found.unreadable, found.groups) == (25, 1, 4)
    assert window.page_id == "images"
    qtbot.waitUntil(lambda: "25 images added, 1 unreadable" in window.frame.messages.message)


def test_a_folder_joins_the_open_project_and_what_is_known_is_left(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    window.context.set_project(Project.create(tmp_path / "open"))
    for added, known in ((25, 0), (0, 25)):
        show(qtbot, window, controller, folder, new=False)
        qtbot.waitUntil(lambda: controller.can_import)
        controller.run()
        assert controller.job is not None
        qtbot.waitUntil(lambda: controller.job is not None and controller.job.has_ended, timeout=15_000)
        assert str(added) in controller.job.summary
        assert not known or f"{known} known already" in controller.job.summary
    assert window.context.project is not None
    assert len(sample_ids(window.context.project, SampleQuery())) == 25


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({"group_pattern": "(slide"}, "(slide"),
        ({"group_pattern": r"(patient\d+)"}, "patient"),
        ({"label_kind": "csv", "table": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_a_rule_that_does_not_apply_says_why_and_nothing_is_imported(
    qtbot: QtBot,
    window: MainWindow,
    controller: ImportController,
    folder: Path,
    entered: dict[str, str],
    said: str,
):
    show(qtbot, window, controller, folder)
    controller.enter(**entered)
    qtbot.waitUntil(lambda: controller.preview is not None and said in controller.preview.error)
    assert not controller.can_import


def test_an_empty_folder_is_told_at_once(
    qtbot: QtBot, window: MainWindow, controller: ImportController, tmp_path: Path
):
    (tmp_path / "empty").mkdir()
    window.context.show("import", new=True, folder=str(tmp_path / "empty"))
    qtbot.waitUntil(lambda: controller.folder_error != "")
    assert "empty" in controller.count_text()
    assert not controller.can_import


def test_a_cancelled_import_leaves_no_project(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    show(qtbot, window, controller, folder)
    controller.enter(name="stopped", place=str(tmp_path / "projects"))
    (tmp_path / "projects").mkdir()
    qtbot.waitUntil(lambda: controller.can_import)
    controller.run()
    assert controller.job is not None
    controller.job.cancel()
    qtbot.waitUntil(lambda: controller.job is not None and controller.job.has_ended)
    assert list((tmp_path / "projects").iterdir()) == []


def test_the_form_survives_a_change_of_theme(qtbot: QtBot, open_window: Callable[..., MainWindow], folder: Path):
    window = open_window()
    controller = cast(ImportController, window.controllers["import"])
    show(qtbot, window, controller, folder)
    controller.enter(name="Kept", group_pattern=r"(slide\d)")
    window.context.change_settings(theme="dark")
    page = cast(ImportPage, window.current_page())
    assert controller.form.name == "Kept"
    lines = {line.accessibleName(): line.text() for line in page.findChildren(QLineEdit)}
    assert lines["Name of the project"] == "Kept"
    assert lines["Pattern of the group"] == r"(slide\d)"
