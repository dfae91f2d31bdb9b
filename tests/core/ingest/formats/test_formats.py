"""Every format of the table: it is recognised, previewed, imported, read, and nothing is added twice."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
from dataclasses import replace

import pytest

from core.domain.query import SampleQuery
from core.domain.samples import Split
from core.domain.task import Task
from core.errors import UserError
from core.images import tar_index
from core.images.formats import Fault
from core.images.reader import ImageReader
from core.images.slides import SlideFacts
from core.images.tar_index import plain_tar
from core.ingest.formats.spec import ImportOptions
from core.ingest.formats.table import FORMATS
from core.ingest.formats.whole_slides import level_of
from core.ingest.importer import import_source, preview_source
from core.progress import Progress
from core.store.project import Project
from core.store.samples import counts, sample_ids, samples_by_id
from core.store.sources import sources
from core.store.tags import tags
from core.store.task import project_task
from tests.support.datasets import DATASETS, Expected


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "made") as project:
        yield project


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    return root


def test_every_format_has_a_data_set_here():
    assert {format for format, _ in DATASETS.values()} == {spec.id for spec in FORMATS}


def check(project, source, expected: Expected, format: str) -> None:
    """Preview and import a source, and compare."""
    options = ImportOptions(**expected.options)
    seen = preview_source(project, source, options=options, progress=Progress())
    assert (seen.format, seen.would_add, seen.known) == (format, expected.images, 0)
    assert (seen.labels, seen.group_count, seen.multi) == (expected.labels, expected.groups, expected.multi)
    assert {str(split): n for split, n in seen.splits.items() if n and split is not Split.NONE} == expected.splits
    assert (seen.tags, seen.unreadable, len(seen.skipped)) == (expected.tags, [], expected.skipped)
    report = import_source(project, source, options=options, progress=Progress())
    assert (report.added, report.unreadable) == (expected.images, [])
    found = counts(project)
    assert {name: n for name, n in found.labels.items() if n} == expected.labels
    assert found.groups == expected.groups
    assert {str(s): n for s, n in found.splits.items() if n and s is not Split.NONE} == expected.splits
    assert tags(project) == expected.tags
    assert project_task(project) is (Task.MULTI if expected.multi else Task.SINGLE)


def check_pixels(project) -> None:
    """Read every sample as training would."""
    reader = ImageReader(sources(project))
    for sample in samples_by_id(project, sample_ids(project, SampleQuery())):
        raw = reader.raw(sample.source_id, sample.path)
        assert raw.shape[:2] == (sample.height, sample.width)
        assert sample.digest


@pytest.mark.parametrize("name", DATASETS)
def test_what_is_dropped_is_recognised_previewed_and_imported(project, root, name):
    format, make = DATASETS[name]
    expected = make(root)
    check(project, root, expected, format)
    check_pixels(project)
    again = import_source(project, root, options=ImportOptions(**expected.options), progress=Progress())
    assert (again.added, again.known, again.changed) == (0, expected.images, 0)
    assert preview_source(project, root, options=ImportOptions(**expected.options), progress=Progress()).would_add == 0


@pytest.mark.parametrize("name", DATASETS)
def test_the_same_in_a_zip_is_the_same(project, root, tmp_path, name):
    format, make = DATASETS[name]
    expected = make(root)
    packed = tmp_path / "data.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for file in sorted(root.rglob("*")):
            if file.is_file():
                archive.write(file, f"wrapped/{file.relative_to(root).as_posix()}")
    check(project, packed, expected, format)
    check_pixels(project)
    assert import_source(project, packed, options=ImportOptions(**expected.options), progress=Progress()).added == 0


def test_slides_without_a_tile_of_that_size_say_what_to_change(project, root):
    DATASETS["slides"][1](root)
    with pytest.raises(UserError) as told:
        preview_source(project, root, options=ImportOptions(tile_size=4096), progress=Progress())
    assert told.value.code == "slide_no_tiles"


def test_the_level_of_a_slide_is_chosen_by_the_size_of_its_pixels():
    facts = SlideFacts(((4000, 3000, 1.0), (1000, 750, 4.0), (250, 188, 16.0)), (0.25, 0.25), 40, "aperio")
    assert [level_of(facts, ImportOptions(um_per_pixel=um)) for um in (0.1, 0.25, 0.9, 1.1, 50)] == [0, 0, 1, 1, 2]
    with pytest.raises(Fault):
        level_of(replace(facts, pixel_size_um=None), ImportOptions(um_per_pixel=0.5))
    with pytest.raises(Fault):
        level_of(facts, ImportOptions(level=3))


def test_a_gzipped_shard_that_unpacks_to_far_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.images.tar_index._MAX_UNPACKED", 2**20)
    bomb = tmp_path / "bomb.tar.gz"
    bomb.write_bytes(gzip.compress(bytes(2**22)))
    with pytest.raises(Fault) as told:
        plain_tar(bomb, tmp_path / "scratch")
    assert told.value.code == "archive_bomb"
    assert not list((tmp_path / "scratch").rglob("*.tar"))


def test_a_gzipped_tar_of_hundreds_of_megabytes_may_not_unpack_to_many_times_its_size():
    assert tar_index._most_bytes(9_000_000) < 2**28 + 1
    assert tar_index._most_bytes(10**9) == 20 * 10**9
    assert tar_index._most_bytes(10_000) > 2**24


def test_a_tar_of_next_to_nothing_but_empty_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tar_index, "_MANY_EMPTY", 20)
    with tarfile.open(tmp_path / "empty.tar", "w") as archive:
        for number in range(50):
            archive.addfile(tarfile.TarInfo(f"{number}.png"))
    with pytest.raises(Fault) as told:
        tar_index.index_tar(tmp_path / "empty.tar")
    assert told.value.code == "archive_bomb"
