"""Same pixels, same answer, for 16-bit images of five channels: imported, trained, exported, predicted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tifffile

from core.errors import UserError
from core.export.exporter import export_run
from core.inference.folder import predict_source
from core.inference.predictor import Predictor
from core.inference.verify import verify_kit
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.project import Project
from core.store.runs import runs
from core.training.checkpoint import load_trained
from core.training.config import TrainConfig
from core.training.control import TrainControl
from core.training.predictions import read_predictions
from core.training.session import train

SIDE = 32


@dataclass(frozen=True)
class Kind:
    """A kind of images: its channels, its type, the range its values are in, and what the network is to see."""

    channels: int
    dtype: str
    low: float
    high: float
    config: dict[str, object]


KINDS = {
    "four of five channels": Kind(5, "uint16", 100, 9000, {"channels": "4,0,1,2"}),
}


def write_images(root: Path, kind: Kind, n: int = 24) -> None:
    """Write TIFFs of two labels that differ in which channels are bright."""
    rng = np.random.default_rng(5)
    for number in range(n):
        label = number % 2
        shape = (20 + number % 7, 24 + number % 5, kind.channels)
        tilt = np.linspace(0.1, 0.7, kind.channels) if label else np.linspace(0.7, 0.1, kind.channels)
        shares = np.clip(tilt * (0.4 + 0.6 * label) + rng.random(shape) * 0.3, 0, 1)
        pixels = (kind.low + shares * (kind.high - kind.low)).astype(kind.dtype)
        path = root / ("dim", "bright")[label] / f"{number:02d}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind.channels == 1:
            tifffile.imwrite(path, pixels[..., 0])
        else:
            extra = ["unspecified"] * (kind.channels - 1)
            tifffile.imwrite(path, pixels, photometric="minisblack", planarconfig="contig", extrasamples=extra)


@dataclass(frozen=True)
class Made:
    """A kind's images, the project that learnt them, and the kit of its run."""

    kind: Kind
    images: Path
    project: Project
    run: int
    kit: Path


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Train only the head on each kind, and export it."""
    kind, folder = request.param, tmp_path_factory.mktemp("measured")
    write_images(folder / "images", kind)
    config = TrainConfig(strategy="head", size=SIDE, device="cpu", seed=1, **kind.config)
    with Project.create(folder / "p") as project:
        import_source(project, folder / "images", labels=parse_label_rule("folder"), progress=Progress())
        list(train(project, config, TrainControl()))
        run = runs(project)[0].id
        export_run(project, run, folder / "kit")
        yield Made(kind, folder / "images", project, run, folder / "kit")


def test_the_folder_gets_the_answers_that_training_gave(made: Made):
    stored = read_predictions(made.project, made.run)
    predictor = Predictor.open(made.kit, gpu=False)
    table = predict_source(predictor, made.images)
    from core.store.samples import samples_by_id

    paths = [sample.path for sample in samples_by_id(made.project, stored.sample_ids)]
    rows = [table.paths.index(path) for path in paths]
    logits = stored.logits / stored.temperature
    expected = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    assert expected[:, 0].std() > 0.05, "the network of this test answers everything alike"
    np.testing.assert_allclose(table.probabilities[rows], expected, atol=1e-4)


def test_the_kit_says_what_it_takes_and_verifies(made: Made):
    report = verify_kit(made.kit, gpu=False)
    assert report.ok
    assert report.max_abs_dp <= 1e-4
    metadata = Predictor.open(made.kit, gpu=False).metadata
    assert (metadata.channels, metadata.dtype) == (made.kind.channels, made.kind.dtype)
    assert made.kind.dtype in (made.kit / "README.md").read_text("utf-8")
    assert load_trained(made.project, made.run).preprocess.to_json() == metadata.preprocess


def test_images_of_other_channels_are_refused_one_by_one(made: Made, tmp_path: Path):
    predictor = Predictor.open(made.kit, gpu=False)
    other = np.zeros((8, 8, 4), np.uint16)
    with pytest.raises(UserError) as caught:
        predictor.predict([other])
    assert caught.value.code == "image_channels_wrong"
    extra = ["unspecified"] * 3
    tifffile.imwrite(tmp_path / "four.tif", other, photometric="minisblack", planarconfig="contig", extrasamples=extra)
    table = predict_source(predictor, tmp_path)
    assert np.isnan(table.probabilities).all()
