from __future__ import annotations

import shutil

import numpy as np
import pytest
import tifffile

from core.domain.samples import Split
from core.errors import UserError
from core.images.reader import ImageReader
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source, preview_source
from core.ingest.presence import check_presence
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.store.project import Project
from core.store.samples import counts, samples_by_id
from core.store.sources import sources
from tests.support.pictures import jpeg_bytes, png_bytes


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "cells") as project:
        yield project


@pytest.fixture
def images(tmp_path):
    root = tmp_path / "images"
    for split in ("train", "valid", "test"):
        for label in ("WBC", "RBC"):
            (root / split / label).mkdir(parents=True)
            for i in range(3):
                (root / split / label / f"s{i}_{split}.png").write_bytes(png_bytes(10 + i, 20))
    (root / "train" / "WBC" / "cut.jpg").write_bytes(jpeg_bytes()[:300])
    return root


def look(project, root, **options):
    return preview_source(project, root, progress=Progress(), **options)


def test_a_preview_says_what_would_come_in_and_adds_nothing(project, images):
    found = look(project, images, groups=parse_group_rule("pattern:(s[0-9])_"))
    assert (found.format, found.images, found.known, found.would_add) == ("folders", 19, 0, 19)
    assert found.labels == {"RBC": 9, "WBC": 10}
    assert found.groups == {"s0": 6, "s1": 6, "s2": 6}
    assert (found.group_count, found.ungrouped, found.unlabelled) == (3, 1, 0)
    assert found.splits == {Split.NONE: 0, Split.TRAIN: 7, Split.VAL: 6, Split.TEST: 6}
    assert [path for path, _ in found.unreadable] == ["train/WBC/cut.jpg"]
    assert found.checked == 19
    assert len(found.entries) == 12
    assert counts(project).samples == 0
    assert sources(project) == {}


def test_a_preview_knows_what_is_here_already(project, images):
    import_source(project, images / "train", progress=Progress())
    assert look(project, images / "train").would_add == 0
    found = look(project, images)
    assert (found.known, found.would_add) == (7, 12)
    (images / "train" / "RBC" / "new.png").write_bytes(png_bytes())
    assert look(project, images / "train").would_add == 1


def test_a_preview_needs_no_project_and_may_read_only_some(images):
    found = look(None, images, check=5)
    assert (found.would_add, found.checked) == (19, 5)


def test_a_preview_refuses_what_the_import_refuses(project, images, tmp_path):
    (tmp_path / "empty").mkdir()
    for path, options, code in (
        (tmp_path / "empty", {}, "source_no_images"),
        (images, {"format": "nothing"}, "format_unknown"),
        (images, {"labels": parse_label_rule("pattern:nowhere")}, "pattern_matches_nothing"),
    ):
        with pytest.raises(UserError) as caught:
            look(project, path, **options)
        assert caught.value.code == code


def test_a_copy_elsewhere_of_known_images_is_told_and_can_be_left_out(project, images, tmp_path):
    import_source(project, images, progress=Progress())
    copy = tmp_path / "copy"
    shutil.copytree(images / "train" / "RBC", copy / "RBC")
    (copy / "RBC" / "own.png").write_bytes(png_bytes(31, 32))
    for check in (None, 1):
        found = look(project, copy, check=check)
        assert (found.would_add, found.copies, found.copies_complete) == (4, 3, True)
    assert look(project, images).copies == 0
    assert look(None, copy).copies == 0
    report = import_source(project, copy, options=ImportOptions(skip_copies=True), progress=Progress())
    assert (report.added, report.known, report.copies) == (1, 3, 3)
    both = import_source(project, copy, progress=Progress())
    assert (both.added, both.known, both.copies) == (3, 1, 3)


def test_where_too_many_files_would_have_to_be_read_the_copies_are_told_as_the_least(
    project, images, tmp_path, monkeypatch
):
    import_source(project, images, progress=Progress())
    shutil.copytree(images / "train" / "RBC", tmp_path / "copy" / "RBC")
    monkeypatch.setattr("core.ingest.copies.MOST_READ", 1)
    found = look(project, tmp_path / "copy", check=1)
    assert (found.copies, found.copies_complete) == (2, False)


def test_images_whose_files_are_gone_are_no_reason_to_leave_a_copy_out(project, images, tmp_path):
    import_source(project, images, progress=Progress())
    shutil.copytree(images / "train" / "RBC", tmp_path / "copy" / "RBC")
    for split in images.iterdir():
        shutil.rmtree(split)
    check_presence(project, Progress())
    assert look(project, tmp_path / "copy").copies == 0


