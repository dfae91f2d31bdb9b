"""Embedding what suggestions stand on: once, resumable, and without the images that cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.backbones.device import pick_device
from core.embeddings.labelled import read_pool
from core.errors import Cancelled
from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import CancelToken, Progress, ProgressReport
from core.store.project import Project
from core.training.config import TrainConfig
from core.training.suggesting import PoolEmbedder

CONFIG = TrainConfig(size=32)


@pytest.fixture
def project(tmp_path: Path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (20, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    with Project.create(tmp_path / "cells") as made:
        import_source(made, folder, labels=parse_label_rule("none"), progress=Progress())
        yield made


def embedder(project: Project) -> PoolEmbedder:
    return PoolEmbedder(project, pick_device("cpu"), CONFIG)


def test_every_image_has_its_features_and_the_second_time_none_is_read(project, tmp_path):
    pool = read_pool(project)
    reports: list[ProgressReport] = []
    first = embedder(project).embed(pool, Progress(reports.append, interval_s=0))
    assert sorted(first.rows.tolist()) == list(range(12))
    assert (reports[-1].done, reports[-1].total) == (12, 12)
    for path in (tmp_path / "images").iterdir():
        path.unlink()
    again = embedder(project).embed(pool, Progress())
    assert np.array_equal(again.rows, first.rows)
    assert np.array_equal(again.bank.take(again.rows), first.bank.take(first.rows))


def test_the_network_is_loaded_only_where_an_image_is_new(project):
    stages: list[str] = []
    progress = Progress(lambda report: stages.append(report.stage), interval_s=0)
    first = embedder(project).embed(read_pool(project), progress)
    assert "Loading the network" in stages
    stages.clear()
    again = embedder(project).embed(read_pool(project), progress)
    assert stages == []
    assert np.array_equal(again.rows, first.rows)
    for note in (b"{", b"[]", b'{"lite0": 3}'):
        (project.cache_dir / "fingerprints.json").write_bytes(note)
        assert np.array_equal(embedder(project).embed(read_pool(project), Progress()).rows, first.rows)


def test_an_image_that_cannot_be_read_has_no_row(project, tmp_path):
    (tmp_path / "images" / "03.png").write_bytes(b"not a picture any more")
    found = embedder(project).embed(read_pool(project), Progress())
    assert np.flatnonzero(found.rows < 0).tolist() == [3]


def test_what_was_finished_before_a_stop_is_kept(project):
    token = CancelToken()

    def stop(report: ProgressReport) -> None:
        if report.done >= 8:
            token.cancel()

    with pytest.raises(Cancelled):
        embedder(project).embed(read_pool(project), Progress(stop, token, interval_s=0))
    counted: list[ProgressReport] = []
    found = embedder(project).embed(read_pool(project), Progress(counted.append, interval_s=0))
    assert (found.rows >= 0).all()


def test_damaged_notes_are_made_again(project):
    embedder(project).embed(read_pool(project), Progress())
    (project.cache_dir / "suggestions.json").write_text('{"size": "big"}')
    assert (embedder(project).embed(read_pool(project), Progress()).rows >= 0).all()
