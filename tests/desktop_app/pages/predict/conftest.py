from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from core.settings import Settings
from desktop_app.context import AppContext
from desktop_app.pages.predict.controller import PredictController
from tests.support.kits import picture

READABLE = 24


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty-four pictures in two folders, and one that is none."""
    root = tmp_path / "images"
    for index in range(READABLE):
        place = root / f"plate {index % 2}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(index)).save(place / f"{index:02}.png")
    (root / "broken.png").write_bytes(b"no picture")
    return root


@pytest.fixture
def context(qtbot: QtBot) -> Iterator[AppContext]:
    made = AppContext(Settings(theme="light"))
    yield made
    made.close()


@pytest.fixture
def settle(qtbot: QtBot, context: AppContext) -> Callable[[], None]:
    """Wait until everything asked for has been done and shown."""
    return lambda: qtbot.waitUntil(lambda: not context.tasks.active, timeout=20_000)


@pytest.fixture
def controller(context: AppContext) -> Iterator[PredictController]:
    made = PredictController(context)
    yield made
    made.close()


@pytest.fixture
def predicted(
    controller: PredictController, built_kit: Path, folder: Path, settle: Callable[[], None]
) -> PredictController:
    """The controller after the folder was predicted with the small kit."""
    controller.add_model_file(built_kit)
    controller.choose_source(folder)
    settle()
    return controller
