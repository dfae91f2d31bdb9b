"""``coverslip suggest``: from a dozen labels to suggestions, accepted ones as edits of their own kind."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main
from core.store.edits import set_label
from core.store.ledger import history
from core.store.project import Project

TINTS = {"violet": (150, 60, 190), "rose": (230, 150, 150)}


@pytest.fixture
def run(capsys):
    def call(*argv):
        code = main([str(word) for word in argv] + ["--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def project(tmp_path, run):
    """Thirty pictures of two colours, of which the first fourteen are labelled."""
    noise = np.random.default_rng(11)
    (tmp_path / "images").mkdir()
    for index in range(30):
        tint = TINTS["violet" if index % 2 else "rose"]
        pixels = np.array(tint) + noise.integers(-40, 25, (24, 24, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(tmp_path / "images" / f"{index:02}.png")
    path = tmp_path / "cells.coverslip"
    run("new", path)
    run("import", path, tmp_path / "images", "--labels", "none")
    return path


def label(path, count):
    with Project.open(path) as opened:
        set_label(opened, list(range(1, count + 1, 2)), "rose")
        set_label(opened, list(range(2, count + 1, 2)), "violet")


def test_suggestions_come_with_how_right_they_were(project, run):
    label(project, 14)
    code, report = run("suggest", project, "--limit", "5")
    assert code == 0
    assert (report["labelled"], report["unlabelled"], len(report["suggestions"])) == (14, 16, 5)
    assert report["accuracy"]["low"] <= report["accuracy"]["value"] <= report["accuracy"]["high"]
    for row in report["suggestions"]:
        assert row["labels"] == ["violet" if int(row["path"][:2]) % 2 else "rose"]
        assert 0.5 <= row["confidence"] <= 1


def test_accepted_suggestions_are_edits_with_their_own_tool(project, run):
    label(project, 14)
    code, report = run("suggest", project, "--accept-above", "0.5", "--order", "confident")
    assert code == 0
    assert report["accepted"] == {"rose": 8, "violet": 8}
    assert report["suggestions"] == []
    with Project.open(project, read_only=True) as opened:
        [latest] = history(opened, 1)
    assert (latest.tool, latest.count) == ("suggestion", 16)
    assert run("info", project)[1]["labels"] == {"rose": 15, "violet": 15}


def test_too_few_labels_are_said_and_nothing_is_changed(project, run):
    label(project, 8)
    code, report = run("suggest", project, "--accept-above", "0.5")
    assert code == 1
    assert report["error"]["code"] == "suggestions_need_labels"
    assert "8" in report["error"]["message"]


@pytest.mark.parametrize("share", ["1.2", "much", "-0.1"])
def test_a_confidence_is_from_0_to_1(project, share, capsys):
    assert main(["suggest", str(project), "--accept-above", share]) == 2
