"""A project with a run whose network is the bundled efficientnet-lite0, ready to export without any training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.query import SampleQuery
from core.domain.runs import RunState
from core.domain.samples import SPLIT_CODES, Split
from core.images.preprocess import Preprocess, ResizeMode
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.store.labels import labels
from core.store.project import Project
from core.store.runs import create_run, run_dir, update_run
from core.store.samples import sample_table
from tests.support.kits import picture

SIZE = 64


def make_images(root: Path, n: int = 40) -> None:
    """Write images of two labels and several groups, from tiny to larger than a golden sample."""
    for i in range(n):
        folder = root / ("dark" if i % 2 else "bright")
        folder.mkdir(parents=True, exist_ok=True)
        image = picture(i, largest=90)
        Image.fromarray(image // 3 if i % 2 else image).save(folder / f"slide{i % 5}_{i:02d}.png")
    large = np.random.default_rng(0).integers(0, 256, (400, 500, 3), dtype=np.uint8)
    Image.fromarray(large).save(root / "bright" / "slide0_large.png")


def add_run(project: Project) -> int:
    """Enter a finished run of lite0 with a head that answers, as a training would leave it."""
    from core.backbones.classifier import build_classifier
    from core.backbones.table import BACKBONES
    from core.backbones.weights import load_weights
    from core.evaluation.readout import Readout
    from core.training.checkpoint import FileKeeper, write_model
    from core.training.config import TrainConfig
    from core.training.events import EpochScores
    from core.training.predictions import RunPredictions, write_predictions
    from core.training.snapshot import Best

    spec = BACKBONES["efficientnet_lite0"]
    found = tuple(labels(project))
    config = TrainConfig(backbone=spec.name, size=SIZE, resize=ResizeMode.PAD)
    run = create_run(project, spec.name, config.to_json())
    classifier = build_classifier(spec, len(found), load_weights(spec, project.cache_dir, progress=Progress()), seed=1)
    weights = {name: tensor * (4 if name == "head.weight" else 1) for name, tensor in classifier.state_dict().items()}
    folder = run_dir(project, run.id)
    FileKeeper(folder).keep_best(Best(1, EpochScores(0.1, 0.9, 0.9), weights))
    write_model(folder, found, Preprocess(SIZE, ResizeMode.PAD, spec.mean, spec.std), Readout(temperature=1.5))
    table = sample_table(project, SampleQuery())
    y = np.searchsorted([label.id for label in found], table.label_ids)
    logits = np.eye(len(found), dtype=np.float32)[y] * 3
    splits = np.where(np.arange(len(y)) % 3 == 0, SPLIT_CODES[Split.TEST], SPLIT_CODES[Split.VAL]).astype(np.int8)
    ids = tuple(label.id for label in found)
    write_predictions(
        project, run.id, RunPredictions(table.ids, logits, y, table.groups_or_self(), splits, ids, temperature=1.5)
    )
    update_run(project, run.id, state=RunState.DONE)
    return run.id


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Return a project of 41 images with the finished run 1 and the interrupted run 2."""
    folder = tmp_path_factory.mktemp("project")
    make_images(folder / "images")
    with Project.create(folder / "cells") as made:
        rules = {"labels": parse_label_rule("folder"), "groups": parse_group_rule(r"pattern:(slide\d)_")}
        import_source(made, folder / "images", **rules, progress=Progress())
        add_run(made)
        interrupted = create_run(made, "efficientnet_lite0", "{}")
        update_run(made, interrupted.id, state=RunState.INTERRUPTED)
        yield made
