"""The real window with all its pages, offscreen, on images that a network can tell apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.settings import Settings
from desktop_app.bootstrap import make_window
from desktop_app.context import AppContext
from desktop_app.main_window import MainWindow

N_PER_LABEL = 18


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    """Return a folder of two labels: discs and stripes of six slides, of several sizes."""
    rng = np.random.default_rng(5)
    for label in ("disc", "stripes"):
        for i in range(N_PER_LABEL):
            side = int(rng.integers(24, 60))
            y, x = np.mgrid[:side, :side] / side - 0.5
            shape = (x**2 + y**2 < 0.1) if label == "disc" else (np.sin(30 * x) > 0)
            pixels = 90 + 110 * shape[..., None] + rng.normal(0, 12, (side, side, 3))
            path = tmp_path / "images" / label / f"slide{i % 6}_{i:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return tmp_path / "images"


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """Return the open window; it is closed, and its threads with it, at the end."""
    monkeypatch.setenv("COVERSLIP_LOG_DIR", str(own_home / "log"))
    monkeypatch.setenv("COVERSLIP_DATA_DIR", str(own_home / "data"))
    style, font = qapp.styleSheet(), qapp.font()
    made = make_window(AppContext(Settings(language="en", theme="light")))
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    qapp.setStyleSheet(style)
    qapp.setFont(font)


@pytest.fixture
def until(qtbot: QtBot) -> Callable[..., None]:
    """Return what waits, with the event loop running, until something holds."""

    def wait(holds: Callable[[], object], timeout_s: float = 60) -> None:
        qtbot.waitUntil(lambda: bool(holds()), timeout=round(1000 * timeout_s))

    return wait
