"""What the rooms of core share in their tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def built_kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small kit, exported once; tests read it and never change it."""
    from tests.support.kits import write_tiny_kit

    directory = tmp_path_factory.mktemp("kits") / "kit"
    write_tiny_kit(directory)
    return directory


@pytest.fixture
def kit(built_kit: Path, tmp_path: Path) -> Path:
    """Return a copy of the small kit that a test may damage."""
    return Path(shutil.copytree(built_kit, tmp_path / "kit"))
