from __future__ import annotations

import os
import shutil
import unicodedata

import pytest
from PIL import Image

from core.domain.edits import EditKind
from core.domain.query import SampleQuery
from core.domain.samples import Split
from core.errors import Cancelled, UserError
from core.images.reader import ImageReader
from core.ingest import offers, scan_ahead
from core.ingest.importer import import_source
from core.ingest.rules import LABELS_BY_FOLDER, NO_GROUPS, parse_group_rule, parse_label_rule
from core.progress import CancelToken, Progress
from core.store.edits import set_label, undo
from core.store.history_check import check_history
from core.store.labels import labels
from core.store.ledger import history, next_undo
from core.store.project import Project
from core.store.samples import counts, sample_ids, samples_by_id
from core.store.sources import sources
from tests.support.pictures import encoded, gradient, jpeg_bytes, png_bytes, write_bad_files

EVERYTHING = SampleQuery(excluded=None)


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "cells") as project:
        yield project


@pytest.fixture
def images(tmp_path):
    """Two labels of ten pictures each, from four slides, and a note."""
    root = tmp_path / "images"
    for label in ("WBC", "RBC"):
        (root / label).mkdir(parents=True)
        for i in range(10):
            picture = Image.fromarray(gradient(10 + i, 20))
            (root / label / f"s{i % 4}_{i}.png").write_bytes(encoded(picture, "PNG"))
    (root / "readme.txt").write_text("no picture")
    return root


def run(project, root, labels="folder", groups=None, progress=None):
    return import_source(
        project,
        root,
        labels=parse_label_rule(labels),
        groups=parse_group_rule(groups),
        progress=progress or Progress(),
    )


def all_samples(project):
    return samples_by_id(project, sample_ids(project, EVERYTHING))


def state(project):
    return [
        (s.path, s.digest, s.size_bytes, s.width, s.height, s.channels, s.group, s.split, s.problem, s.label_id)
        for s in all_samples(project)
    ]


def test_a_folder_becomes_samples_with_labels_and_groups(project, images):
    report = run(project, images, groups="pattern:(s[0-9])_")
    assert (report.added, report.known, report.unreadable) == (20, 0, [])
    assert report.labels == {"RBC": 10, "WBC": 10}
    assert report.groups == 4
    first = all_samples(project)[0]
    assert (first.path, first.width, first.height, first.group) == ("RBC/s0_0.png", 20, 10, "s0")
    assert report.changes.samples


def test_what_was_imported_can_be_read(project, images):
    run(project, images)
    reader = ImageReader(sources(project))
    for sample in all_samples(project):
        assert reader.rgb8(sample.source_id, sample.path).shape == (sample.height, sample.width, 3)


def test_an_import_is_in_the_ledger_once(project, images):
    run(project, images)
    run(project, images)
    edits = [edit for edit in history(project) if edit.kind is EditKind.IMPORT]
    assert [edit.count for edit in edits] == [20]


def test_a_second_import_adds_only_what_is_new_and_reads_nothing_else(project, images, monkeypatch):
    run(project, images)
    (images / "WBC" / "new.png").write_bytes(png_bytes())
    before, read = state(project), []
    real = offers.scan_entry
    monkeypatch.setattr(offers, "scan_entry", lambda tree, file, of: read.append(file.path) or real(tree, file, of))
    report = run(project, images)
    assert (report.added, report.known, report.changed) == (1, 20, 0)
    assert read == ["WBC/new.png"]
    assert state(project)[:20] == before


def test_labels_given_by_hand_survive_a_second_import(project, images):
    run(project, images)
    ids = sample_ids(project, EVERYTHING)
    set_label(project, ids[:3], "odd")
    run(project, images)
    assert counts(project).labels["odd"] == 3


