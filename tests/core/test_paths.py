import errno
import os

import pytest

from core.errors import UserError
from core.paths import atomic_write, disk_errors, require_output


def test_a_written_file_has_its_name_only_when_it_is_whole(tmp_path):
    target = tmp_path / "sub" / "a.txt"
    with atomic_write(target) as part:
        part.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["a.txt"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_write(target) as part:
        part.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_said_in_one_sentence():
    with pytest.raises(UserError) as caught, disk_errors("/dev/full"), open("/dev/full", "wb", buffering=0) as file:
        file.write(b"x")
    assert caught.value.code == "disk_full"


def test_other_errors_of_the_system_pass_through(tmp_path):
    with pytest.raises(FileNotFoundError), disk_errors(tmp_path):
        raise FileNotFoundError(errno.ENOENT, "gone")


@pytest.mark.skipif(os.name != "posix", reason="this system has no permission bits")
def test_a_written_file_can_be_read_by_whom_the_users_other_files_can(tmp_path):
    (tmp_path / "plain").write_text("x")
    with atomic_write(tmp_path / "ours") as part:
        part.write_text("x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_is_no_file_is_not_replaced_by_one(tmp_path):
    pipe, folder, file = tmp_path / "pipe.csv", tmp_path / "folder.csv", tmp_path / "file"
    os.mkfifo(pipe)
    folder.mkdir()
    file.write_text("kept")
    for target in (pipe, folder, file / "a.csv"):
        with pytest.raises(UserError) as caught, atomic_write(target):
            pytest.fail("written")
        assert caught.value.code == "path_not_a_file"
    assert pipe.is_fifo() and folder.is_dir() and file.read_text() == "kept"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.csv", "pipe.csv"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("cells.coverslip/project.db", "output_in_project"),
        ("cells.coverslip/runs/new.csv", "output_in_project"),
        ("cell.png", "output_of_another_kind"),
    ],
)
def test_a_table_takes_the_place_of_nothing_but_a_table(tmp_path, name, code):
    (tmp_path / "cells.coverslip").mkdir()
    (tmp_path / "cells.coverslip" / "project.db").touch()
    (tmp_path / "cell.png").touch()
    with pytest.raises(UserError) as caught:
        require_output(tmp_path / name, (".csv",))
    assert caught.value.code == code


def test_a_table_may_replace_a_table_and_be_called_anything_that_is_not_there(tmp_path):
    (tmp_path / "table.CSV").touch()
    require_output(tmp_path / "table.CSV", (".csv",))
    require_output(tmp_path / "new.txt", (".csv",))
