"""What the rooms of core share in their tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def kit(built_kit: Path, tmp_path: Path) -> Path:
    """Return a copy of the small kit that a test may damage."""
    return Path(shutil.copytree(built_kit, tmp_path / "kit"))
