from __future__ import annotations

import shutil
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image
from pytestqt.qtbot import QtBot

from core.ingest.importer import import_source
from core.ingest.rules import LABELS_BY_FOLDER
from core.progress import Progress
from core.settings import load_settings
from core.store.project import Project
from desktop_app.main_window import MainWindow
from desktop_app.pages.start.controller import StartController
from desktop_app.pages.start.recent import PICTURES, read_recent


def make_project(folder: Path, name: str, images: int) -> Path:
    pictures = folder / f"{name} images"
    pictures.mkdir()
    for i in range(images):
        Image.fromarray(np.full((20, 30, 3), i * 20, np.uint8)).save(pictures / f"{i}.png")
    with Project.create(folder / name) as project:
        import_source(project, pictures, labels=LABELS_BY_FOLDER, progress=Progress())
        return project.root


def test_a_recent_project_is_told_with_its_count_and_pictures(tmp_path: Path):
    read = read_recent(make_project(tmp_path, "Cells", 7), Progress())
    assert (read.name, read.samples, read.missing, read.problem) == ("Cells", 7, False, "")
    assert len(read.pictures) == PICTURES
    assert read.pictures[0].shape == (20, 30, 3)
    assert read.changed_at is not None


def test_reading_it_leaves_the_project_free_for_others(tmp_path: Path):
    path = make_project(tmp_path, "Cells", 1)
    with Project.open(path):
        assert read_recent(path, Progress()).samples == 1


def test_what_is_missing_or_damaged_is_part_of_the_answer(tmp_path: Path):
    assert read_recent(tmp_path / "gone.coverslip", Progress()).missing
    broken = make_project(tmp_path, "Broken", 1)
    (broken / "project.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    assert "Broken" in read_recent(broken, Progress()).problem


def test_a_moved_project_is_located_and_the_old_place_forgotten(qtbot: QtBot, window: MainWindow, tmp_path: Path):
    old = make_project(tmp_path, "Cells", 2)
    controller = cast(StartController, window.controllers["start"])
    window.context.change_settings(recent_projects=(str(old),))
    moved = Path(shutil.move(old, tmp_path / "Moved.coverslip"))
    controller.refresh()
    qtbot.waitUntil(lambda: controller.recents[0].missing)
    controller.relocate(old, moved)
    qtbot.waitUntil(lambda: window.context.project is not None)
    assert load_settings().recent_projects == (str(moved),)


def test_the_sample_set_is_made_split_and_opened_in_one_click(qtbot: QtBot, window: MainWindow, own_places: Path):
    from core.store.samples import counts

    controller = cast(StartController, window.controllers["start"])
    controller.try_sample_set()
    job = controller.sample_job
    assert job is not None
    controller.try_sample_set()
    assert controller.sample_job is job
    qtbot.waitUntil(lambda: window.context.project is not None, timeout=120_000)
    project = window.context.project
    assert project is not None
    found = counts(project)
    assert found.samples >= 800
    assert min(found.splits[split] for split in found.splits if split != "none") > 0
    window.context.close_project()
    # The second time it is there already.
    controller.try_sample_set()
    qtbot.waitUntil(lambda: window.context.project is not None)
    assert [entry.name for entry in (own_places / "data").iterdir() if entry.name.startswith(".")] == []
