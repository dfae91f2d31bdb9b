"""Projects that lie where nothing can be written: a share of somebody else's, a DVD, a mounted backup."""

import json
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest

from core.cli.main import main
from core.errors import UserError
from core.progress import Progress
from core.store.edits import set_label
from core.store.history_check import check_history
from core.store.labels import labels
from core.store.ledger import history
from core.store.migrations import FORMAT
from core.store.project import Project
from core.store.samples import counts
from tests.support.pictures import png_bytes
from tests.support.projects import project_with_rows
from tests.support.read_only import read_only


@pytest.fixture
def medium(tmp_path):
    """Return a folder with a project that was closed."""
    (tmp_path / "medium").mkdir()
    with project_with_rows(tmp_path / "medium", [(f"{i}.png", "A", None) for i in range(4)]) as project:
        set_label(project, [1], "B")
        return project.root.parent


def unclosed(medium):
    """Return the project as a process that was killed leaves it: the last edits are in the log only."""
    path = next(medium.iterdir())
    with Project.open(path) as project:
        set_label(project, [2, 3], "B")
        left = path.with_name("left.coverslip")
        shutil.copytree(path, left, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    assert (left / "project.db-wal").stat().st_size
    shutil.rmtree(path)
    return left


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def scratch_folders():
    return {path.name for path in Path(tempfile.gettempdir()).glob("coverslip-*")}


def test_a_project_that_was_closed_is_read_as_it_lies(medium):
    path = next(medium.iterdir())
    before, scratch = files(medium), scratch_folders()
    with read_only(medium), Project.open(path, read_only=True) as project:
        assert counts(project).labels == {"A": 3, "B": 1}
        assert not check_history(project, Progress()).breaks
        assert scratch_folders() == scratch
    assert files(medium) == before


def test_a_project_that_was_not_closed_is_read_with_its_last_edits(medium):
    path, scratch = unclosed(medium), scratch_folders()
    before = files(medium)
    with read_only(medium):
        with Project.open(path, read_only=True) as project:
            assert project.root == path
            assert counts(project).labels == {"A": 1, "B": 3}
            assert len(history(project)) == 2
            with pytest.raises(UserError) as caught:
                set_label(project, [1], "A")
            assert (caught.value.code, caught.value.params["path"]) == ("project_read_only", str(path))
        assert scratch_folders() == scratch
    assert files(medium) == before


def test_a_project_of_an_older_format_is_read_without_changing_it(medium):
    path = medium / "old.coverslip"
    (path / "runs").mkdir(parents=True)
    connection = sqlite3.connect(path / "project.db")
    connection.executescript(Path(__file__).with_name("format_1.sql").read_text(encoding="utf-8"))
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    before = files(medium)
    with read_only(medium), Project.open(path, read_only=True) as project:
        assert project.db.read().execute("PRAGMA user_version").fetchone() == (FORMAT,)
        assert labels(project) == []
    assert files(medium) == before


@pytest.mark.parametrize("closed", [True, False])
def test_commands_that_read_work_and_the_others_say_one_thing(medium, capsys, closed):
    path = next(medium.iterdir()) if closed else unclosed(medium)

    def run(*words):
        code = main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    with read_only(medium):
        assert run("info", path)[1]["samples"] == 4
        assert run("history", path)[0] == run("history", path, "--check")[0] == run("labels", path)[0] == 0
        assert run("check", path, "--list-only")[1]["error"]["code"] == "never_checked"
        source = medium.parent / "more"
        source.mkdir()
        (source / "a.png").write_bytes(png_bytes())
        assert run("import", path, source, "--preview")[1]["would_add"] == 1
        assert len(run("dataset", path, medium.parent / "out", "--format", "csv")[1]["without_image"]) == 4
        for words in (
            ["undo", path],
            ["import", path, source],
            ["label", path, "--set", "A", "--ids", 1],
            ["check", path],
            ["split", path],
        ):
            code, said = run(*words)
            assert (code, said["error"]["code"]) == (1, "project_read_only"), words
            assert said["error"]["path"] == str(path)