def test_a_folder_that_was_moved_is_not_taken_for_new_images(project, images, tmp_path):
    import_source(project, images, progress=Progress())
    images.rename(tmp_path / "moved")
    found = look(project, tmp_path / "moved")
    assert (found.known, found.would_add, found.copies) == (19, 0, 0)


def test_a_file_that_was_renamed_is_told_as_such_as_the_import_takes_it(project, images):
    import_source(project, images, progress=Progress())
    (images / "train" / "RBC" / "s0_train.png").rename(images / "train" / "RBC" / "better name.png")
    (images / "train" / "RBC" / "s3_train.png").write_bytes(png_bytes(31, 20))
    for found in (look(project, images), look(project, images, check=0)):
        assert (found.known, found.renamed, found.would_add) == (18, 1, 1)
        assert found.labels == {"RBC": 1}
        assert found.notes == ("1 image is here already under another name; what is known of it is kept.",)
    report = import_source(project, images, progress=Progress())
    assert (report.renamed, report.added) == (1, 1)


def test_a_file_in_a_folder_of_another_label_is_new_in_the_preview_too(project, images):
    import_source(project, images, progress=Progress())
    (images / "train" / "RBC" / "s0_train.png").rename(images / "train" / "WBC" / "other.png")
    found = look(project, images)
    report = import_source(project, images, progress=Progress())
    assert (found.renamed, found.would_add) == (report.renamed, report.added) == (0, 1)


def test_files_with_several_pages_are_told_and_each_page_can_be_taken(project, tmp_path):
    root = tmp_path / "stacks"
    root.mkdir()
    pages = np.random.default_rng(1).integers(0, 255, (3, 20, 24), dtype=np.uint8)
    tifffile.imwrite(root / "three.tif", pages, photometric="minisblack", metadata=None)
    tifffile.imwrite(root / "whole.tif", pages, imagej=True, metadata={"axes": "ZYX"})
    tifffile.imwrite(root / "one.tif", pages[0])
    found = look(project, root)
    assert (found.would_add, found.multi_page) == (3, 1)
    every = ImportOptions(pages=True)
    assert (look(project, root, options=every).would_add, look(project, root, options=every).multi_page) == (7, 0)
    assert import_source(project, root, progress=Progress()).multi_page == 1


def test_volumes_of_an_npz_are_one_image_each_or_one_of_each_plane(project, tmp_path):
    volumes = np.random.default_rng(2).integers(0, 255, (4, 9, 9, 9), dtype=np.uint8)
    labels = np.array([[0], [1], [0], [1]])
    np.savez(tmp_path / "organ3d.npz", train_images=volumes, train_labels=labels)
    found = look(project, tmp_path / "organ3d.npz")
    assert (found.would_add, found.volumes, found.labels) == (4, 4, {"0": 2, "1": 2})
    planes = look(project, tmp_path / "organ3d.npz", options=ImportOptions(pages=True))
    assert (planes.would_add, planes.volumes, planes.group_count) == (36, 0, 4)
    import_source(project, tmp_path / "organ3d.npz", progress=Progress())
    reader = ImageReader(sources(project))
    first = samples_by_id(project, [1])[0]
    assert (first.channels, first.width) == (1, 9)
    np.testing.assert_array_equal(reader.raw(first.source_id, first.path), volumes[0].max(axis=0))
    plane = first.path + ".z4"
    np.testing.assert_array_equal(reader.raw(first.source_id, plane), volumes[0, 4])


def test_images_beside_a_data_set_are_taken_too_where_that_is_asked_for(project, images, tmp_path):
    table = images / "labels.csv"
    table.write_text("file,label\ntrain/WBC/s0_train.png,WBC\ntrain/RBC/s0_train.png,RBC\n")
    found = look(project, images)
    assert (found.format, found.would_add, found.beside) == ("table", 2, 17)
    asked = look(project, images, options=ImportOptions(beside=True))
    assert (asked.would_add, asked.beside, asked.unlabelled) == (19, 0, 17)
    report = import_source(project, images, options=ImportOptions(beside=True), progress=Progress())
    assert (report.added, report.labels) == (19, {"WBC": 1, "RBC": 1})
    assert import_source(project, images, options=ImportOptions(beside=True), progress=Progress()).known == 19
