from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from core.domain.changes import Changes
from core.domain.runs import RunState
from core.domain.samples import Split
from core.store.edits import set_label
from core.store.project import Project
from core.store.runs import create_run, runs, update_run
from core.store.sources import sources
from desktop_app.context import AppContext
from desktop_app.pages.evaluate.controller import EvaluateController
from desktop_app.pages.evaluate.page import EvaluatePage
from tests.desktop_app.pages.evaluate.conftest import WRONG

LEFT = Qt.MouseButton.LeftButton
Settle = Callable[[], None]


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def asked_ids(context: AppContext, qtbot: QtBot, act: Callable[[], object]) -> set[int]:
    """Return the ids of the images that `act` asks the Images page to show."""
    with qtbot.waitSignal(context.navigated) as asked:
        act()
    page_id, params = asked.args
    assert page_id == "images"
    return set(params["ids"].tolist())


def wrong_cell(controller: EvaluateController) -> tuple[int, int]:
    """Return the cell of those labelled rose and predicted violet."""
    assert controller.judged is not None
    names = [label.name for label in controller.judged.labels]
    return names.index("rose"), names.index("violet")


def test_without_a_run_the_page_leads_to_training(
    qtbot: QtBot, page: EvaluatePage, context: AppContext, tmp_path: Path, settle: Settle
):
    context.set_project(Project.create(tmp_path / "new"))
    settle()
    assert "No run to judge yet" in texts(page)
    [button] = [found for found in page.findChildren(QAbstractButton) if found.isVisible()]
    with qtbot.waitSignal(context.navigated) as asked:
        qtbot.mouseClick(button, LEFT)
    assert asked.args[0] == "train"


def test_the_newest_run_is_judged_with_an_interval_for_each_metric(
    judged_page: EvaluatePage, controller: EvaluateController
):
    shown = texts(judged_page)
    assert controller.judged is not None
    metric = controller.judged.evaluation.metrics["macro_f1"]
    assert f"{metric.value:.3f}" in shown
    assert f"95 %: {metric.low:.3f}–{metric.high:.3f}" in shown
    assert f"{controller.judged.evaluation.n} images" in shown


def test_the_table_of_labels_stands_in_the_order_of_the_matrix(
    judged_page: EvaluatePage, controller: EvaluateController
):
    [table] = [each for each in judged_page.findChildren(QTableWidget) if not each.isHidden()]
    assert controller.judged is not None
    shown = [item.text() for row in range(table.rowCount()) if (item := table.item(row, 0)) is not None]
    assert shown == [label.name for label in controller.judged.labels]


def test_a_click_on_a_cell_shows_its_images(
    qtbot: QtBot, judged_page: EvaluatePage, controller: EvaluateController, context: AppContext
):
    cell, matrix = wrong_cell(controller), judged_page.matrix
    assert controller.judged is not None
    where = matrix.cell_rect(*cell).center().toPoint()
    found = asked_ids(context, qtbot, lambda: qtbot.mouseClick(matrix, LEFT, pos=where))
    assert found == set(controller.judged.cell(*cell).tolist())
    assert len(found) == WRONG


def test_the_matrix_is_worked_with_the_keyboard_alone(
    qtbot: QtBot, judged_page: EvaluatePage, controller: EvaluateController, context: AppContext
):
    matrix, (row, column) = judged_page.matrix, wrong_cell(controller)
    assert controller.judged is not None
    for key in [Qt.Key.Key_Down] * row + [Qt.Key.Key_Right] * column:
        qtbot.keyClick(matrix, key)
    assert f"{WRONG} of" in matrix.accessibleDescription()
    found = asked_ids(context, qtbot, lambda: qtbot.keyClick(matrix, Qt.Key.Key_Return))
    assert found == set(controller.judged.cell(row, column).tolist())


def test_a_cell_without_images_opens_nothing(
    qtbot: QtBot, judged_page: EvaluatePage, controller: EvaluateController, context: AppContext
):
    empty = tuple(reversed(wrong_cell(controller)))
    assert controller.judged is not None
    assert controller.judged.evaluation.confusion[empty] == 0
    with qtbot.assertNotEmitted(context.navigated):
        qtbot.mouseClick(judged_page.matrix, LEFT, pos=judged_page.matrix.cell_rect(*empty).center().toPoint())


