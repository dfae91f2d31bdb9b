"""Data sets that are damaged, lie, or attack: refused, or told with a reason; nothing runs and nothing leads out."""

from __future__ import annotations

import io
import pickle
import tarfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import import_source, preview_source
from core.progress import Progress
from core.store.project import Project
from core.store.samples import counts
from tests.support.datasets import DATASETS, picture, text
from tests.support.pictures import jpeg_bytes

_SLOWEST_S = 10.0
"""A hang, not a pace: on a busy machine the usual hundredth of it can take long."""


class Bomb:
    """What makes a file when it is unpickled carelessly."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def outcome(root: Path, **options: object) -> str:
    """Preview a source; returns the code of the refusal, or ``read``."""
    start = time.monotonic()
    try:
        seen = preview_source(None, root, options=ImportOptions(**options), progress=Progress())
    except UserError as error:
        assert error.message
        return error.code
    finally:
        assert time.monotonic() - start < _SLOWEST_S
    assert all(reason for _, reason in [*seen.skipped, *seen.unreadable])
    return "read"


def test_a_pickle_with_code_is_refused_and_runs_nothing(tmp_path):
    root, trap = tmp_path / "data", tmp_path / "trap"
    root.mkdir()
    batch = {b"data": np.zeros((2, 3072), np.uint8), b"labels": [0, 1], b"more": Bomb(trap)}
    (root / "data_batch_1").write_bytes(pickle.dumps(batch, protocol=2))
    assert outcome(root) == "items_unreadable"
    (root / "data_batch_1").write_bytes(pickle.dumps({b"data": np.zeros((2, 3072), np.uint8)}, protocol=2))
    (root / "batches.meta").write_bytes(pickle.dumps({b"label_names": [Bomb(trap)]}, protocol=2))
    outcome(root)
    np.savez(root / "a.npz", train_images=np.array([Bomb(trap)], dtype=object))
    outcome(root)
    assert not trap.exists()


def test_names_that_lead_out_find_nothing_and_are_told(tmp_path):
    root = tmp_path / "data"
    picture(root, "a.png")
    picture(tmp_path, "secret.png")
    names = ["../secret.png", str(tmp_path / "secret.png"), "..\\secret.png", "a\0.png", "", None, 7]
    images = [{"id": i, "file_name": name} for i, name in enumerate(names)]
    text(root, "coco.json", {"images": images, "annotations": [], "categories": []})
    with pytest.raises(UserError) as caught:
        preview_source(None, root, format="coco", progress=Progress())
    assert caught.value.code == "source_no_images"
    text(root, "metadata.jsonl", '{"file_name": "../secret.png", "label": "x"}\n{"file_name": "a.png", "label": "y"}\n')
    seen = preview_source(None, root, format="imagefolder", progress=Progress())
    assert (seen.images, [path for path, _ in seen.skipped]) == (1, ["../secret.png"])


def test_a_tar_whose_members_lead_out_gives_only_the_good_ones(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    with tarfile.open(root / "shard.tar", "w") as tar:
        for name in ("../evil.jpg", "/etc/evil.jpg", "good.jpg"):
            info = tarfile.TarInfo(name)
            info.size = len(jpeg_bytes())
            tar.addfile(info, io.BytesIO(jpeg_bytes()))
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    seen = preview_source(None, root, progress=Progress())
    assert (seen.images, len(seen.skipped)) == (1, 3)


@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"images":' * 50_000,
        "{",
        "\0\0\0",
        "[[[]]]",
        '{"images": 3, "annotations": {}}',
        '{"images": [null, 3, {"id": []}], "annotations": [7, {"image_id": {}}], "categories": [[]]}',
        '{"images": [{"id": 1, "file_name": "a.png"}], "annotations": [{"image_id": 1, "category_id": 1, "bbox":'
        ' [1e999, -1e999, 1e308, NaN]}], "categories": [{"id": 1, "name": "x"}]}',
        '{"classes": ["a"], "labels": {"a": 99, "b": [[[]]], "../c": {"label": {}}}}',
        '{"shapes": [{"label": [], "points": "x"}, {"points": [[1], [NaN, 2]]}], "imagePath": "/etc/passwd"}',
        '[{"image": "a.png", "annotations": [{"label": {}, "coordinates": {"x": "1"}}, 3]}]',
    ],
)
def test_absurd_json_is_refused_or_told(tmp_path, content):
    picture(tmp_path, "a.png")
    text(tmp_path, "annotations.json", content)
    assert outcome(tmp_path) in {"read", "source_no_images", "document_unreadable"}


def test_xml_that_expands_or_reads_files_is_told(tmp_path):
    picture(tmp_path, "a.png")
    laughs = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
    text(
        tmp_path, "a.xml", f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><annotation><filename>&l9;</filename></annotation>'
    )
    text(tmp_path, "b.xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>')
    text(tmp_path, "c.xml", "<annotation><filename>a.png</filename><object><name>x</name></object></annotation>")
    seen = preview_source(None, tmp_path, format="folders", progress=Progress())
    assert seen.images == 1
    assert outcome(tmp_path) in {"read", "source_no_images"}


def test_a_spreadsheet_that_unpacks_to_far_too_much_is_refused(tmp_path):
    picture(tmp_path, "a.png")
    with (
        zipfile.ZipFile(tmp_path / "labels.xlsx", "w", zipfile.ZIP_DEFLATED) as book,
        book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet,
    ):
        for _ in range(600):
            sheet.write(bytes(2**20))
    with pytest.raises(UserError) as caught:
        preview_source(None, tmp_path, format="table", progress=Progress())
    assert caught.value.code == "table_unreadable"
    assert outcome(tmp_path) == "read"


@pytest.mark.parametrize(
    "data", [b"path,label\na.png,x\0\n", b"\xff\xfe\0", b"path,label\n" + b'"' * 5000, b"," * 10**6]
)
def test_a_csv_that_is_none_is_passed_over(tmp_path, data):
    picture(tmp_path, "x/a.png")
    (tmp_path / "labels.csv").write_bytes(data)
    assert preview_source(None, tmp_path, progress=Progress()).labels == {"x": 1}


PLACES = st.integers(0, 2**32)


@pytest.mark.parametrize("name", DATASETS)
@given(victim=PLACES, cut=st.none() | PLACES, flips=st.lists(st.tuples(PLACES, st.integers(0, 7)), max_size=20))
@settings(max_examples=6)
def test_a_damaged_data_set_gives_a_reason_and_never_a_crash(tmp_path_factory, name, victim, cut, flips):
    root = tmp_path_factory.mktemp("data")
    made = DATASETS[name][1](root)
    files = sorted(file for file in root.rglob("*") if file.is_file())
    damaged = files[victim % len(files)]
    content = bytearray(damaged.read_bytes())
    # Places count modulo the size: some makers write the time, and then the size is not the same on every run.
    for place, bit in flips:
        content[place % len(content)] ^= 1 << bit
    damaged.write_bytes(content if cut is None else content[: cut % len(content)])
    outcome(root, **made.options)


def test_what_is_refused_adds_nothing(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    np.savez(root / "a.npz", train_images=np.zeros((3, 8, 8), np.uint8), train_labels=np.zeros((2, 1), np.uint8))
    with Project.create(tmp_path / "made") as project:
        with pytest.raises(UserError) as caught:
            import_source(project, root, progress=Progress())
        assert caught.value.code == "idx_counts"
        assert counts(project).samples == 0


def test_many_labels_do_not_come_into_a_project_of_one_that_has_images(tmp_path):
    root, other = tmp_path / "data", tmp_path / "other"
    root.mkdir()
    DATASETS["table of many labels"][1](root)
    picture(other, "x/a.png")
    with Project.create(tmp_path / "made") as project:
        import_source(project, other, progress=Progress())
        assert preview_source(project, root, progress=Progress()).note
        with pytest.raises(UserError) as caught:
            import_source(project, root, progress=Progress())
        assert caught.value.code == "import_many_labels"
        assert counts(project).samples == 1
