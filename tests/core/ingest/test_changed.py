"""Files that changed on disk since they were imported."""

import os

import pytest

from core.domain.query import SampleQuery
from core.ingest.changed import refresh_changed
from core.ingest.importer import import_source
from core.progress import Progress
from core.store.project import Project
from core.store.samples import known_files, sample_ids, samples_by_id
from tests.support.pictures import png_bytes


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "images"
    root.mkdir()
    for name in ("a", "b", "c"):
        (root / f"{name}.png").write_bytes(png_bytes(10, 20))
    (root / "no image.png").write_bytes(b"nothing to be seen")
    return root


@pytest.fixture
def project(tmp_path, root):
    with Project.create(tmp_path / "cells") as made:
        import_source(made, root, progress=Progress())
        yield made


def recorded(project, root):
    """Whether every file's size and time are those recorded: then none is looked into again."""
    known = known_files(project, 1, [path.name for path in root.iterdir()])
    return known == {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in root.iterdir()}


def test_only_what_has_another_content_counts_and_all_that_differs_is_remembered(project, root):
    (root / "a.png").write_bytes(png_bytes(30, 20))
    os.utime(root / "b.png", ns=(5, 5))
    (root / "no image.png").write_bytes(b"still nothing, but more of it")
    assert refresh_changed(project, Progress()) == 1
    assert recorded(project, root)
    assert refresh_changed(project, Progress()) == 0


def test_what_is_gone_is_marked_as_missing_and_nothing_else_is(project, root):
    (root / "b.png").unlink()
    assert refresh_changed(project, Progress()) == 0
    gone = sample_ids(project, SampleQuery(missing=True))
    assert [sample.path for sample in samples_by_id(project, gone)] == ["b.png"]
