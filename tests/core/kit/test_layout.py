"""A folder that carries its final name is complete, and nothing else is ever replaced."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.errors import UserError
from core.kit import layout


def fill(folder: Path, text: str = "") -> None:
    (folder / "golden").mkdir(parents=True, exist_ok=True)
    for name in layout.REQUIRED:
        (folder / name).write_text(text)


def code_of(directory: Path, *, overwrite: bool = False) -> str:
    with pytest.raises(UserError) as caught, layout.staged_directory(directory, overwrite=overwrite):
        pytest.fail("the folder was begun")
    return caught.value.code


def test_the_folder_appears_with_all_its_files_or_not_at_all(tmp_path):
    target = tmp_path / "kit"
    with layout.staged_directory(target) as staging:
        fill(staging)
        assert not target.exists()
        assert staging.parent == target.parent
    layout.check_complete(target)
    assert [path.name for path in tmp_path.iterdir()] == ["kit"]


def test_whatever_is_raised_leaves_nothing_behind(tmp_path):
    with pytest.raises(KeyboardInterrupt), layout.staged_directory(tmp_path / "kit") as staging:
        fill(staging)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_a_good_target(tmp_path):
    target = tmp_path / "kit"
    target.mkdir()
    with layout.staged_directory(target) as staging:
        fill(staging)
    layout.check_complete(target)


def test_a_folder_with_anything_in_it_is_not_touched(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert code_of(tmp_path) == "export_target_exists"
    assert code_of(tmp_path, overwrite=True) == "export_target_exists"
    assert code_of(tmp_path / "thesis.txt", overwrite=True) == "export_target_exists"
    assert code_of(tmp_path / "nowhere" / "kit") == "export_parent_missing"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_kit_is_replaced_only_when_asked(tmp_path):
    target = tmp_path / "kit"
    fill(target, "old")
    assert code_of(target) == "export_kit_exists"
    with layout.staged_directory(target, overwrite=True) as staging:
        fill(staging, "new")
    assert (target / layout.MODEL).read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["kit"]


def test_a_failed_replacement_leaves_the_old_kit(tmp_path):
    target = tmp_path / "kit"
    fill(target, "old")
    with pytest.raises(ValueError), layout.staged_directory(target, overwrite=True) as staging:
        fill(staging, "new")
        raise ValueError
    assert (target / layout.MODEL).read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["kit"]


def test_what_somebody_put_there_meanwhile_is_not_replaced(tmp_path):
    target = tmp_path / "kit"
    with pytest.raises(UserError) as caught, layout.staged_directory(target) as staging:
        fill(staging)
        target.mkdir()
        (target / "thesis.txt").write_text("years of work")
    assert caught.value.code == "export_target_exists"
    assert (target / "thesis.txt").read_text() == "years of work"


def test_what_a_killed_export_left_is_removed_by_the_next_but_not_one_at_work(tmp_path):
    for name, age_s in ((".kit.0badcafe.partial", 10**6), (".kit.12345678.partial", 60)):
        fill(tmp_path / name)
        os.utime(tmp_path / name, (time.time() - age_s,) * 2)
    with layout.staged_directory(tmp_path / "kit") as staging:
        fill(staging)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".kit.12345678.partial", "kit"]


def test_an_incomplete_kit_is_told_with_what_it_lacks(tmp_path):
    target = tmp_path / "kit"
    fill(target)
    (target / layout.LABELS).unlink()
    (target / layout.PROOF).unlink()
    with pytest.raises(UserError, match=r"labels.txt, proof.json") as caught:
        layout.check_complete(target)
    assert caught.value.code == "kit_incomplete"


def test_a_folder_that_is_no_kit_and_no_folder_at_all_are_told_apart(tmp_path):
    for path, code in ((tmp_path, "kit_not_one"), (tmp_path / "nowhere", "kit_missing")):
        with pytest.raises(UserError) as caught:
            layout.check_complete(path)
        assert caught.value.code == code


def test_every_file_is_in_the_digests(tmp_path):
    fill(tmp_path, "x")
    (tmp_path / layout.LABELS).write_text("other")
    found = layout.digests(tmp_path)
    assert set(found) == set(layout.REQUIRED)
    assert found[layout.MODEL] == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert found[layout.LABELS] != found[layout.MODEL]
