from __future__ import annotations

from core.store.project import Project


def test_a_thread_that_reads_everything_once_keeps_little_of_it_meanwhile(tmp_path):
    with Project.create(tmp_path / "cells") as project:

        def kept() -> int:
            return project.db.read().execute("PRAGMA cache_size").fetchone()[0]

        usual = kept()
        with project.db.reading_once():
            assert abs(kept()) < abs(usual) / 8
        assert kept() == usual
