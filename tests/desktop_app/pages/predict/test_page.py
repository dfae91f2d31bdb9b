from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSlider, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.context import AppContext
from desktop_app.pages.predict.controller import PredictController
from desktop_app.pages.predict.page import PredictPage
from desktop_app.pages.predict.probability_bars import ProbabilityBars
from desktop_app.pages.predict.results import Kind, Shown
from tests.desktop_app.pages.predict.conftest import READABLE

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(qtbot: QtBot, controller: PredictController, context: AppContext) -> Iterator[PredictPage]:
    """The page with its inspector beside it."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QHBoxLayout(window)
    layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
    made = PredictPage(controller, context)
    layout.addWidget(made, 1)
    layout.addWidget(made.inspector())
    window.resize(1100, 700)
    window.show()
    qtbot.waitExposed(window)
    yield made  # the window lives as long as the test


def choose(
    page: PredictPage, controller: PredictController, kit: Path, folder: Path, settle: Callable[[], None]
) -> None:
    controller.add_model_file(kit)
    controller.choose_source(folder)
    settle()


def shown_buttons(page: QWidget) -> list[str]:
    return [button.text() for button in page.findChildren(QAbstractButton) if button.isVisible() and button.text()]


def test_without_a_model_the_page_says_what_to_do(page: PredictPage):
    assert shown_buttons(page) == ["Use a kit…", "Use an .onnx…"]


def test_with_a_model_it_asks_for_images(page: PredictPage, controller: PredictController, built_kit: Path):
    controller.add_model_file(built_kit)
    assert "Choose a folder…" in shown_buttons(page)
    assert page.bar.models.currentText() == built_kit.name


def test_the_grid_the_chips_and_the_slider_show_the_answers(
    page: PredictPage, controller: PredictController, built_kit: Path, folder: Path, settle, qtbot: QtBot
):
    choose(page, controller, built_kit, folder, settle)
    assert page.grid.isVisible()
    assert page.chips.chip(Shown()).text() == f"All  {READABLE + 1}"
    qtbot.mouseClick(page.chips.chip(Shown(Kind.UNREADABLE)), LEFT)
    assert len(controller.grid) == 1
    page.threshold.slider.setFocus()
    qtbot.keyClick(page.threshold.slider, Qt.Key.Key_End)
    assert controller.threshold == 1.0
    assert controller.counts is not None
    assert page.chips.chip(Shown(Kind.REFUSED)).text() == f"Refused  {controller.counts.refused}"


def test_the_inspector_shows_every_probability_of_the_image_chosen(
    page: PredictPage, controller: PredictController, built_kit: Path, folder: Path, settle, qtbot: QtBot
):
    choose(page, controller, built_kit, folder, settle)
    controller.grid.select_only(0)
    bars = page.inspector().findChild(ProbabilityBars)
    qtbot.waitUntil(lambda: bars.accessibleName() != "")
    assert all(name in bars.accessibleName() for name in ("round", "=long", "조각"))


def test_space_opens_the_loupe_and_escape_closes_it(
    page: PredictPage, controller: PredictController, built_kit: Path, folder: Path, settle, qtbot: QtBot
):
    choose(page, controller, built_kit, folder, settle)
    controller.grid.select_only(0)
    qtbot.keyClick(page.grid, Qt.Key.Key_Space)
    loupe = page.loupe
    assert loupe is not None
    assert loupe.isVisible()
    qtbot.keyClick(loupe, Qt.Key.Key_Escape)
    assert not loupe.isVisible()


def test_while_it_predicts_there_is_a_bar_and_a_way_to_stop(
    page: PredictPage, controller: PredictController, built_kit: Path, folder: Path, settle, qtbot: QtBot
):
    controller.add_model_file(built_kit)
    controller.choose_source(folder)
    assert page.progress.isVisible()
    qtbot.mouseClick(page.progress.cancel, LEFT)
    settle()
    assert controller.results is None
    assert not page.progress.isVisible()


def test_a_page_built_anew_shows_the_same(
    page: PredictPage, controller: PredictController, context: AppContext, built_kit: Path, folder: Path, settle, qtbot
):
    choose(page, controller, built_kit, folder, settle)
    controller.set_threshold(0.6)
    controller.show_part(Shown(Kind.REFUSED))
    again = PredictPage(controller, context)
    qtbot.addWidget(again)
    assert again.threshold.slider.value() == page.threshold.slider.value()
    assert again.chips.chip(Shown(Kind.REFUSED)).property("on") is True


def test_every_control_has_a_name_for_screen_readers(
    page: PredictPage, controller: PredictController, built_kit: Path, folder: Path, settle
):
    choose(page, controller, built_kit, folder, settle)
    controls = [*page.findChildren(QAbstractButton), *page.findChildren(QSlider)]
    assert [control for control in controls if control.isVisible() and not control.accessibleName()] == []
