"""A small project of many labels an image: bars of colour on grey noise, each its own label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from core.domain.query import SampleQuery
from core.domain.task import Task
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.store.edits import set_labels
from core.store.labels import add_labels
from core.store.project import Project
from core.store.samples import sample_table, samples_by_id
from core.store.task import set_task

COLOURS = {"red": (220, 40, 40), "green": (40, 220, 40), "blue": (40, 40, 220)}


def write_bars(root: Path, n: int = 90) -> None:
    """Write images of 32 x 32 px whose names say which bars they have, in 30 groups."""
    rng = np.random.default_rng(0)
    root.mkdir(parents=True)
    for i in range(n):
        have = [name for name in COLOURS if rng.random() < 0.4]
        pixels = rng.integers(90, 150, (32, 32, 3)).astype(np.uint8)
        for row, name in enumerate(COLOURS):
            if name in have:
                pixels[10 * row : 10 * row + 10, 2:30] = COLOURS[name]
        Image.fromarray(pixels).save(root / f"s{i % 30:02d}_{'-'.join(have) or 'none'}_{i:03d}.png")


def labels_of(name: str) -> tuple[str, ...]:
    """Return the labels that an image's name says it has."""
    have = name.split("_")[1]
    return () if have == "none" else tuple(have.split("-"))


def make_project(folder: Path, n: int = 90) -> Path:
    """Make a project of `n` labelled images in `folder`; returns its path."""
    write_bars(folder / "images", n)
    with Project.create(folder / "bars") as project:
        add_labels(project, list(COLOURS))
        set_task(project, Task.MULTI)
        rules = {"labels": parse_label_rule("none"), "groups": parse_group_rule("pattern:(s..)_")}
        import_source(project, folder / "images", **rules, progress=Progress())
        by_labels: dict[tuple[str, ...], list[int]] = {}
        for sample in samples_by_id(project, sample_table(project, SampleQuery()).ids):
            by_labels.setdefault(labels_of(sample.name), []).append(sample.id)
        for names, ids in by_labels.items():
            set_labels(project, np.array(ids), names)
        return project.root
