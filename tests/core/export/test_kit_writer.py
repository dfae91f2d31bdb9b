"""A kit is proven before it exists."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from core.errors import Cancelled, UserError
from core.evaluation.readout import Readout
from core.export.kit_writer import Subject, write_kit
from core.export.proving import Prover, Reference
from core.images.decode import decode
from core.images.intensity import to_rgb8
from core.inference.predictor import Predictor
from core.inference.verify import verify_kit
from core.kit import layout
from core.kit.golden import MAX_PIXELS, golden_crop, read_golden
from core.kit.metadata import read_metadata
from core.kit.proof import TOLERANCES, read_proof
from core.progress import CancelToken, Progress, ProgressReport
from tests.support import kits
from tests.support.kits import Pictures, write_tiny_kit


def test_everything_another_team_needs_is_in_the_folder(built_kit):
    layout.check_complete(built_kit)
    assert (built_kit / layout.LABELS).read_text(encoding="utf-8").splitlines() == list(kits.LABELS)
    assert read_metadata(built_kit / layout.METADATA) == kits.metadata()
    proof = read_proof(built_kit / layout.PROOF)
    assert proof.n == proof.argmax_equal == 12
    assert proof.max_abs_dp <= 1e-5
    assert set(proof.files) == set(layout.digests(built_kit)) - {layout.PROOF}
    assert {"torch", "onnxruntime", "onnx", "python", "provider"} <= proof.environment.keys()
    assert len(read_golden(built_kit, len(kits.LABELS))) == 12


def test_large_images_are_proven_whole_and_kept_as_crops(built_kit, tmp_path):
    predictor = Predictor.open(built_kit)
    reference = Reference(kits.network(), kits.preprocess(), Readout(temperature=1.3))
    images = [np.random.default_rng(i).integers(0, 256, (700, 500, 3), dtype=np.uint8) for i in range(2)]
    (tmp_path / "golden").mkdir()
    proof = Prover(reference, predictor, tmp_path, TOLERANCES["fp32"]).run(images, Progress())
    assert proof.n == 2
    golden = read_golden(tmp_path, len(kits.LABELS))
    for row, name in enumerate(golden.names):
        crop = decode(tmp_path / name)
        assert crop.shape[0] * crop.shape[1] <= MAX_PIXELS
        assert np.array_equal(crop, golden_crop(images[row]))
        assert predictor.predict([crop]).probabilities[0] == pytest.approx(golden.probabilities[row], abs=1e-5)


class Inconstant(torch.nn.Module):
    """Answers otherwise when traced than when called, as a wrongly exported network would."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = kits.network()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits = self.inner(x)
        return logits.flip(1) if torch.compiler.is_exporting() else logits


def test_a_graph_that_answers_otherwise_is_not_exported(tmp_path):
    with pytest.raises(UserError) as caught:
        write_kit(Subject(Inconstant(), kits.metadata()), Pictures(), tmp_path / "kit")
    assert caught.value.code == "export_unproven"
    assert caught.value.params["n"] == 12
    assert list(tmp_path.iterdir()) == []


def test_stopping_leaves_nothing(tmp_path):
    token = CancelToken()

    def stop(report: ProgressReport) -> None:
        if report.stage.startswith("Proving"):
            token.cancel()

    with pytest.raises(Cancelled):
        write_tiny_kit(tmp_path / "kit", progress=Progress(stop, token, interval_s=0))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_told_before_anything_takes_long(built_kit, tmp_path):
    stages: list[str] = []
    (tmp_path / "thesis.txt").write_text("years of work")
    for target in (built_kit, tmp_path):
        with pytest.raises(UserError):
            write_tiny_kit(target, progress=Progress(lambda report: stages.append(report.stage)))
    assert stages == []


def test_an_unknown_precision_is_told_with_those_there_are(tmp_path):
    with pytest.raises(UserError, match="fp32, fp16") as caught:
        write_tiny_kit(tmp_path / "kit", precision="int8")
    assert caught.value.code == "export_precision"


def test_half_precision_is_half_the_weights_and_proven_to_its_own_tolerance(tmp_path, built_kit):
    write_tiny_kit(tmp_path / "kit", precision="fp16")
    proof = read_proof(tmp_path / "kit" / layout.PROOF)
    assert 1e-6 < proof.max_abs_dp <= proof.tolerance == 0.02
    report = verify_kit(tmp_path / "kit")
    assert report.ok
    assert report.tolerance == 0.02
    import onnx

    model = onnx.load(tmp_path / "kit" / layout.MODEL)
    kinds = {tensor.data_type for tensor in model.graph.initializer}
    assert onnx.TensorProto.FLOAT16 in kinds


def test_the_python_in_the_page_runs_as_it_stands(built_kit, tmp_path):
    page = (built_kit / layout.README).read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code, "golden/0000.png", "golden/0001.png"],
        cwd=built_kit,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    golden = read_golden(built_kit, len(kits.LABELS))
    expected = [kits.LABELS[row.argmax()] for row in golden.probabilities[:2]]
    assert [line.split()[1] for line in ran.stdout.splitlines()] == expected


def test_the_python_in_the_page_sees_the_pixels_the_application_sees(built_kit, tmp_path):
    page = (built_kit / layout.README).read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    prepare = re.search(r"^    (image = .*?)\n    probabilities", code, re.DOTALL | re.MULTILINE).group(1)
    for path in _awkward_pictures(tmp_path):
        names = {"np": np, "Image": Image, "ImageOps": ImageOps, "path": BytesIO(path.read_bytes())}
        exec(textwrap.dedent("    " + prepare), names)
        shown = to_rgb8(decode(path))
        assert np.abs(names["pixels"][0].astype(int) - shown).max() <= 1, path.name


def _awkward_pictures(folder: Path) -> list[Path]:
    """Write a half transparent PNG, a transparent GIF, and a turned PNG of grey."""
    alpha = np.random.default_rng(0).integers(0, 256, (9, 7, 4), dtype=np.uint8)
    Image.fromarray(alpha).save(folder / "alpha.png")
    palette = Image.fromarray(alpha[..., 0] % 3).convert("P")
    palette.save(folder / "hole.gif", transparency=1)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(alpha[..., 0]).save(folder / "turned.png", exif=exif)
    return sorted(folder.iterdir())


def test_the_page_tells_what_the_team_needs_to_know(built_kit: Path):
    page = (built_kit / layout.README).read_text(encoding="utf-8")
    for fact in ("uint8", "(N, H, W, 3)", "stretch, 24 × 24", "test: 10 in 2 groups", "0.900", "unknown", "조각"):
        assert fact in page
    assert "{" not in page.split("## In Python", maxsplit=1)[0]