def test_a_file_that_changed_is_read_again_and_keeps_its_label(project, images):
    run(project, images)
    path = images / "WBC" / "s0_0.png"
    path.write_bytes(png_bytes(33, 44))
    os.utime(images / "WBC" / "s1_1.png", ns=(1, 1))
    report = run(project, images)
    assert (report.added, report.known, report.changed) == (0, 20, 1)
    sample = next(s for s in all_samples(project) if s.path == "WBC/s0_0.png")
    assert (sample.width, sample.height) == (44, 33)
    assert report.labels == {"RBC": 10, "WBC": 10}


def test_unreadable_files_are_recorded_with_their_reason_and_stop_nothing(project, images):
    bad = images / "WBC" / "bad"
    bad.mkdir()
    codes = write_bad_files(bad)
    pipes = [(f"WBC/bad/{name}", codes.pop(name)) for name in ("pipe.png",) if name in codes]
    report = run(project, images)
    assert [path for path, _ in report.skipped] == [path for path, _ in pipes]
    assert report.added == 20 + len(codes)
    assert [path for path, _ in report.unreadable] == sorted(f"WBC/bad/{name}" for name in codes)
    assert all(reason for _, reason in report.unreadable)
    assert report.labels == {"RBC": 10, "WBC": 10}
    assert counts(project).unreadable == len(codes)
    again = run(project, images)
    assert again.added == 0
    assert again.unreadable == report.unreadable


def test_a_file_that_was_repaired_can_be_used(project, images):
    path = images / "WBC" / "cut.jpg"
    path.write_bytes(jpeg_bytes()[:300])
    assert run(project, images).unreadable
    path.write_bytes(jpeg_bytes())
    report = run(project, images)
    assert (report.unreadable, report.changed) == ([], 1)
    assert report.labels["WBC"] == 11


def test_only_files_can_be_samples_whatever_a_folder_is_called(project, tmp_path):
    (tmp_path / "images" / "x.png").mkdir(parents=True)
    (tmp_path / "images" / "x.png" / "a.png").write_bytes(png_bytes())
    assert run(project, tmp_path / "images").labels == {"x.png": 1}


