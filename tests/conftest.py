"""Fixtures that every test lives under: no display, no network, no thread left behind, a home of its own."""

from __future__ import annotations

import os

# Before anything imports Qt: a test never opens a window on the developer's screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# As the application does: on a busy machine torch's threads would otherwise spin.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.translation import use_language
from tests.support import guards

REPOSITORY = Path(__file__).resolve().parent.parent

# The same examples on every run, so that a failure is one everybody can repeat; `--hypothesis-profile=explore`
# goes looking for new ones.
settings.register_profile(
    "coverslip",
    derandomize=True,
    deadline=None,
    max_examples=40,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", settings.get_profile("coverslip"), derandomize=False, max_examples=1000)
settings.load_profile("coverslip")


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail the test that leaves a thread running: set up first, so checked after every other fixture ended."""
    before = set(threading.enumerate())
    with guards.qt_threads_recorded() as started:
        yield
        left = [thread.name for thread in guards.python_threads_left(before)] + guards.qt_threads_left(started)
    if left:
        pytest.fail(f"threads left running: {', '.join(left)}", pytrace=False)


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail the test that tries to reach another machine, even where the code under test caught the refusal."""
    with guards.offline() as tried:
        yield
    if tried:
        pytest.fail(f"the test tried to reach {tried[0]}", pytrace=False)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test settings, caches, data and logs of its own, none there yet, and return the folder of them all."""
    home = tmp_path_factory.mktemp("home")
    for kind in ("config", "cache", "data", "log"):
        monkeypatch.setenv(f"COVERSLIP_{kind.upper()}_DIR", str(home / kind))
    return home


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Start and leave every test in English."""
    use_language("en")
    yield
    use_language("en")


@pytest.fixture(scope="session")
def cells() -> Path:
    """Return the folder of real single-cell crops, `LABEL/BloodImage_…jpg`; skip where it is absent."""
    for folder in (REPOSITORY, *REPOSITORY.parents[:2]):
        found = folder / "shared" / "data" / "bccd_cells"
        if found.is_dir():
            return found
    pytest.skip("the bccd_cells data set is not beside this checkout (../shared/data/bccd_cells)")


@pytest.fixture(scope="session")
def built_kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small kit, exported once; tests read it and never change it."""
    from tests.support.kits import write_tiny_kit

    directory = tmp_path_factory.mktemp("kits") / "kit"
    write_tiny_kit(directory)
    return directory