def test_the_cells_stay_square_at_any_width(judged_page: EvaluatePage):
    matrix = judged_page.matrix
    for width in (300, 420, 900):
        matrix.resize(width, matrix.heightForWidth(width))
        last = matrix.cell_rect(1, 1)
        assert last.width() == last.height()
        assert last.right() <= width
        assert last.bottom() <= matrix.height()


def test_the_surest_mistakes_are_shown_the_surest_first(judged_page: EvaluatePage, controller: EvaluateController):
    assert controller.judged is not None
    shown = [tile.mistake for tile in judged_page.mistakes.shown]
    assert [mistake.sample_id for mistake in shown] == controller.judged.mistakes().tolist()
    assert [mistake.confidence for mistake in shown] == sorted((m.confidence for m in shown), reverse=True)
    assert {(mistake.given.name, mistake.predicted.name) for mistake in shown} == {("rose", "violet")}
    assert all(mistake.picture is not None for mistake in shown)


@pytest.mark.parametrize("by_key", [False, True])
def test_a_mistake_opens_among_the_images(qtbot: QtBot, judged_page: EvaluatePage, context: AppContext, by_key: bool):
    tile = judged_page.mistakes.shown[0]
    assert "labelled rose, predicted violet" in tile.accessibleName()

    def open_it() -> None:
        if by_key:
            tile.setFocus()
            qtbot.keyClick(tile, Qt.Key.Key_Space)
        else:
            qtbot.mouseClick(tile, LEFT)

    assert asked_ids(context, qtbot, open_it) == {tile.mistake.sample_id}


def test_a_mistake_whose_file_is_gone_keeps_its_place(
    judged_page: EvaluatePage, controller: EvaluateController, project: Project, settle: Settle
):
    [source] = sources(project).values()
    root = Path(source.root)
    away = root.rename(root.with_name("away"))
    try:
        controller.choose_split(str(Split.TEST))
        controller.choose_split(str(Split.VAL))
        settle()
    finally:
        away.rename(root)
    assert [tile.mistake.picture for tile in judged_page.mistakes.shown] == [None] * WRONG
    judged_page.grab()


def test_only_as_many_mistakes_are_shown_as_have_room(judged_page: EvaluatePage):
    strip = judged_page.mistakes
    strip.resize(150, strip.height())
    assert len(strip.shown) == 1
    strip.resize(900, strip.height())
    assert len(strip.shown) == WRONG


def test_a_label_put_right_counts_as_right_and_a_flawless_split_says_so(
    judged_page: EvaluatePage, controller: EvaluateController, context: AppContext, settle: Settle
):
    assert controller.judged is not None
    ids = controller.judged.mistakes().tolist()
    context.edit(lambda project: set_label(project, ids, "violet"))
    settle()
    assert controller.judged is not None
    assert not len(controller.judged.mistakes())
    assert "Not one of these images was predicted wrongly." in texts(judged_page)
    assert not judged_page.mistakes.isVisible()


def test_another_split_is_judged_when_it_is_chosen(
    qtbot: QtBot, judged_page: EvaluatePage, controller: EvaluateController, settle: Settle
):
    buttons = judged_page.findChildren(QAbstractButton)
    [test] = [button for button in buttons if button.accessibleName() == "Judged on: Test"]
    qtbot.mouseClick(test, LEFT)
    settle()
    assert controller.judged is not None
    assert controller.judged.split is Split.TEST


def test_a_run_that_cannot_judge_says_why_and_shows_no_stale_numbers(
    judged_page: EvaluatePage, controller: EvaluateController, context: AppContext, project: Project, settle: Settle
):
    run = create_run(project, "efficientnet_lite0", "{}")
    update_run(project, run.id, state=RunState.STOPPED)
    context.changed.emit(Changes(runs=True))
    settle()
    [box] = judged_page.findChildren(QComboBox)
    assert [box.itemText(index) for index in range(box.count())] == [
        f"Run {known.id} · EfficientNet-Lite0" for known in runs(project)
    ]
    box.setCurrentIndex(box.findData(run.id))
    box.activated.emit(box.currentIndex())
    settle()
    assert controller.judged is None
    assert controller.problem
    assert controller.problem in texts(judged_page)
    assert "0.9" not in texts(judged_page)
    assert judged_page.mistakes.shown == []


def test_closing_the_project_leaves_no_verdict_behind(
    judged_page: EvaluatePage, controller: EvaluateController, context: AppContext, settle: Settle
):
    context.close_project()
    settle()
    assert controller.judged is None
    assert controller.mistakes == ()
    assert "No run to judge yet" in texts(judged_page)
