"""Embedding a project: only what is new costs anything, whatever happened before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.backbones.classifier import Classifier, build_classifier
from core.backbones.device import pick_device
from core.backbones.table import get_backbone
from core.backbones.weights import load_weights
from core.domain.query import SampleQuery
from core.domain.samples import NewSample, SampleTable
from core.embeddings.extract import Embeddings, embed_project
from core.embeddings.quick_head import fit_quick_head, group_folds, out_of_fold_logits
from core.errors import Cancelled
from core.images.hashing import file_digest
from core.images.preprocess import Preprocess, ResizeMode
from core.progress import CancelToken, Progress, ProgressReport
from core.store.project import Project
from core.store.samples import add_samples, sample_table
from core.store.sources import add_source
from tests.support.backbones import lively

PREPROCESS = Preprocess(32, ResizeMode.STRETCH, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return lively("mobilenet_v3_small")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "cells") as created:
        yield created


def add_images(project: Project, folder: Path, numbers: range) -> None:
    """Add pictures, each of its own content, to the project."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        pixels = np.random.default_rng(number).integers(0, 256, (20, 24, 3), dtype=np.uint8)
        assert cv2.imwrite(str(folder / f"{number:03}.png"), pixels)
    register(project, folder, [f"{number:03}.png" for number in numbers])


def register(project: Project, folder: Path, names: list[str]) -> None:
    source = add_source(project, "folder", folder)
    new = [
        NewSample(name, file_digest(folder / name), (folder / name).stat().st_size, (folder / name).stat().st_mtime_ns)
        for name in names
    ]
    assert add_samples(project, source.id, new) == len(names)


def embed(project: Project, classifier: Classifier, progress: Progress | None = None, **kwargs: float) -> Embeddings:
    device = pick_device("cpu")
    return embed_project(project, table_of(project), classifier, PREPROCESS, device, progress or Progress(), **kwargs)


def table_of(project: Project) -> SampleTable:
    return sample_table(project, SampleQuery())


def test_every_sample_gets_its_features_once(project: Project, classifier: Classifier, tmp_path: Path) -> None:
    add_images(project, tmp_path / "images", range(20))
    first = embed(project, classifier)
    assert first.features.shape == (20, 1024)
    assert np.isfinite(first.features).all()
    assert (first.computed, first.readable.all(), first.problems) == (20, True, {})
    again = embed(project, classifier)
    assert again.computed == 0
    assert np.array_equal(again.features, first.features)


def test_added_samples_cost_only_themselves(project: Project, classifier: Classifier, tmp_path: Path) -> None:
    add_images(project, tmp_path / "images", range(12))
    before = embed(project, classifier)
    add_images(project, tmp_path / "images", range(12, 15))
    after = embed(project, classifier)
    assert after.computed == 3
    assert np.array_equal(after.features[:12], before.features)
    assert np.isfinite(after.features).all()


def test_rows_follow_the_table(project: Project, classifier: Classifier, tmp_path: Path) -> None:
    add_images(project, tmp_path / "images", range(9))
    every = embed(project, classifier).features
    table = table_of(project).take(np.array([7, 0, 3]))
    some = embed_project(project, table, classifier, PREPROCESS, pick_device("cpu"), Progress())
    assert np.array_equal(some.features, every[[7, 0, 3]])


def test_files_with_the_same_content_are_embedded_once(
    project: Project, classifier: Classifier, tmp_path: Path
) -> None:
    folder = tmp_path / "images"
    add_images(project, folder, range(3))
    (folder / "copy.png").write_bytes((folder / "001.png").read_bytes())
    register(project, folder, ["copy.png"])
    found = embed(project, classifier)
    assert found.computed == 3
    assert np.array_equal(found.features[3], found.features[1])


def test_unreadable_images_are_recorded_and_tried_again_later(
    project: Project, classifier: Classifier, tmp_path: Path
) -> None:
    folder = tmp_path / "images"
    add_images(project, folder, range(6))
    whole = (folder / "004.png").read_bytes()
    (folder / "004.png").write_bytes(whole[:100])
    (folder / "002.png").unlink()
    found = embed(project, classifier)
    assert sorted(found.problems) == [2, 4]
    assert "no such file" in found.problems[2]
    assert np.flatnonzero(~found.readable).tolist() == [2, 4]
    assert np.isnan(found.features[[2, 4]]).all()
    (folder / "004.png").write_bytes(whole)
    again = embed(project, classifier)
    assert sorted(again.problems) == [2]
    assert np.isfinite(again.features[4]).all()


def test_a_stopped_pass_goes_on_where_it_was(project: Project, classifier: Classifier, tmp_path: Path) -> None:
    add_images(project, tmp_path / "images", range(150))
    token = CancelToken()

    def stop(report: ProgressReport) -> None:
        if report.done >= 60:
            token.cancel()

    with pytest.raises(Cancelled):
        embed(project, classifier, Progress(stop, token, interval_s=0))
    rest = embed(project, classifier)
    assert 0 < rest.computed <= 90
    assert np.isfinite(rest.features).all()


def test_finished_work_is_written_while_the_pass_goes_on(
    project: Project, classifier: Classifier, tmp_path: Path
) -> None:
    add_images(project, tmp_path / "images", range(200))
    seen: list[int] = []

    def look(report: ProgressReport) -> None:
        seen.append(len(list(project.cache_dir.rglob("[!.]*.npy"))))

    embed(project, classifier, Progress(look, interval_s=0), keep_every_s=0)
    assert max(seen) > 1
    assert embed(project, classifier).computed == 0


def test_other_weights_are_embedded_anew(project: Project, classifier: Classifier, tmp_path: Path) -> None:
    add_images(project, tmp_path / "images", range(4))
    first = embed(project, classifier)
    other = embed(project, lively("mobilenet_v3_small", seed=1))
    assert other.computed == 4
    assert not np.allclose(first.features, other.features)


def test_no_samples_have_no_features(project: Project, classifier: Classifier) -> None:
    found = embed(project, classifier)
    assert found.features.shape == (0, 1024)
    assert found.computed == 0


def test_deleting_the_cache_only_costs_time(project: Project, classifier: Classifier, tmp_path: Path) -> None:
    import shutil

    add_images(project, tmp_path / "images", range(4))
    first = embed(project, classifier)
    shutil.rmtree(project.cache_dir)
    again = embed(project, classifier)
    assert again.computed == 4
    np.testing.assert_allclose(again.features, first.features, rtol=1e-5, atol=1e-6)


def test_a_bundled_backbone_tells_real_blood_cells_apart(project: Project, cells: Path, tmp_path: Path) -> None:
    names = [
        path.relative_to(cells).as_posix()
        for label in ("Platelets", "RBC", "WBC")
        for path in sorted((cells / label).glob("*.jpg"))[:60]
    ]
    register(project, cells, names)
    spec = get_backbone("efficientnet_lite0")
    classifier = build_classifier(spec, 3, load_weights(spec, tmp_path))
    preprocess = Preprocess(64, ResizeMode.STRETCH, spec.mean, spec.std)
    table = table_of(project)
    features = embed_project(project, table, classifier, preprocess, pick_device("cpu"), Progress()).features
    y = np.array([("Platelets", "RBC", "WBC").index(path.split("/")[0]) for path in table.paths])
    smears = np.unique([path.split("_")[1] for path in table.paths], return_inverse=True)[1].astype(np.int64)
    logits = out_of_fold_logits(features, y, 3, group_folds(smears, y, 3))
    assert np.mean(logits.argmax(1) == y) > 0.95
    assert np.mean(fit_quick_head(features, y, 3).logits(features).argmax(1) == y) == 1
