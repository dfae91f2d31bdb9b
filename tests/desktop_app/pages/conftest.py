from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.trained import make_trained_project


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a finished run, made once for all pages; copied by whoever changes it."""
    return make_trained_project(tmp_path_factory.mktemp("trained"))
