from core.ingest.importer import import_source
from core.progress import Progress
from core.store.ledger import history
from core.store.project import Project
from tests.support.datasets import picture


def test_what_a_killed_import_added_comes_into_the_ledger_with_the_next_one(tmp_path):
    for number in range(5):
        picture(tmp_path / "images", f"RBC/{number}.png")
    with Project.create(tmp_path / "cells") as project:
        import_source(project, tmp_path / "images", progress=Progress())
        with project.db.write() as connection:  # as it is after a kill between the last batch and the entry
            connection.execute("DELETE FROM entry")
            connection.execute("DELETE FROM edit")
            connection.execute("INSERT INTO meta SELECT 'import unfinished: ' || id, '3' FROM source")
        picture(tmp_path / "images", "RBC/new.png")
        assert import_source(project, tmp_path / "images", progress=Progress()).added == 1
        assert [edit.count for edit in history(project)] == [4]
        import_source(project, tmp_path / "images", progress=Progress())
        assert len(history(project)) == 1