def test_sources_that_cannot_be_imported_are_refused(project, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    (tmp_path / "a.txt").write_text("a")
    project.cache_dir.mkdir(exist_ok=True)
    for path, code in {
        "gone": "source_missing",
        "a.txt": "source_no_images",
        "empty": "source_no_images",
        "texts": "source_no_images",
        "cells.coverslip": "source_is_project",
        "cells.coverslip/cache": "source_is_project",
        "a\0b": "source_missing",
    }.items():
        with pytest.raises(UserError) as caught:
            run(project, tmp_path / path)
        assert caught.value.code == code, path
    assert sources(project) == {}
    assert labels(project) == []


def test_one_image_can_be_imported_alone(project, images):
    assert run(project, images / "WBC" / "s0_0.png").added == 1
    assert [sample.path for sample in all_samples(project)] == ["s0_0.png"]


@pytest.mark.parametrize(
    ("label_rule", "group_rule", "code"),
    [
        ("pattern:nowhere", None, "pattern_matches_nothing"),
        ("folder", "pattern:nowhere(.)", "pattern_matches_nothing"),
        ("folder", "column:slide", "group_needs_table"),
        ("csv:gone.csv", None, "table_missing"),
        ("csv:bad.csv", None, "table_rows"),
    ],
)
def test_a_rule_that_fails_changes_nothing(project, images, label_rule, group_rule, code):
    (images / "bad.csv").write_text("path,label\nWBC/s0_0.png,x\ngone.png,y\n")
    with pytest.raises(UserError) as caught:
        run(project, images, label_rule, group_rule)
    assert caught.value.code == code
    assert counts(project).samples == 0
    assert labels(project) == []
    assert sources(project) == {}


def test_a_table_gives_labels_groups_and_splits(project, images):
    (images / "t.csv").write_text(
        "file;label;slide;split\nWBC/s0_0.png;x;7;train\nRBC/s0_0.png;y;8;test\n", "utf-8-sig"
    )
    report = run(project, images, "csv:t.csv", "column:slide")
    assert report.labels == {"x": 1, "y": 1}
    assert report.groups == 2
    assert counts(project).splits == {Split.NONE: 18, Split.TRAIN: 1, Split.VAL: 0, Split.TEST: 1}
    assert counts(project).unlabelled == 18


def test_the_projects_own_folder_is_passed_over(tmp_path):
    with Project.create(tmp_path / "cells") as project:
        cache = project.cache_dir / "thumbnails"
        cache.mkdir(parents=True)
        (cache / "a.jpg").write_bytes(jpeg_bytes())
        (tmp_path / "a.png").write_bytes(png_bytes())
        assert run(project, tmp_path).added == 1


def test_a_folder_within_an_imported_one_or_around_it_adds_nothing_twice(project, images):
    assert run(project, images / "WBC").added == 10
    report = run(project, images)
    assert (report.added, report.known) == (10, 10)
    assert run(project, images / "RBC").added == 0


def test_the_same_folder_by_another_way_is_the_same_source(project, images, tmp_path):
    run(project, images)
    (tmp_path / "link").symlink_to(images)
    assert run(project, tmp_path / "link").added == 0
    assert len(sources(project)) == 1


@pytest.mark.skipif(os.name != "posix", reason="names are Unicode there")
def test_names_in_any_language_or_in_none(project, tmp_path):
    root = tmp_path / "이미지"
    decomposed = unicodedata.normalize("NFD", "세포")
    (root / decomposed).mkdir(parents=True)
    (root / decomposed / "가 나\n다.png").write_bytes(png_bytes())
    with open(os.fsencode(root) + b"/\xff\xfe.png", "wb") as file:
        file.write(png_bytes())
    report = run(project, root)
    assert report.added == 1
    assert [path for path, _ in report.skipped] == ["\\xff\\xfe.png"]
    assert report.labels == {"세포": 1}
    sample = all_samples(project)[0]
    assert sample.path == f"{decomposed}/가 나\n다.png"
    assert ImageReader(sources(project)).raw(sample.source_id, sample.path).shape == (40, 60, 3)


def test_a_cancelled_import_keeps_what_it_had_and_a_second_one_completes_it(project, images, tmp_path, monkeypatch):
    monkeypatch.setattr(scan_ahead, "_BATCH", 4)
    monkeypatch.setattr(scan_ahead, "_TASK", 2)
    token = CancelToken()
    with pytest.raises(Cancelled):
        run(project, images, progress=Progress(lambda r: r.done >= 12 and token.cancel(), token, interval_s=0))
    kept = counts(project).samples
    assert 0 < kept < 20
    assert [edit.count for edit in history(project)] == [kept]
    report = run(project, images)
    assert (report.added, report.known) == (20 - kept, kept)
    with Project.create(tmp_path / "undisturbed") as other:
        run(other, images)
        assert state(other) == state(project)


def test_a_folder_that_was_moved_is_the_same_source(project, images):
    run(project, images, groups="pattern:(s[0-9])_")
    before, moved = state(project), images.rename(images.with_name("moved"))
    (moved / "WBC" / "new.png").write_bytes(png_bytes())
    report = run(project, moved)
    assert (report.added, report.known, report.changed) == (1, 20, 0)
    assert report.relocated == str(images)
    assert report.changes.samples
    assert state(project)[:20] == before
    assert [source.root for source in sources(project).values()] == [str(moved)]
    assert history(project)[0].params["source"] == str(moved)
    sample = all_samples(project)[0]
    assert ImageReader(sources(project)).raw(sample.source_id, sample.path).shape[:2] == (10, 20)
    assert run(project, moved).relocated is None


def test_a_moved_folder_is_found_though_nothing_in_it_is_new(project, images):
    run(project, images)
    moved = images.rename(images.with_name("moved"))
    assert run(project, moved).added == 0
    assert [(edit.params["source"], edit.count) for edit in history(project)] == [(str(moved), 0), (str(images), 20)]


def test_a_copy_is_another_source_while_the_first_is_there(project, images):
    run(project, images)
    shutil.copytree(images, images.with_name("copy"))
    report = run(project, images.with_name("copy"))
    assert (report.added, report.relocated) == (20, None)


@pytest.mark.parametrize("same_size", [True, False])
def test_other_images_with_the_same_names_are_not_taken_for_moved_ones(project, images, same_size):
    run(project, images)
    moved = images.rename(images.with_name("moved"))
    for path in moved.rglob("*.png"):
        path.write_bytes(bytes(path.stat().st_size) if same_size else png_bytes())
    report = run(project, moved)
    assert (report.added, report.relocated) == (20, None)
    assert len(sources(project)) == 2


def test_a_forgotten_group_rule_can_be_given_later(project, images):
    run(project, images)
    report = run(project, images, groups="pattern:(s[0-9])_")
    assert (report.added, report.grouped, report.labelled, report.groups) == (0, 20, 0, 4)
    assert report.changes.samples
    assert run(project, images, groups="pattern:_([0-9])").grouped == 0
    assert {s.group for s in all_samples(project)} == {"s0", "s1", "s2", "s3"}
    assert next_undo(project).kind is EditKind.GROUP
    assert check_history(project, Progress()).breaks == ()
    undo(project)
    assert {s.group for s in all_samples(project)} == {None}
    assert run(project, images, groups="pattern:(s[0-9])_").grouped == 20
    assert check_history(project, Progress()).breaks == ()


def test_a_forgotten_label_rule_can_be_given_later_and_undone(project, images):
    run(project, images, "none")
    set_label(project, [1], "odd")
    report = run(project, images)
    assert (report.labelled, report.labels) == (19, {"RBC": 9, "WBC": 10, "odd": 1})
    assert [(e.tool, e.params.get("label"), e.count) for e in history(project)[:2]] == [
        ("import", "WBC", 10),
        ("import", "RBC", 9),
    ]
    undo(project)
    assert counts(project).unlabelled == 10


def test_a_label_that_was_taken_away_by_hand_does_not_come_back(project, images):
    run(project, images)
    set_label(project, [1, 2], None)
    assert run(project, images).labelled == 0
    assert counts(project).unlabelled == 2


def test_a_full_disk_says_what_is_kept_and_the_import_goes_on_from_there(project, images, monkeypatch):
    monkeypatch.setattr(scan_ahead, "_BATCH", 2)
    monkeypatch.setattr(scan_ahead, "_TASK", 1)
    for i in range(300):
        folder = images / "WBC" / f"{i:03}{'x' * 200}"
        folder.mkdir()
        (folder / "a.png").write_bytes(png_bytes())
    with project.db.write() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 12}")
    with pytest.raises(UserError) as caught:
        run(project, images, labels="auto")
    kept = counts(project).samples
    assert 0 < kept < 320
    assert (caught.value.code, caught.value.params["added"]) == ("disk_full_import", str(kept))
    with project.db.write() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    report = run(project, images, labels="auto")
    assert (report.added, report.known) == (320 - kept, kept)


def test_progress_counts_every_file(project, images):
    reports = []
    run(project, images, progress=Progress(reports.append, interval_s=0))
    assert (reports[-1].done, reports[-1].total) == (20, 20)


def test_images_are_only_read(project, images):
    before = {path: path.stat().st_mtime_ns for path in images.rglob("*")}
    shutil.copytree(images, images.parent / "copy")
    run(project, images, labels="auto")
    assert {path: path.stat().st_mtime_ns for path in images.rglob("*")} == before


def test_real_cells_are_imported_whole(project, cells):
    report = import_source(
        project,
        cells,
        labels=LABELS_BY_FOLDER,
        groups=parse_group_rule(r"pattern:(BloodImage_\d+)_"),
        progress=Progress(),
    )
    assert (report.added, report.groups, report.unreadable) == (4886, 364, [])
    assert report.labels == {"Platelets": 361, "RBC": 4153, "WBC": 372}
    again = import_source(project, cells, labels=LABELS_BY_FOLDER, groups=NO_GROUPS, progress=Progress())
    assert (again.added, again.known) == (0, 4886)
