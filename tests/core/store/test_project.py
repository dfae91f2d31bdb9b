import shutil
import sqlite3
import subprocess
import sys

import pytest

from core.domain.runs import RunState
from core.errors import UserError
from core.store.migrations import FORMAT
from core.store.project import Project, read_meta, write_meta
from core.store.runs import create_run, get_run


def test_a_new_project_is_one_folder_with_its_suffix(tmp_path):
    with Project.create(tmp_path / "blood smears") as project:
        assert project.root == tmp_path / "blood smears.coverslip"
        assert project.name == "blood smears"
    assert [path.name for path in tmp_path.iterdir()] == ["blood smears.coverslip"]


def test_a_project_opens_by_its_name_with_or_without_the_suffix(tmp_path):
    Project.create(tmp_path / "a").close()
    for name in ("a", "a.coverslip"):
        Project.open(tmp_path / name).close()


def refused(code, action, *args, **kwargs):
    with pytest.raises(UserError) as caught:
        action(*args, **kwargs)
    assert caught.value.code == code
    assert str(caught.value)


def test_what_is_in_the_way_is_never_overwritten(tmp_path):
    (tmp_path / "a.coverslip").mkdir()
    (tmp_path / "a.coverslip" / "notes.txt").write_text("mine")
    refused("project_exists", Project.create, tmp_path / "a")
    assert (tmp_path / "a.coverslip" / "notes.txt").read_text() == "mine"


def test_a_project_needs_a_folder_to_stand_in(tmp_path):
    refused("project_parent_missing", Project.create, tmp_path / "nowhere" / "a")
    assert not (tmp_path / "nowhere").exists()


def test_a_missing_project_is_named(tmp_path):
    refused("project_missing", Project.open, tmp_path / "none")


def test_a_project_is_open_for_writing_only_once(tmp_path):
    with Project.create(tmp_path / "a"):
        refused("project_in_use", Project.open, tmp_path / "a")
        Project.open(tmp_path / "a", read_only=True).close()
    Project.open(tmp_path / "a").close()


def test_a_killed_process_leaves_no_lock_behind(tmp_path):
    Project.create(tmp_path / "a").close()
    code = (
        f"from pathlib import Path; from core.store.project import Project; import os, signal;"
        f"p = Project.open(Path({str(tmp_path / 'a')!r})); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    Project.open(tmp_path / "a").close()


def test_a_project_of_a_newer_version_is_left_alone(tmp_path):
    Project.create(tmp_path / "a").close()
    path = tmp_path / "a.coverslip" / "project.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    before = path.read_bytes()
    refused("project_newer", Project.open, tmp_path / "a")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_damaged_database_is_reported_and_left_alone(tmp_path, content):
    Project.create(tmp_path / "a").close()
    path = tmp_path / "a.coverslip" / "project.db"
    path.write_bytes(content)
    refused("project_damaged", Project.open, tmp_path / "a")
    assert path.read_bytes() == content


def test_a_run_that_was_running_when_its_process_died_is_interrupted(tmp_path):
    with Project.create(tmp_path / "a") as project:
        run = create_run(project, "efficientnet_lite0", "{}")
        assert run.state is RunState.RUNNING
    with Project.open(tmp_path / "a") as project:
        assert get_run(project, run.id).state is RunState.INTERRUPTED


def test_a_project_moved_elsewhere_still_opens(tmp_path):
    with Project.create(tmp_path / "a") as project:
        write_meta(project, "colour", ["blue"])
    (tmp_path / "far").mkdir()
    shutil.move(tmp_path / "a.coverslip", tmp_path / "far" / "b.coverslip")
    with Project.open(tmp_path / "far" / "b") as project:
        assert read_meta(project, "colour") == ["blue"]


def test_a_reader_cannot_write(tmp_path):
    Project.create(tmp_path / "a").close()
    with Project.open(tmp_path / "a", read_only=True) as project:
        refused("project_read_only", write_meta, project, "a", 1)
