"""Killed at any moment: the project opens, what was committed is there, what was half done is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.query import SampleQuery
from core.store.labels import labels
from core.store.ledger import history
from core.store.project import Project
from core.store.samples import counts, sample_table
from tests.support.projects import project_with_rows
from tests.support.victims import edit_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
REPOSITORY = Path(__file__).resolve().parents[2]


@contextmanager
def killed(verb: str, project: Path, moments: int, seed: int = 7) -> Iterator[Iterator[int]]:
    """Give an iterator that yields after each kill; the next child starts when it goes on."""
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.support.victims", verb, str(project), str(moments), str(seed)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def kills() -> Iterator[int]:
        for moment in range(moments):
            line = driver.stdout.readline()
            assert line == "killed\n", driver.stderr.read()
            yield moment
            driver.stdin.write("go on\n")
            driver.stdin.flush()

    try:
        yield kills()
    finally:
        driver.kill()
        driver.communicate()


def test_labelling_loses_no_committed_edit_and_keeps_no_half_of_one(tmp_path):
    n_samples = 40
    project_with_rows(tmp_path, [(f"{i}.png", None, None) for i in range(n_samples)]).close()
    path, notes = tmp_path / "cells.coverslip", tmp_path / "committed"
    with killed("label", path, moments=14) as kills:
        for _ in kills:
            noted = notes.read_text().splitlines() if notes.exists() else []
            with Project.open(path) as project:
                made = history(project, limit=10**6)
                assert len(noted) <= len(made)
                names = {label.id: label.name for label in labels(project)}
                found = {i: names.get(k) for i, k in table_labels(project)}
            expected: dict[int, str | None] = dict.fromkeys(range(1, n_samples + 1))
            for step in range(1, len(made) + 1):
                ids, name = edit_of(step, n_samples)
                expected.update(dict.fromkeys(ids, name))
            assert found == expected
    assert len(made) > 14


def table_labels(project: Project) -> list[tuple[int, int]]:
    table = sample_table(project, SampleQuery())
    return list(zip(table.ids.tolist(), table.label_ids.tolist(), strict=True))


def make_images(folder: Path, n: int, size: int = 12) -> None:
    rng = np.random.default_rng(0)
    for i in range(n):
        path = folder / "AB"[i % 2] / f"s{i % 6}_{i:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        # The two labels differ, so that a network has something to learn.
        pixels = rng.integers(0, 120, (size, size, 3)) + np.array([120, 0, 0] if i % 2 else [0, 0, 120])
        Image.fromarray(pixels.astype(np.uint8)).save(path)


def test_an_import_can_be_killed_and_repeated_and_gives_the_same_as_once(tmp_path):
    make_images(tmp_path / "images", 1500)
    path = tmp_path / "cells.coverslip"
    Project.create(path).close()
    with killed("import", path, moments=8) as kills:
        for _ in kills:
            with Project.open(path) as project:
                found = counts(project)
                assert found.unreadable == 0
                assert sum(found.labels.values()) == found.samples
                assert found.samples == len(set(sample_table(project, SampleQuery()).paths))
    from core.cli.main import main

    assert main(["import", str(path), str(tmp_path / "images")]) == 0
    with Project.open(path) as project:
        assert counts(project).labels == {"A": 750, "B": 750}
        assert sum(edit.count for edit in history(project)) == 1500


@pytest.fixture
def trainable(tmp_path: Path) -> Path:
    """Return a project of 48 pictures of two labels, split."""
    from core.ingest.importer import import_source
    from core.ingest.rules import parse_group_rule, parse_label_rule
    from core.progress import Progress
    from core.store.splits import assign_project_splits

    make_images(tmp_path / "images", 48, size=24)
    with Project.create(tmp_path / "cells") as project:
        rules = parse_label_rule("folder"), parse_group_rule(None)
        import_source(project, tmp_path / "images", labels=rules[0], groups=rules[1], progress=Progress())
        assign_project_splits(project)
        return project.root


def whole_files(folder: Path) -> None:
    """Check that every file with a final name can be read to its end."""
    import json

    from safetensors.numpy import load_file

    for path in folder.rglob("*"):
        if ".part" in path.name or not path.is_file():
            continue
        if path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".safetensors":
            load_file(path)
        elif path.suffix in (".npz", ".npy"):
            np.load(path, allow_pickle=False)


def test_a_training_killed_at_any_moment_is_offered_to_be_resumed(trainable: Path):
    from core.domain.runs import RESUMABLE, USABLE
    from core.store.runs import runs

    with killed("train", trainable, moments=6) as kills:
        for _ in kills:
            with Project.open(trainable) as project:
                assert all(run.state in RESUMABLE | USABLE for run in runs(project))
                whole_files(project.runs_dir)
    with Project.open(trainable) as project:
        waiting = [run for run in runs(project) if run.state in RESUMABLE]
    from core.cli.main import main

    for run in waiting[:1]:
        assert main(["train", str(trainable), "--resume", str(run.id)]) == 0


def test_an_export_killed_at_any_moment_leaves_a_whole_kit_or_none(trainable: Path):
    from core.cli.main import main
    from core.inference.verify import verify_kit

    assert main(["train", str(trainable), "--set", "preset=quick", "--set", "size=32"]) == 0
    kit = trainable.parent / "kit"
    with killed("export", trainable, moments=4) as kills:
        for _ in kills:
            Project.open(trainable).close()
            assert not kit.exists() or verify_kit(kit).ok
