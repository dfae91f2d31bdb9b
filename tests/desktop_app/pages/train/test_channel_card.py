"""The Channels card: there where images are measured, and saying what the configuration says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtWidgets import QLineEdit

from core.ingest.importer import import_source
from core.ingest.rules import parse_label_rule
from core.progress import Progress
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.train.channel_card import ChannelCard, chosen_indexes
from desktop_app.pages.train.page import TrainPage


def project_of(folder: Path, channels: int, dtype: str = "uint16") -> Path:
    rng = np.random.default_rng(0)
    for number in range(6):
        pixels = rng.integers(100, 4000 if dtype == "uint16" else 255, (16, 16, channels)).astype(dtype)
        path = folder / "in" / "ab"[number % 2] / f"{number}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        if channels == 1:
            tifffile.imwrite(path, pixels[..., 0])
        elif channels == 3:
            Image.fromarray(pixels).save(path)
        else:
            extra = ["unspecified"] * (channels - 1)
            tifffile.imwrite(path, pixels, photometric="minisblack", planarconfig="contig", extrasamples=extra)
    with Project.create(folder / "p") as made:
        import_source(made, folder / "in", labels=parse_label_rule("folder"), progress=Progress())
        return made.root


@pytest.fixture
def card_of(
    page: TrainPage, context: AppContext, tmp_path: Path, settle: Callable[[], None]
) -> Callable[..., ChannelCard]:
    """Return what opens a project of a kind of images on the Train page, and returns the card."""

    def of(channels: int, dtype: str = "uint16") -> ChannelCard:
        context.set_project(Project.open(project_of(tmp_path, channels, dtype)))
        settle()
        return page.findChild(ChannelCard)

    return of


def test_plain_images_need_no_card(card_of):
    assert not card_of(3, "uint8").isVisible()


def test_the_channels_of_deep_images_are_listed_with_what_was_measured(card_of):
    card = card_of(5)
    assert card.isVisible()
    assert [row.used.isChecked() for row in card._rows] == [True] * 5
    assert not card._rows[0].low.isVisible()
    low, high = card._rows[0].measured
    assert 90 <= low <= 130
    assert 3900 <= high <= 4010


def test_ticking_channels_and_typing_windows_changes_the_configuration(card_of, controller):
    card = card_of(5)
    card._rows[1].used.click()
    assert controller.config.channels == "0,2,3,4"
    card._choose_window("own")
    assert controller.config.window.count("..") == 4
    typed: QLineEdit = card._rows[2].high
    typed.setText("2500")
    typed.editingFinished.emit()
    assert controller.config.window.split(",")[1].endswith("..2500")
    typed.setText("nothing")
    typed.editingFinished.emit()
    assert typed.text() == "2500"
    card._rows[1].used.click()
    assert controller.config.channels == "auto"
    card._choose_window("full")
    assert controller.config.window == "full"


def test_the_last_channel_stays(card_of, controller):
    card = card_of(2)
    card._rows[0].used.click()
    card._rows[1].used.click()
    assert controller.config.channels == "1"
    assert card._rows[1].used.isChecked()


def test_grey_goes_in_as_rgb_or_as_one_channel_and_a_preset_leaves_that_alone(card_of, controller):
    card = card_of(1)
    controller.set_values(channels="grey")
    assert card._map.chosen() == "grey"
    controller.choose_preset_named("quick")
    assert controller.config.channels == "grey"


def test_the_setting_in_numbers():
    assert chosen_indexes("auto", 2) == [0, 1]
    assert chosen_indexes("rgb", 5) == [0, 1, 2]
    assert chosen_indexes("4,0,4,9", 5) == [4, 0]
