"""A real full disk: a file system of a few megabytes, filled up. Needs the right to mount one."""

import subprocess

import pytest

from core.errors import UserError
from core.paths import atomic_write
from core.store.edits import set_label
from core.store.labels import labels
from core.store.ledger import history
from core.store.project import Project
from core.store.samples import counts
from tests.support.projects import project_with_rows


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk):
    with (disk / "filler").open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(4096))


def says_full(action):
    with pytest.raises(UserError) as caught:
        action()
    assert caught.value.code == "disk_full"


def test_an_edit_on_a_full_disk_changes_nothing_and_says_so(small_disk):
    with project_with_rows(small_disk, [(f"{i}.png", "RBC", None) for i in range(2000)]) as project:
        fill(small_disk)
        says_full(lambda: set_label(project, range(1, 2001), "WBC"))
        assert counts(project).labels == {"RBC": 2000}
        assert history(project) == []
        assert [label.name for label in labels(project)] == ["RBC"]
    with Project.open(small_disk / "cells") as project:
        assert counts(project).labels == {"RBC": 2000}


def test_a_project_that_has_no_room_is_not_made(small_disk):
    fill(small_disk)
    says_full(lambda: Project.create(small_disk / "new"))
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_a_file_that_has_no_room_leaves_the_old_one(small_disk):
    target = small_disk / "table.csv"
    target.write_text("old")
    fill(small_disk)

    def write():
        with atomic_write(target) as part:
            part.write_bytes(bytes(100_000))

    says_full(write)
    assert target.read_text() == "old"
    assert sorted(path.name for path in small_disk.iterdir()) == ["filler", "table.csv"]


def test_a_closed_project_on_a_full_disk_can_still_be_read(small_disk):
    project_with_rows(small_disk, [(f"{i}.png", "RBC", None) for i in range(50)]).close()
    fill(small_disk)
    with Project.open(small_disk / "cells", read_only=True) as project:
        assert counts(project).labels == {"RBC": 50}
    says_full(lambda: Project.open(small_disk / "cells"))
