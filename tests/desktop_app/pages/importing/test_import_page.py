from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.domain.query import SampleQuery
from core.domain.query_line import parse_query
from core.domain.task import Task
from core.ingest.importer import import_source
from core.ingest.preview import Preview
from core.progress import Progress
from core.store.project import Project
from core.store.samples import counts, sample_ids
from core.store.task import project_task
from desktop_app.main_window import MainWindow
from desktop_app.pages.importing.controller import ImportController
from desktop_app.pages.importing.page import ImportPage
from tests.support.pictures import png_bytes


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
    tried(qtbot, controller)


def tried(qtbot: QtBot, controller: ImportController) -> Preview:
    """Wait until the images were tried, and return the preview."""
    qtbot.waitUntil(lambda: controller.seen is not None and (bool(controller.seen.error) or _is_tried(controller)))
    assert controller.seen is not None
    assert controller.seen.preview is not None, controller.seen.error
    return controller.seen.preview


def _is_tried(controller: ImportController) -> bool:
    told = controller.seen.preview if controller.seen is not None else None
    return told is not None and (told.checked > 0 or told.would_add == 0)


def words(window: MainWindow) -> list[str]:
    return [label.text() for label in window.current_page().findChildren(QLabel) if label.isVisible()]


def buttons(widget: QWidget) -> list[str]:
    return [button.text() for button in widget.findChildren(QPushButton) if button.isVisible()]


def says(qtbot: QtBot, window: MainWindow, part: str) -> str:
    """Wait until a text with this part is on the page, and return it."""
    qtbot.waitUntil(lambda: any(part in said for said in words(window)))
    return next(said for said in words(window) if part in said)


