"""The Sources page: what is there, what is missing, and finding it again."""

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
from desktop_app.pages.sources.controller import SourcesController
from desktop_app.pages.sources.page import SourcesPage


@pytest.fixture
def images(tmp_path):
    noise = np.random.default_rng(7)
    for number in range(4):
        name = tmp_path / "images" / ("RBC", "WBC")[number % 2] / f"{number}.png"
        name.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (20, 24, 3), np.uint8)).save(name)
    return tmp_path / "images"


@pytest.fixture
def context(qtbot):
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def settle(context, qtbot):
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active)


@pytest.fixture
def controller(context, images, tmp_path, qtbot, settle):
    path = tmp_path / "cells.coverslip"
    with Project.create(path) as project:
        labels, groups = parse_label_rule("folder"), parse_group_rule("none")
        import_source(project, images, labels=labels, groups=groups, progress=Progress())
    made = SourcesController(context)
    made.set_shown(True)
    context.open_project(path)
    qtbot.waitUntil(lambda: made.rows is not None)
    return made


def test_a_source_says_what_and_where_it_is_and_that_all_is_there(controller, images):
    [row] = controller.rows
    assert (row.root, row.kind_words, row.images, row.state_words) == (str(images), "folder", 4, "all there")


def test_what_is_gone_is_counted_and_shown_and_comes_back(controller, context, images, settle):
    lost = images / "RBC" / "0.png"
    pixels = lost.read_bytes()
    lost.unlink()
    controller.check()
    settle()
    assert controller.said == ["3 images are there. 1 is missing."]
    assert controller.rows[0].state_words == "1 image missing"
    shown = []
    context.navigated.connect(lambda page, params: shown.append(params["query"]))
    controller.show_missing()
    assert shown == ["is:any is:missing"]
    lost.write_bytes(pixels)
    controller.check()
    settle()
    assert controller.said == ["4 images are there. 1 came back."]


def test_a_folder_that_moved_is_found_again(controller, images, tmp_path, settle):
    moved = tmp_path / "elsewhere" / "cells"
    moved.parent.mkdir()
    images.rename(moved)
    controller.check()
    settle()
    assert controller.rows[0].state_words == "not found at this place"
    controller.find_in(tmp_path / "elsewhere")
    settle()
    assert controller.said == [f"“{images}” is now “{moved}”.", "4 images are there. 4 came back."]
    assert (controller.rows[0].root, controller.rows[0].missing) == (str(moved), 0)


def test_a_folder_without_them_is_told(controller, images, tmp_path, settle):
    (images / "RBC" / "0.png").unlink()
    other = tmp_path / "other"
    other.mkdir()
    controller.find_in(other)
    settle()
    assert controller.said[0] == "None of the missing images is in this folder."


def test_a_folder_that_is_none_goes_to_the_message_bar(controller, context, tmp_path, settle):
    errors = []
    context.user_error.connect(errors.append)
    controller.find_in(tmp_path / "nowhere")
    settle()
    assert [error.code for error in errors] == ["source_missing"]
    assert controller.job is None


def test_the_page_offers_what_helps(controller, context, images, settle, qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    page = SourcesPage(controller, context)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    layout.addWidget(page)
    window.resize(900, 600)
    window.show()
    settle()
    assert not page.show_missing.isVisible()
    (images / "RBC" / "0.png").unlink()
    page.check.click()
    settle()
    assert page.show_missing.isVisible()
    assert "1 is missing" in page._said.text()
    window.hide()
