from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.domain.query import SampleQuery
from core.domain.samples import Split
from core.errors import UserError
from core.images.hashing import bytes_digest
from core.images.reader import ImageReader
from core.ingest.importer import import_source
from core.ingest.rules import LABELS_BY_FOLDER, NO_GROUPS, NO_LABELS, parse_group_rule, parse_label_rule
from core.progress import Progress
from core.store.labels import labels
from core.store.project import Project
from core.store.samples import counts, sample_ids, samples_by_id
from core.store.sources import sources
from tests.support.idx import write_idx
from tests.support.pictures import png_bytes

FASHION = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture
def project(tmp_path):
    with Project.create(tmp_path / "digits") as project:
        yield project


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    rng = np.random.default_rng(7)
    for name, count in (("train", 30), ("t10k", 10)):
        write_idx(root / f"{name}-images-idx3-ubyte.gz", rng.integers(0, 256, (count, 6, 5)))
        write_idx(root / f"{name}-labels-idx1-ubyte.gz", np.arange(count)[::-1] % 10)
    return root


def run(project, root, labels=LABELS_BY_FOLDER, groups=NO_GROUPS):
    return import_source(project, root, labels=labels, groups=groups, progress=Progress())


def test_pairs_become_samples_with_labels_and_a_hint_of_the_split(project, root):
    report = run(project, root)
    assert report.added == 40
    assert report.labels == {str(digit): 4 for digit in range(10)}
    assert [label.name for label in labels(project)] == [str(digit) for digit in range(10)]
    splits = counts(project).splits
    assert (splits[Split.NONE], splits[Split.TEST]) == (30, 10)
    assert [source.kind for source in sources(project).values()] == ["folder"]
    assert run(project, root).known == 40


def test_the_digest_is_that_of_the_pixels(project, root):
    run(project, root)
    reader = ImageReader(sources(project))
    for sample in samples_by_id(project, sample_ids(project, SampleQuery()))[:5]:
        pixels = reader.raw(sample.source_id, sample.path)
        assert pixels.shape == (sample.height, sample.width) == (6, 5)
        assert sample.digest == bytes_digest(pixels.tobytes())
        assert sample.size_bytes == 30


def test_names_of_labels_are_taken_from_a_file_beside(project, root):
    (root / "labels.txt").write_text("\n".join(f"kind {digit}" for digit in range(10)) + "\n")
    assert "kind 3" in run(project, root).labels


@pytest.mark.parametrize("text", ["one\ntwo\n", "same\n" * 10, "x" * 100 + "\n" * 10])
def test_names_that_do_not_fit_are_refused(project, root, text):
    (root / "labels.txt").write_text(text)
    with pytest.raises(UserError):
        run(project, root)
    assert counts(project).samples == 0


def test_labels_may_be_left_out_or_not_be_there(project, root):
    assert run(project, root, NO_LABELS).labels == {}
    for path in root.glob("*labels*"):
        path.unlink()
    with Project.create(root.parent / "other") as other:
        assert run(other, root).labels == {}
        assert counts(other).unlabelled == 40


def test_of_a_packed_and_an_unpacked_file_one_is_taken(project, root):
    write_idx(root / "train-images-idx3-ubyte", np.zeros((30, 6, 5)))
    assert run(project, root).added == 40


def test_files_with_a_dot_in_their_names_are_pairs_too(project, root):
    write_idx(root / "val-images.idx3-ubyte", np.zeros((1, 2, 2)))
    write_idx(root / "val-labels.idx1-ubyte", np.zeros(1))
    assert run(project, root).added == 41
    assert counts(project).splits[Split.VAL] == 1


def test_images_beside_idx_files_are_imported_too(project, root):
    (root / "extra").mkdir()
    (root / "extra" / "a.png").write_bytes(png_bytes())
    report = run(project, root)
    assert report.added == 41
    assert report.labels["extra"] == 1
    assert sorted(source.kind for source in sources(project).values()) == ["folder"]


def test_rules_that_idx_files_do_not_know_are_refused(project, root):
    for label_rule, group_rule in (
        (parse_label_rule("pattern:x"), NO_GROUPS),
        (NO_LABELS, parse_group_rule("pattern:x")),
    ):
        with pytest.raises(UserError) as caught:
            run(project, root, label_rule, group_rule)
        assert caught.value.code == "rule_not_for_idx"


def damage_count(root):
    write_idx(root / "t10k-labels-idx1-ubyte.gz", np.zeros(9))


def damage_end(root):
    path = root / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])


def damage_magic(root):
    write_idx(root / "train-images-idx3-ubyte.gz", np.zeros(30))


def damage_length(root):
    data = bytes([0, 0, 8, 3]) + (31).to_bytes(4, "big") + (6).to_bytes(4, "big") + (5).to_bytes(4, "big") + bytes(900)
    (root / "train-images-idx3-ubyte").write_bytes(data)


def damage_bomb(root):
    (root / "train-images-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3]) + b"\xff\xff\xff\xff" * 3 + bytes(100))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (damage_count, "idx_counts"),
        (damage_end, "idx_size"),
        (damage_magic, "idx_magic"),
        (damage_length, "idx_size"),
        (damage_bomb, "image_too_large"),
    ],
)
def test_damaged_files_are_refused_before_anything_is_added(project, root, damage, code):
    damage(root)
    with pytest.raises(UserError) as caught:
        run(project, root)
    assert caught.value.code == code
    assert counts(project).samples == 0


@pytest.mark.skipif(not FASHION.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_fashion_mnist_is_imported(project):
    report = run(project, FASHION)
    assert report.added == 70_000
    assert report.labels == {str(digit): 7_000 for digit in range(10)}
    assert counts(project).splits[Split.TEST] == 10_000