def test_the_preview_shows_what_the_import_will_find(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    show(qtbot, window, controller, folder)
    told = tried(qtbot, controller)
    assert told.labels == {"RBC": 13, "WBC": 12}
    assert (controller.form.group_kind, controller.form.group_pattern) == ("pattern", r"(slide\d+)")
    assert told.group_count == 5
    assert [path for path, _ in told.unreadable] == ["RBC/slide9_0.png"]
    qtbot.waitUntil(lambda: len(controller.pictures) >= 11)
    says(qtbot, window, "RBC/slide9_0.png")


def test_a_pattern_shows_what_it_matches_while_it_is_typed(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    show(qtbot, window, controller, folder)
    controller.enter(label_kind="pattern", label_pattern=r"(?P<group>slide\d)_(?P<label>[01])")
    qtbot.waitUntil(lambda: controller.seen is not None and "label" in controller.seen.matches)
    assert controller.seen is not None
    found = controller.seen.matches["label"]
    assert (found.matched, found.total, len(found.unmatched)) == (17, 25, 8)
    rich = says(qtbot, window, ">slide0</font>")
    accent, good = window.context.theme.tokens.accent, window.context.theme.tokens.good
    assert f'<font color="{good}">slide0</font>' in rich
    assert f'<font color="{accent}">0</font>' in rich
    controller.enter(label_pattern="(slide")
    qtbot.waitUntil(lambda: controller.seen is not None and "(slide" in controller.seen.error)
    assert not controller.can_import


def test_a_column_that_was_guessed_wrongly_is_said(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    rows = [f"{'RBC'}/slide{s}_{c}.png,{'a' if c else 'b'},{'x' if s else 'y'}" for s in range(4) for c in range(3)]
    (folder / "labels.csv").write_text("\n".join(["file,label,stain", *rows]))
    show(qtbot, window, controller, folder)
    told = tried(qtbot, controller)
    assert (told.format, told.labels, told.beside) == ("table", {"a": 8, "b": 4}, 13)
    boxes = {box.accessibleName(): box for box in window.current_page().findChildren(QComboBox)}
    label = boxes["Column: Label"]
    assert label.currentText() == "Recognised: label"
    label.setCurrentIndex(label.findData("stain"))
    label.activated.emit(label.currentIndex())
    qtbot.waitUntil(lambda: _labels(controller) == {"x": 9, "y": 3})
    assert "Add 12 images" in cast(ImportPage, window.current_page()).import_button.text()


def _labels(controller: ImportController) -> dict[str, int]:
    told = controller.seen.preview if controller.seen is not None else None
    return told.labels if told is not None else {}


def test_many_labels_an_image_need_leave_where_the_project_has_one(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    (folder / "labels.csv").write_text("file,labels\nRBC/slide0_0.png,a;b\nRBC/slide0_1.png,a\n")
    show(qtbot, window, controller, folder)
    assert controller.seen is not None
    assert controller.seen.becomes_multi
    project = Project.create(tmp_path / "open")
    window.context.set_project(project)
    Image.new("RGB", (5, 5)).save(tmp_path / "one.png")
    import_source(project, tmp_path / "one.png", progress=Progress())
    show(qtbot, window, controller, folder, new=False)
    assert not controller.can_import
    words = "Let images have several labels"
    qtbot.waitUntil(lambda: words in buttons(window.current_page()))
    next(one for one in window.current_page().findChildren(QPushButton) if one.text() == words).click()
    qtbot.waitUntil(lambda: controller.can_import)
    assert project_task(project) is Task.MULTI


def test_a_folder_chosen_one_level_too_high_is_looked_through(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    (folder.parent / "all").mkdir()
    above = folder.rename(folder.parent / "all" / "images").parent
    show(qtbot, window, controller, above)
    qtbot.waitUntil(lambda: len(_labels(controller)) == 2)
    assert not any("There is one label only" in said for said in words(window))


def test_a_folder_of_one_label_only_is_noticed_in_the_preview(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    shutil.rmtree(folder / "WBC")
    for file in sorted((folder / "RBC").iterdir()):  # names such as slide1_2.png would be labels of pets
        file.rename(file.with_name(file.name.replace("_", "-")))
    show(qtbot, window, controller, folder)
    says(qtbot, window, "There is one label only")


def test_a_folder_becomes_a_project_that_opens_with_its_images(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    show(qtbot, window, controller, folder)
    controller.enter(name="My cells", place=str(tmp_path))
    page = cast(ImportPage, window.current_page())
    qtbot.waitUntil(page.import_button.isEnabled)
    assert page.import_button.accessibleName() == "Add 25 images"
    qtbot.mouseClick(page.import_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.context.project is not None, timeout=15_000)
    project = window.context.project
    assert project is not None
    assert project.root == tmp_path / "My cells.coverslip"
    found = counts(project)
    assert (found.samples, found.unreadable, found.groups) == (25, 1, 4)
    assert window.page_id == "images"
    qtbot.waitUntil(lambda: "25 images added, 1 unreadable" in window.frame.messages.message)
    qtbot.waitUntil(lambda: buttons(window.frame.messages) == ["Show the new images", "Show the unreadable"])


def test_a_folder_joins_the_open_project_and_what_is_known_is_left(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    window.context.set_project(Project.create(tmp_path / "open"))
    page = cast(ImportPage, window.current_page())
    for added, button in ((25, "Add 25 images"), (0, "Look again at 25 known images")):
        show(qtbot, window, controller, folder, new=False)
        qtbot.waitUntil(lambda: controller.can_import)
        page = cast(ImportPage, window.current_page())
        assert page.import_button.accessibleName() == button
        controller.run()
        assert controller.job is not None
        qtbot.waitUntil(lambda: not controller.busy, timeout=15_000)
        assert str(added) in controller.job.summary
        assert controller.outcome is not None
        assert controller.outcome.report.known == 25 - added
        says(qtbot, window, f"{added} images were added.")
    assert window.context.project is not None
    assert len(sample_ids(window.context.project, SampleQuery())) == 25


def test_what_an_import_added_is_one_click_away(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    project = Project.create(tmp_path / "open")
    window.context.set_project(project)
    show(qtbot, window, controller, folder, new=False)
    controller.run()
    qtbot.waitUntil(lambda: controller.outcome is not None, timeout=15_000)
    assert controller.outcome is not None
    shown: list[dict[str, object]] = []
    window.context.navigated.connect(lambda _, params: shown.append(params))
    for (_, go), count in zip(controller.outcome.links(window.context), (25, 1), strict=True):
        go()
        assert len(sample_ids(project, parse_query(str(shown[-1]["query"])))) == count


def test_several_things_dropped_come_one_after_the_other(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    window.context.set_project(Project.create(tmp_path / "open"))
    for name in ("a", "b"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.write(folder / "RBC" / f"slide{int(name == 'b')}_0.png", f"{name}.png")
    window.take_dropped([str(tmp_path / "a.zip"), str(tmp_path / "b.zip")])
    for name in ("a", "b"):
        qtbot.waitUntil(lambda name=name: controller.form.root == tmp_path / f"{name}.zip" and controller.can_import)
        controller.run()
        qtbot.waitUntil(lambda: not controller.busy, timeout=15_000)
    assert window.context.project is not None
    assert counts(window.context.project).samples == 2
    assert not controller.waiting


def test_folders_dropped_side_by_side_are_labels(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    window.take_dropped([str(folder / "RBC"), str(folder / "WBC")])
    assert window.page_id == "import"
    told = tried(qtbot, controller)
    assert set(told.labels) == {"RBC", "WBC"}
    assert controller.form.place == str(folder.parent)


def test_a_single_file_that_is_dropped_is_previewed(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path
):
    window.take_dropped([str(folder / "RBC" / "slide0_0.png")])
    assert tried(qtbot, controller).would_add == 1


def test_copies_of_known_images_are_told_and_left_out_where_that_is_chosen(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    show(qtbot, window, controller, folder)
    tried(qtbot, controller)
    controller.enter(name="cells", place=str(tmp_path))
    tried(qtbot, controller)
    controller.run()
    qtbot.waitUntil(lambda: controller.outcome is not None, timeout=20_000)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "RBC" / "own.png").write_bytes(png_bytes(41, 17))
    show(qtbot, window, controller, copy, new=False)
    told = tried(qtbot, controller)
    assert (told.would_add, told.copies) == (26, 24)
    says(qtbot, window, "24 of the new images are copies")
    skip = next(box for box in window.current_page().findChildren(QCheckBox) if box.text() == "Leave out the copies")
    skip.setChecked(True)
    assert controller.form.skip_copies
    page = cast(ImportPage, window.current_page())
    assert page.import_button.accessibleName() == "Add what is no copy"
    controller.run()
    qtbot.waitUntil(lambda: controller.outcome is not None, timeout=20_000)
    assert controller.outcome is not None
    assert (controller.outcome.report.added, controller.outcome.report.known) == (2, 24)


def test_an_address_waits_until_the_network_is_allowed(qtbot: QtBot, window: MainWindow, controller: ImportController):
    window.take_dropped(["https://localhost:9/cells"])
    assert controller.waits_for_consent
    assert not controller.looking
    says(qtbot, window, "Coverslip uses no network unless")
    controller.allow_network()
    assert window.context.settings.downloads_allowed
    assert not controller.waits_for_consent
    qtbot.waitUntil(lambda: controller.source_error != "", timeout=15_000)


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
    qtbot.waitUntil(lambda: controller.seen is not None and said in controller.seen.error)
    assert not controller.can_import


def test_an_empty_folder_is_told_at_once(
    qtbot: QtBot, window: MainWindow, controller: ImportController, tmp_path: Path
):
    (tmp_path / "empty").mkdir()
    window.context.show("import", new=True, folder=str(tmp_path / "empty"))
    qtbot.waitUntil(lambda: controller.source_error != "")
    assert "empty" in controller.source_text()
    assert not controller.can_import


def test_a_cancelled_import_leaves_no_project(
    qtbot: QtBot, window: MainWindow, controller: ImportController, folder: Path, tmp_path: Path
):
    data = (folder / "RBC" / "slide0_0.png").read_bytes()
    for number in range(400):
        (folder / "RBC" / f"slide8_{number}.png").write_bytes(data)
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
