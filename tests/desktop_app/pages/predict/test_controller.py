from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.inference.predictor import Predictor
from core.store.project import Project
from desktop_app.context import AppContext
from desktop_app.pages.page import BadgeState
from desktop_app.pages.predict.controller import PredictController
from desktop_app.pages.predict.results import Kind, Shown
from tests.desktop_app.pages.predict.conftest import READABLE

Settle = Callable[[], None]


def test_a_folder_is_predicted_as_soon_as_there_is_a_model_and_a_folder(predicted: PredictController):
    results, counts = predicted.results, predicted.counts
    assert results is not None
    assert counts is not None
    assert (counts.answered, counts.refused, counts.unreadable) == (READABLE, 0, 1)
    assert [label.name for label in results.labels] == ["round", "=long", "조각"]
    assert predicted.runs_on() in ("CPU", "CUDA")
    assert len(predicted.grid) == READABLE + 1
    assert predicted.tiles.tile(int(predicted.grid.ids[-1])).problem


def test_the_answers_are_those_of_the_kit(predicted: PredictController, built_kit: Path, folder: Path):
    from core.images.decode import decode

    results = predicted.results
    assert results is not None
    row = results.table.paths.index("plate 1/03.png")
    expected = Predictor.open(built_kit).predict([decode(folder / "plate 1" / "03.png")]).probabilities[0]
    assert results.table.probabilities[row] == pytest.approx(expected, abs=1e-6)


def test_the_threshold_refuses_live_and_what_it_refuses_is_grey(predicted: PredictController):
    index = predicted.results.index  # type: ignore[union-attr]
    middle = float(np.nanmedian(index.confidence))
    predicted.set_threshold(middle)
    assert predicted.counts is not None
    assert predicted.counts.refused == int((index.confidence < middle).sum()) > 0
    least = predicted.tiles.tile(int(predicted.grid.ids[0]))
    assert least.pills[0].glyph == "○"
    predicted.show_part(Shown(Kind.REFUSED))
    assert len(predicted.grid) == predicted.counts.refused
    predicted.set_threshold(0.0)
    assert len(predicted.grid) == 0


def test_the_order_turns_and_the_selection_stays(predicted: PredictController):
    predicted.grid.select_only(2)
    chosen = predicted.grid.selected_ids.tolist()
    first = int(predicted.grid.ids[0])
    predicted.set_lowest_first(False)
    assert int(predicted.grid.ids[READABLE - 1]) == first
    assert predicted.grid.selected_ids.tolist() == chosen


def test_the_table_says_what_the_threshold_refuses(predicted: PredictController, tmp_path: Path, settle: Settle):
    predicted.set_threshold(0.9)
    predicted.save_table(tmp_path / "out.csv")
    settle()
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == READABLE + 1
    assert predicted.counts is not None
    assert sum(row["decision"] == "abstain" for row in rows) == predicted.counts.refused


def test_sorting_copies_and_leaves_the_folder_as_it_was(
    predicted: PredictController, folder: Path, tmp_path: Path, settle: Settle, qtbot: QtBot
):
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with qtbot.waitSignal(predicted.context.message) as said:
        predicted.sort_into(tmp_path / "sorted")
    settle()
    assert "24 images copied" in said.args[0]
    assert len([path for path in (tmp_path / "sorted").rglob("*") if path.is_file()]) == READABLE
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_sorting_into_the_folder_itself_is_refused_with_a_sentence(
    predicted: PredictController, folder: Path, qtbot: QtBot
):
    with qtbot.waitSignal(predicted.context.user_error) as told:
        predicted.sort_into(folder / "inside")
    assert told.args[0].code == "sort_inside_source"
    assert not (folder / "inside").exists()


def test_a_file_that_is_no_model_is_told_and_what_was_answered_before_stays(
    predicted: PredictController, tmp_path: Path, qtbot: QtBot, settle: Settle
):
    (tmp_path / "other.onnx").write_bytes(b"not a model")
    before = predicted.results
    predicted.add_model_file(tmp_path / "other.onnx")
    with qtbot.waitSignal(predicted.context.user_error) as told:
        predicted.start()
    settle()
    assert told.args[0].code == "model_damaged"
    assert predicted.results is before
    assert predicted.job is None


def test_a_prediction_can_be_cancelled(controller: PredictController, built_kit: Path, folder: Path, settle: Settle):
    controller.add_model_file(built_kit)
    controller.choose_source(folder)
    assert controller.badge().state is BadgeState.RUNNING
    controller.cancel()
    settle()
    assert controller.job is None
    assert controller.results is None


def test_what_is_dropped_is_a_model_or_images(
    controller: PredictController, built_kit: Path, folder: Path, settle: Settle, tmp_path: Path
):
    assert controller.take([str(built_kit)])
    assert controller.model is not None
    assert controller.source is None
    assert controller.take([str(folder / "plate 0" / "00.png")])
    settle()
    assert controller.results is not None
    assert len(controller.results.table) == 1
    assert not controller.take([str(tmp_path / "cells.coverslip")])


def test_several_things_dropped_at_once_are_asked_for_one_at_a_time(
    controller: PredictController, folder: Path, qtbot: QtBot
):
    with qtbot.waitSignal(controller.context.message):
        assert controller.take([str(folder), str(folder)])
    assert controller.source is None


def test_a_kit_stays_chosen_when_the_project_changes(
    predicted: PredictController, context: AppContext, tmp_path: Path, settle: Settle
):
    context.set_project(Project.create(tmp_path / "other"))
    settle()
    assert predicted.results is not None
    assert predicted.model is not None
    assert predicted.model.path is not None


def test_another_folder_replaces_the_answers_and_the_selection(
    predicted: PredictController, folder: Path, settle: Settle
):
    predicted.grid.select_only(0)
    predicted.choose_source(folder / "plate 0")
    settle()
    assert len(predicted.grid) == READABLE // 2
    assert predicted.grid.selected_count == 0


def test_full_pictures_and_thumbnails_are_read_from_the_folder(predicted: PredictController, folder: Path):
    row = predicted.results.table.paths.index("plate 0/02.png")  # type: ignore[union-attr]
    from core.images.decode import decode

    assert (predicted.pictures.raw(row) == decode(folder / "plate 0" / "02.png")).all()
    assert max(predicted.pictures.thumbnail(row, 16).shape[:2]) <= 16
