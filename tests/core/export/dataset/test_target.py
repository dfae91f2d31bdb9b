from __future__ import annotations

import filelock
import pytest

from core.export.dataset.target import staged


def test_what_a_killed_export_left_goes_with_the_next_to_the_same_place(tmp_path):
    left, living, other = (tmp_path / name for name in (".set.0a.partial", ".set.0b.partial", ".sets.0c.partial"))
    for folder in (left, living, other):
        (folder / "train").mkdir(parents=True)
        (folder / ".writing").write_bytes(b"")
    foreign = tmp_path / ".set.mine.partial"
    foreign.mkdir()
    with filelock.FileLock(living / ".writing"), staged(tmp_path / "set") as folder:
        (folder / "a.txt").write_text("whole")
    assert not left.exists()
    assert living.exists() and other.exists() and foreign.exists()
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["a.txt"]


def test_an_export_that_is_stopped_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), staged(tmp_path / "set") as folder:
        (folder / "a.txt").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
