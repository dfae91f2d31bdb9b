"""Sorting copies; it never moves, overwrites or leaves half a file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.inference.results import PredictionTable
from core.inference.sorting import SortMode, SortReport, folder_name, sort_into


@pytest.fixture
def table(tmp_path: Path) -> PredictionTable:
    root = tmp_path / "images"
    for path in ("a/cell.png", "b/cell.png", "c.png", "bad.png"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"pixels of {path}")
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.45, 0.55], [np.nan] * 2], np.float32)
    return PredictionTable(
        root, ["a/cell.png", "b/cell.png", "c.png", "bad.png"], ("in/out", "WBC"), probabilities, [None] * 3 + ["cut"]
    )


def tree(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


SORTED = {
    "in_out/cell.png": "pixels of a/cell.png",
    "in_out/cell_2.png": "pixels of b/cell.png",
    "WBC/c.png": "pixels of c.png",
}


@pytest.mark.parametrize("mode", list(SortMode))
def test_each_image_lands_in_the_folder_of_its_label(table, tmp_path, mode):
    before = tree(table.root)
    report = sort_into(table, table.root, tmp_path / "sorted", mode=mode)
    assert report == SortReport(placed=3, present=0, skipped=1)
    assert tree(tmp_path / "sorted") == SORTED
    assert tree(table.root) == before
    assert (tmp_path / "sorted/WBC/c.png").is_symlink() == (mode is SortMode.LINK and os.name != "nt")


@pytest.mark.parametrize("mode", list(SortMode))
def test_doing_it_again_adds_nothing(table, tmp_path, mode):
    sort_into(table, table.root, tmp_path / "sorted", mode=mode)
    again = sort_into(table, table.root, tmp_path / "sorted", mode=mode)
    assert again == SortReport(placed=0, present=3, skipped=1)
    assert tree(tmp_path / "sorted") == SORTED


def test_what_is_there_is_never_overwritten(table, tmp_path):
    (tmp_path / "sorted/WBC").mkdir(parents=True)
    (tmp_path / "sorted/WBC/c.png").write_text("somebody else's")
    sort_into(table, table.root, tmp_path / "sorted")
    found = tree(tmp_path / "sorted")
    assert found["WBC/c.png"] == "somebody else's"
    assert found["WBC/c_2.png"] == "pixels of c.png"


def test_uncertain_images_go_to_a_folder_of_their_own(table, tmp_path):
    sort_into(table, table.root, tmp_path / "sorted", threshold=0.85)
    assert set(tree(tmp_path / "sorted")) == {"in_out/cell.png", "abstain/cell.png", "abstain/c.png"}


def test_a_copy_keeps_the_time_of_its_file(table, tmp_path):
    os.utime(table.root / "c.png", ns=(10**18, 10**18))
    sort_into(table, table.root, tmp_path / "sorted")
    assert (tmp_path / "sorted/WBC/c.png").stat().st_mtime_ns == 10**18


def test_an_image_that_vanished_meanwhile_leaves_nothing_half_done(table, tmp_path):
    (table.root / "c.png").unlink()
    report = sort_into(table, table.root, tmp_path / "sorted")
    assert report == SortReport(placed=2, present=0, skipped=2)
    assert all(path.name.startswith("cell") for path in (tmp_path / "sorted").rglob("*.*"))


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_full_disk_leaves_neither_half_a_file_nor_a_new_folder(table, tmp_path):
    import resource
    import signal

    (table.root / "a/cell.png").write_bytes(bytes(100_000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(UserError) as caught:
            sort_into(table, table.root, tmp_path / "new" / "sorted")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert not (tmp_path / "new").exists()
    assert caught.value.code == "disk_full"


def test_sorting_into_the_images_themselves_is_refused(table):
    for target in (table.root, table.root / "sorted"):
        with pytest.raises(UserError) as caught:
            sort_into(table, table.root, target)
        assert caught.value.code == "sort_inside_source"
    assert not (table.root / "sorted").exists()


def test_labels_that_differ_only_in_letter_case_get_folders_of_their_own(tmp_path):
    (tmp_path / "images").mkdir()
    for name in ("x.png", "y.png"):
        (tmp_path / "images" / name).write_text(name)
    probabilities = np.array([[0.9, 0.1], [0.1, 0.9]], np.float32)
    table = PredictionTable(tmp_path / "images", ["x.png", "y.png"], ("Cell", "cell"), probabilities, [None, None])
    sort_into(table, table.root, tmp_path / "sorted")
    assert set(tree(tmp_path / "sorted")) == {"Cell/x.png", "cell_2/y.png"}


@given(st.text(min_size=1, max_size=80))
def test_every_label_has_a_folder_that_every_system_accepts(label):
    name = folder_name(label)
    assert name
    assert not set(name) & set('<>:"/\\|?*\0')
    assert name.strip(" .") == name
    assert name.lower() not in {"con", "nul", "com1", ".", ".."}
