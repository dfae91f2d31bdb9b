"""A run of a project becomes a kit that answers as the run does: the real network, once, end to end."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import Cancelled, UserError
from core.export.exporter import ExportReport, export_run
from core.export.proof_images import ProofImages
from core.export.resolve import cached_kit, exported_run, resolve_model
from core.images.preprocess import Preprocess, ResizeMode
from core.inference.folder import predict_source
from core.inference.predictor import Predictor
from core.inference.verify import verify_kit
from core.kit import layout
from core.kit.metadata import read_metadata
from core.progress import CancelToken, Progress, ProgressReport
from core.store.labels import rename_label
from core.store.project import Project
from core.store.sources import sources
from tests.core.export.conftest import SIZE


def refusal(project: Project, directory: Path, run: int = 1, **options) -> UserError:
    with pytest.raises(UserError) as caught:
        export_run(project, run, directory, **options)
    return caught.value


@pytest.fixture(scope="module")
def exported(project: Project) -> ExportReport:
    rename_label(project, "dark", "어두움")
    directory = cached_kit(project, 1)
    directory.parent.mkdir(parents=True)
    return export_run(project, 1, directory)


def test_the_report_is_of_what_was_written(exported, project):
    assert exported.dir == cached_kit(project, 1)
    assert exported.bytes == (exported.dir / exported.model).stat().st_size > 10_000_000
    assert exported.precision == "fp32"
    assert exported.proof.n == exported.proof.argmax_equal == 41
    assert exported.proof.max_abs_dp <= 1e-4


def test_the_kit_verifies_and_says_what_it_is(exported, project):
    assert verify_kit(exported.dir).ok
    metadata = read_metadata(exported.dir / layout.METADATA)
    assert metadata.label_names == ("bright", "어두움")
    assert (metadata.project, metadata.run, metadata.backbone) == ("cells", 1, "efficientnet_lite0")
    assert (metadata.temperature, metadata.preprocess["resize"]) == (1.5, "pad")
    accuracy = metadata.metrics["test"]["metrics"]["accuracy"]
    assert accuracy["low"] <= accuracy["value"] == 1.0
    assert metadata.metrics["val"]["groups"] == 5


def test_the_kit_answers_like_the_network_of_the_application(exported, project):
    import torch

    from core.images.decode import decode
    from core.images.network_input import to_network
    from core.training.checkpoint import load_trained

    root = Path(next(iter(sources(project).values())).root)
    table = predict_source(Predictor.open(exported.dir), root)
    trained = load_trained(project, 1)
    with torch.inference_mode():
        logits = trained.classifier(to_network([decode(root / path) for path in table.paths], trained.preprocess))
        expected = torch.softmax(logits / trained.readout.temperature, dim=1).numpy()
    assert table.errors == [None] * 41
    assert np.abs(table.probabilities - expected).max() <= 1e-5
    assert expected.std(axis=0).min() > 0.01


def test_a_run_that_was_exported_is_found_by_its_name(exported, project):
    made = (exported.dir / layout.MODEL).stat().st_mtime_ns
    for name in (project.root, project.root.with_suffix("")):
        assert resolve_model(f"{name}:1") == exported.dir
    assert (exported.dir / layout.MODEL).stat().st_mtime_ns == made


def test_a_run_whose_kit_would_be_another_is_exported_again(exported, project):
    token = CancelToken()
    token.cancel()
    rename_label(project, "어두움", "dark")
    with pytest.raises(Cancelled):
        exported_run(project, 1, progress=Progress(token=token))
    rename_label(project, "dark", "어두움")
    assert exported_run(project, 1, progress=Progress(token=token)) == exported.dir


def test_a_run_of_a_project_that_cannot_be_written_is_exported_to_the_users_cache(
    exported, project, tmp_path, monkeypatch
):
    monkeypatch.setenv("COVERSLIP_CACHE_DIR", str(tmp_path / "cache"))
    kits, aside = exported.dir.parent, tmp_path / "aside"
    kits.rename(aside)
    kits.write_text("no folder can be made here")  # stops the superuser too
    try:
        found = exported_run(project, 1)
        assert found.is_relative_to(tmp_path / "cache")
        made = (found / layout.MODEL).stat().st_mtime_ns
        assert exported_run(project, 1) == found
    finally:
        kits.unlink()
        aside.rename(kits)
    assert (found / layout.MODEL).stat().st_mtime_ns == made


def test_kits_and_files_resolve_to_themselves(built_kit):
    assert resolve_model(str(built_kit)) == built_kit
    assert resolve_model(str(built_kit / layout.MODEL)) == built_kit / layout.MODEL


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nowhere", "model_missing"),
        ("nowhere.onnx", "model_missing"),
        ("C:3", "model_missing"),
        (":3", "model_missing"),
        ("nowhere:3", "project_missing"),
        ("nowhere:x", "model_missing"),
    ],
)
def test_a_name_that_is_no_model_is_told(tmp_path, text, code, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as caught:
        resolve_model(text)
    assert caught.value.code == code


def test_an_unknown_run_of_a_project_is_told_with_those_there_are(project):
    with pytest.raises(UserError, match="2, 1") as caught:
        resolve_model(f"{project.root}:99")
    assert caught.value.code == "run_missing"


def test_what_is_wrong_with_the_request_is_told_before_anything_is_made(project, tmp_path):
    assert refusal(project, tmp_path / "kit", run=99).code == "run_missing"
    assert refusal(project, tmp_path / "kit", run=2).code == "run_not_usable"
    assert refusal(project, tmp_path / "kit", precision="int8").code == "export_precision"
    assert refusal(project, tmp_path / "no" / "kit").code == "export_parent_missing"
    (tmp_path / "thesis.txt").write_text("years of work")
    assert refusal(project, tmp_path).code == "export_target_exists"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_stopping_early_leaves_nothing(project, tmp_path):
    token = CancelToken()

    def stop(report: ProgressReport) -> None:
        token.cancel()

    with pytest.raises(Cancelled):
        export_run(project, 1, tmp_path / "kit", progress=Progress(stop, token))
    assert list(tmp_path.iterdir()) == []


def test_the_proof_takes_every_image_once_when_there_are_few(project):
    images = ProofImages(project, Preprocess(SIZE, ResizeMode.PAD, (0.5,) * 3, (0.5,) * 3))
    shapes = [image.shape for image in images]
    assert images.expected == len(shapes) == 41
    assert (400, 500, 3) in shapes
    assert [
        image.shape for image in ProofImages(project, Preprocess(SIZE, ResizeMode.PAD, (0.5,) * 3, (0.5,) * 3))
    ] == shapes


def test_without_its_images_nothing_can_be_proven_and_nothing_is_written(project, tmp_path):
    root = Path(next(iter(sources(project).values())).root)
    moved = shutil.move(root, tmp_path / "moved")
    try:
        error = refusal(project, tmp_path / "kit")
    finally:
        shutil.move(moved, root)
    assert error.code == "export_no_images"
    assert str(root) in error.message
    assert not (tmp_path / "kit").exists()
