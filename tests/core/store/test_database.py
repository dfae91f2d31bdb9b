from __future__ import annotations

import threading

import pytest

from core.errors import Cancelled
from core.store.database import room_for
from core.store.project import Project
from core.store.query_sql import ids_parameter

COUNT_FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def test_a_thread_that_reads_everything_once_keeps_little_of_it_meanwhile(tmp_path):
    with Project.create(tmp_path / "cells") as project:

        def kept() -> int:
            return project.db.read().execute("PRAGMA cache_size").fetchone()[0]

        usual = kept()
        with project.db.reading_once():
            assert abs(kept()) < abs(usual) / 8
        assert kept() == usual


def test_what_is_stopped_while_it_writes_changes_nothing(tmp_path):
    with Project.create(tmp_path / "cells") as project:
        stop = threading.Event()
        threading.Timer(0.05, stop.set).start()
        with pytest.raises(Cancelled), project.db.stoppable(stop.is_set), project.db.write() as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('seen')")
            connection.execute(COUNT_FOR_EVER)
        assert project.db.read().execute("SELECT count(*) FROM tag").fetchone() == (0,)
        with project.db.write() as connection:
            connection.execute("INSERT INTO tag (name) VALUES ('seen')")
        assert project.db.read().execute("SELECT count(*) FROM tag").fetchone() == (1,)


def test_a_thread_reads_no_longer_than_it_is_let(tmp_path):
    with Project.create(tmp_path / "cells") as project:
        stop = threading.Event()
        threading.Timer(0.05, stop.set).start()
        with pytest.raises(Cancelled), project.db.reading_until(stop.is_set):
            project.db.read().execute(COUNT_FOR_EVER).fetchone()
        assert project.db.read().execute("SELECT count(*) FROM sample").fetchone() == (0,)


def test_what_is_let_read_within_another_block_leaves_that_one_as_it_was(tmp_path):
    with Project.create(tmp_path / "cells") as project:
        stop = threading.Event()
        with pytest.raises(Cancelled), project.db.reading_until(stop.is_set):
            with project.db.reading_until(lambda: False):
                project.db.read().execute("SELECT count(*) FROM sample").fetchone()
            threading.Timer(0.05, stop.set).start()
            project.db.read().execute(COUNT_FOR_EVER).fetchone()


def test_the_writer_has_more_room_for_many_rows_and_gives_it_back(tmp_path):
    with Project.create(tmp_path / "cells") as project, project.db.write() as connection:

        def room() -> int:
            return -connection.execute("PRAGMA cache_size").fetchone()[0]

        usual = room()
        with room_for(connection, 10):
            assert room() == usual
        with pytest.raises(ValueError, match="whatever"), room_for(connection, 1_000_000):
            assert room() > 10 * usual
            raise ValueError("whatever")
        assert room() == usual


def test_ids_become_one_parameter_however_many_they_are(tmp_path):
    with Project.create(tmp_path / "cells") as project:
        for count in (0, 1, 20_000, 45_001):
            given = ids_parameter(range(count))
            found = project.db.read().execute("SELECT count(*), max(value) FROM json_each(?)", (given,)).fetchone()
            assert found == (count, count - 1 if count else None)
