"""Commands run as a script runs them, on a small project of two labels."""

import json

import numpy as np
import pytest
from PIL import Image

from core.cli.main import main


@pytest.fixture
def images(tmp_path):
    rng = np.random.default_rng(0)
    for label in ("RBC", "WBC"):
        for i in range(6):
            path = tmp_path / "images" / label / f"slide{i % 3}_{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 256, (8, 9, 3), dtype=np.uint8)).save(path)
    return tmp_path / "images"


@pytest.fixture
def run(capsys):
    """Run a command with --json and return its exit code and object."""

    def call(*argv):
        code = main([str(word) for word in argv] + ["--json"])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    return call


@pytest.fixture
def project(tmp_path, images, run):
    path = tmp_path / "cells.coverslip"
    assert run("new", path)[0] == 0
    code, report = run("import", path, images, "--group", r"pattern:(slide\d+)_")
    assert code == 0, report
    return path
