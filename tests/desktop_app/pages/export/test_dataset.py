"""Exporting the data set from the window: which images, as what, where to, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from core.ingest.importer import import_source
from core.progress import Progress
from core.settings import Settings
from core.store.edits import set_excluded
from core.store.labels import add_labels
from core.store.project import Project
from core.store.samples import counts
from desktop_app.context import AppContext
from desktop_app.pages.export.controller import DATA, ExportController
from desktop_app.pages.export.page import ExportPage
from tests.support.datasets import folders

Settle = Callable[[], None]


@pytest.fixture
def context(qtbot: QtBot) -> Iterator[AppContext]:
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def settle(qtbot: QtBot, context: AppContext) -> Settle:
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active, timeout=60_000)


@pytest.fixture
def page(qtbot: QtBot, context: AppContext, tmp_path: Path, settle: Settle) -> Iterator[ExportPage]:
    (tmp_path / "data").mkdir()
    folders(tmp_path / "data")
    project = Project.create(tmp_path / "cells")
    import_source(project, tmp_path / "data", progress=Progress())
    add_labels(project, ["unused"])
    controller = ExportController(context)
    context.set_project(project)
    controller.choose_section(DATA)
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    made = ExportPage(controller, context)
    layout.addWidget(made)
    window.resize(900, 900)
    window.show()
    settle()
    yield made
    window.hide()


def test_the_data_set_is_exported_and_comes_back(qtbot: QtBot, page: ExportPage, settle: Settle, tmp_path: Path):
    panel = page.dataset
    assert panel.isVisible()
    panel._controller.choose_format("hf")
    assert panel.place.text() == str(tmp_path / "cells-hf")
    qtbot.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    settle()
    assert panel.open.isVisible()
    assert "6" in panel._result_words.text()
    assert panel.place.text() == str(tmp_path / "cells-hf-2")
    with Project.create(tmp_path / "back") as back:
        import_source(back, tmp_path / "cells-hf", progress=Progress())
        assert counts(back).labels == {"RBC": 3, "WBC": 3, "unused": 0}


def test_what_the_images_page_shows_can_be_exported(page: ExportPage, context: AppContext, settle: Settle):
    assert not page.dataset.which.isEnabled()
    context.tell_query("label:WBC")
    assert page.dataset.which.isEnabled()
    page.dataset._controller.choose_filtered(True)
    settle()
    assert "3 images: label:WBC" in page.dataset._images_words.text()
    context.tell_query("")
    settle()
    assert page.dataset._images_words.text().startswith("6 images")


def test_excluded_images_are_not_counted(page: ExportPage, context: AppContext, settle: Settle):
    context.edit(lambda project: set_excluded(project, [1, 2], True))
    settle()
    assert page.dataset._images_words.text().startswith("4 images")


def test_formats_that_pack_images_offer_no_links(page: ExportPage):
    page.dataset._controller.choose_files("symlink")
    page.dataset._controller.choose_format("webdataset")
    assert not page.dataset.files.isEnabled()
    assert page.dataset.files.chosen() == "copy"


def test_a_place_in_the_project_or_its_sources_is_refused(page: ExportPage, tmp_path: Path):
    for place in (tmp_path / "data" / "out", tmp_path / "cells.coverslip" / "out"):
        page.dataset._controller.choose_directory(str(place))
        assert not page.dataset.start.isEnabled()
        assert "is inside" in page.dataset._place_words.text()


def test_the_section_that_is_asked_for_is_shown(page: ExportPage):
    page.activated(section="model")
    assert page._controller.section == "model"
    page.activated(section="data")
    assert page._controller.section == DATA
