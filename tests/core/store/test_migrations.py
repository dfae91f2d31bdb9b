"""A project of an older format is brought up to date with everything in it, or not touched at all."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from core.domain.edits import EditState, describe
from core.domain.query import SampleQuery
from core.domain.query_line import parse_query
from core.errors import UserError
from core.store.edits import redo, undo
from core.store.labels import labels
from core.store.ledger import history
from core.store.migrations import create_schema, migrate
from core.store.predictions import predictions_of
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources

FORMAT_1 = Path(__file__).with_name("format_1.sql").read_text(encoding="utf-8")
EDIT = "INSERT INTO edit VALUES (?, '2026-01-02T03:04:05.000+00:00', 'kim', 'hand', ?, ?, ?, ?)"


@pytest.fixture
def old(tmp_path):
    """A project of format 1: two sources, labels, edits done, undone and dropped."""
    root = tmp_path / "old.coverslip"
    (root / "runs").mkdir(parents=True)
    connection = sqlite3.connect(root / "project.db")
    connection.executescript(FORMAT_1 + "PRAGMA user_version = 1;")
    connection.executemany(
        "INSERT INTO source VALUES (?, ?, ?, '')", [(1, "folder", "/cells"), (2, "idx", "/mnist"), (3, "idx", "/cells")]
    )
    connection.executemany(
        "INSERT INTO label VALUES (?, ?, '#0072B2', '■', ?, ?)", [(1, "RBC", "1", 0), (2, "White", "2", 1)]
    )
    row = "INSERT INTO sample VALUES (?, ?, ?, 'd', 1, 1, 9, 9, 3, 8, ?, NULL, 0, 0, NULL, '')"
    paths = [(1, 1, "a.png", 1), (2, 2, "t10k#images.gz#17", 2), (3, 3, "x-ubyte#0", None)]
    connection.executemany(row, paths)
    rename = {"label": "WBC", "label_id": "2", "before": "WBC", "after": "White"}
    edits = [
        (1, "import", "{}", 3, "done"),
        (2, "label", '{"label": "RBC"}', 1, "done"),
        (3, "label", '{"label": "White"}', 1, "dropped"),
        (4, "rename_label", json.dumps(rename), 0, "done"),
        (5, "exclude", "{}", 1, "undone"),
    ]
    connection.executemany(EDIT, edits)
    connection.executemany(
        "INSERT INTO edit_item VALUES (?, 1, ?, ?, ?)",
        [(2, "label_id", None, 1), (3, "label_id", 1, 2), (5, "excluded", 0, 1)],
    )
    connection.commit()
    connection.close()
    return root


def test_a_migrated_database_has_the_schema_of_a_new_one(old, tmp_path):
    Project.open(old).close()
    create_schema(tmp_path / "new.db")
    found = []
    for path in (old / "project.db", tmp_path / "new.db"):
        connection = sqlite3.connect(path)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in tables}
        indexes = {row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index'")}
        found.append((columns, indexes, connection.execute("PRAGMA foreign_key_check").fetchall()))
        connection.close()
    assert found[0] == found[1]


def test_labels_and_undo_survive_a_migration(old):
    with Project.open(old) as project:
        first = samples_by_id(project, [1])[0]
        assert (first.label_id, first.label_ids, first.labelled) == (1, (1,), True)
        redo(project)
        assert samples_by_id(project, [1])[0].excluded
        undo(project)
        assert describe(undo(project).edit) == "Rename WBC to White"
        assert [label.name for label in labels(project)] == ["RBC", "WBC"]
        undo(project)
        assert samples_by_id(project, [1])[0].label_id is None


def test_images_of_idx_files_become_parts_of_their_folder(old):
    with Project.open(old) as project:
        assert {source.kind for source in sources(project).values()} == {"folder"}
        found = samples_by_id(project, sample_ids(project, SampleQuery()))
        assert [(s.source_id, s.path) for s in found] == [
            (1, "a.png"),
            (2, "t10k#images.gz::item=17"),
            (1, "x-ubyte::item=0"),
        ]


def test_the_ledger_of_an_older_project_is_chained_as_it_stands(old):
    with Project.open(old) as project:
        rows = project.db.read().execute("SELECT action, edit_id, user FROM entry ORDER BY id").fetchall()
        assert rows == [
            ("edit", 1, "kim"),
            ("edit", 2, "kim"),
            ("edit", 3, "kim"),
            ("undo", 3, "kim"),
            ("edit", 4, "kim"),
            ("edit", 5, "kim"),
            ("undo", 5, "kim"),
        ]
        assert history(project)[0].state is EditState.UNDONE


def test_an_older_project_is_backed_up_and_may_be_opened_for_reading(old):
    with Project.open(old, read_only=True) as project:
        assert len(labels(project)) == 2
    backup = sqlite3.connect(old / "project.db.v1.bak")
    assert backup.execute("PRAGMA user_version").fetchone() == (1,)
    backup.close()


def test_a_migration_that_fails_changes_nothing(old):
    connection = sqlite3.connect(old / "project.db")
    connection.execute("DROP TABLE edit_item")
    connection.commit()
    before = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    with pytest.raises(sqlite3.OperationalError):
        migrate(old / "project.db", 1)
    assert connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def test_a_project_of_a_newer_format_is_refused(old):
    connection = sqlite3.connect(old / "project.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UserError) as caught:
        Project.open(old)
    assert caught.value.code == "project_newer"


def test_what_older_runs_predicted_can_be_asked_for(old):
    connection = sqlite3.connect(old / "project.db")
    connection.executemany("INSERT INTO run VALUES (?, 'done', 'x', '', NULL, '{}', '{}')", [(1,), (2,), (3,)])
    connection.commit()
    connection.close()
    for run in (1, 2):
        (old / "runs" / f"000{run}").mkdir()
    logits = np.log([[0.2, 0.8], [0.5, 0.5 + 1e-6], [0.9, 0.1]])
    arrays = {"sample_ids": [1, 2, 99], "label_ids": [1, 2], "logits": 2 * logits, "temperature": 2.0}
    np.savez(old / "runs" / "0001" / "predictions.npz", **{name: np.array(value) for name, value in arrays.items()})
    (old / "runs" / "0002" / "predictions.npz").write_bytes(b"damaged")
    with Project.open(old) as project:
        assert sample_ids(project, parse_query("is:wrong")).tolist() == [1]
        assert sample_ids(project, parse_query("conf:<0.6")).tolist() == [2]
        found = predictions_of(project, 1, np.array([1, 2, 3]))
        assert found == {1: [(2, pytest.approx(0.8))], 2: [(2, pytest.approx(0.5, abs=1e-5))]}
