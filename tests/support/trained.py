"""A project with a finished run: a real backbone whose head learned two colours within a second or two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from core.domain.runs import RunState
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.project import Project
from core.store.runs import runs
from core.store.splits import assign_project_splits

TINTS = {"violet": (150, 60, 190), "rose": (230, 150, 150)}
PER_LABEL = 15


def write_pictures(folder: Path) -> Path:
    """Write `PER_LABEL` small pictures of mixed sizes for each label into a folder named like it."""
    noise = np.random.default_rng(11)
    for label, tint in TINTS.items():
        (folder / label).mkdir(parents=True)
        for index in range(PER_LABEL):
            height, width = noise.integers(20, 60, 2)
            pixels = np.array(tint) + noise.integers(-40, 25, (height, width, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / label / f"{label}_{index:02}.png")
    return folder


def make_trained_project(place: Path) -> Path:
    """Return the closed project ``place/cells.coverslip`` with images, splits and run 1."""
    from core.training.config import TrainConfig
    from core.training.control import TrainControl
    from core.training.session import train

    folder = write_pictures(place / "images")
    with Project.create(place / "cells") as project:
        import_source(project, folder, labels=parse_label_rule("folder"), progress=Progress())
        assign_project_splits(project)
        config = TrainConfig(preset="quick", strategy="head", size=32, device="cpu")
        for _ in train(project, config, TrainControl(), spare_core=True):
            pass
        [run] = runs(project)
        assert run.state is RunState.DONE
        return project.root
