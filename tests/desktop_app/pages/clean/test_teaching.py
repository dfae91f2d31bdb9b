"""What decisions about labels teach; the check's own numbers of every image lie where a check keeps them."""

import shutil

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.domain.findings import FindingKind
from core.quality.kept import keep_arrays
from core.store.edits import set_excluded, set_label
from core.store.project import Project
from tests.desktop_app.pages.clean.conftest import Made, N

SUSPECT = FindingKind.LABEL_SUSPECT
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def suspected(unchecked, tmp_path_factory):
    """All six RBC are suspected of being WBC, the first the most."""
    path = shutil.copytree(unchecked, tmp_path_factory.mktemp("suspected") / "cells.coverslip")
    made, odd = Made(path), range(1, N, 2)
    made.find(
        *[made.suspicion(SUSPECT, i, score=0.9 - i / 50, p_wrong=0.9 - i / 50, suggested="WBC") for i in odd],
        kinds=[SUSPECT],
    )
    given = np.arange(N) % 2
    p_wrong = np.where(given == 0, 0.9 - np.arange(1, N + 1) / 50, 0.01)
    with Project.open(path) as project:
        keep_arrays(
            project,
            "label_suspects",
            np.arange(1, N + 1),
            {"p_wrong": p_wrong, "suggested": 1 - given, "given": given},
        )
    return path


@pytest.fixture
def controller(suspected, tmp_path, open_controller, settle):
    made = open_controller(shutil.copytree(suspected, tmp_path / "cells.coverslip"))
    made.open_queue("suspects")
    settle()
    return made


def test_it_is_said_how_many_errors_are_left_and_when_to_stop(controller):
    outlook = controller.teaching.outlook
    assert 2 < outlook.expected.value < 6
    assert outlook.expected.low <= outlook.expected.value <= outlook.expected.high
    assert (outlook.total, outlook.looked_at, outlook.stop) == (N, 0, False)
    assert outlook.more == 6


def test_every_decision_changes_what_is_expected(controller, settle):
    before = controller.teaching.outlook
    controller.keep()
    controller.keep()
    settle()
    after = controller.teaching.outlook
    assert (after.looked_at, after.wrong) == (2, 0)
    assert after.expected.value < before.expected.value - 1, "two less to look at, and the others doubted less"
    controller.accept()
    settle()
    assert (controller.teaching.outlook.looked_at, controller.teaching.outlook.wrong) == (3, 1)


def test_what_is_undone_is_unlearnt(controller, settle):
    before = controller.teaching.outlook
    controller.keep()
    settle()
    controller.undo()
    settle()
    assert controller.teaching.outlook == before


def test_what_was_decided_on_another_day_is_known(controller, context, settle, open_controller):
    controller.accept()
    controller.keep()
    settle()
    path = context.project.root
    context.close_project()
    settle()
    again = open_controller(path)
    assert (again.teaching.outlook.looked_at, again.teaching.outlook.wrong) == (2, 1)


def test_look_alikes_are_decided_together_as_one_edit(controller, context, settle, qtbot):
    alike = controller.look_alikes()
    assert len(alike) == 5
    controller.review_together()
    settle()
    assert len(controller.together.cases) == 6
    controller.together.toggle(alike[0])
    controller.accept_together()
    settle()
    assert controller.together.cases == ()
    assert [one.id for one in controller.line.found] == [alike[0]]
    assert controller.facts.counts[SUSPECT].accepted == 5
    controller.undo()
    settle()
    assert controller.facts.counts[SUSPECT].open == 6


def test_a_label_that_is_clicked_is_given_to_the_look_alikes_that_are_shown(controller, show_page, settle, qtbot):
    page = show_page(controller)
    controller.review_together()
    settle()
    left_out = controller.together.cases[2].finding
    controller.together.toggle(left_out.id)
    shown = {case.finding.sample_id for case in controller.together.chosen}
    row = next(row for row in page.inspector()._rows if row.label.name == "WBC")
    qtbot.mouseClick(row, LEFT)
    settle()
    assert controller.together.cases == ()
    [done] = controller.decided.holding
    assert {sample for one in done.decisions for sample in one.settlement.relabel} == shown
    assert [one.id for one in controller.line.found] == [left_out.id]


def test_the_key_of_a_label_gives_it_to_the_look_alikes_too(controller, show_page, settle, qtbot):
    page = show_page(controller)
    controller.review_together()
    settle()
    qtbot.keyClick(page, "1")
    settle()
    assert controller.facts.counts[SUSPECT].dismissed == 6, "they had that label all along"


def test_no_action_decides_the_case_behind_the_look_alikes(controller, show_page, settle):
    page = show_page(controller)
    controller.review_together()
    settle()
    enabled = {action.id: action.enabled_when() for action in page.actions_table() if action.enabled_when}
    assert not any(enabled[f"clean.{name}"] for name in ("accept", "keep", "exclude", "skip"))
    controller.together.close()
    assert enabled.keys() >= {"clean.accept"} and page.actions_table()[1].enabled_when()


def test_look_alikes_that_are_decided_elsewhere_leave_the_grid(controller, context, show_page, settle):
    page = show_page(controller)
    controller.review_together()
    settle()
    first, second, *_ = [case.finding.sample_id for case in controller.together.cases]
    context.edit(lambda project: set_excluded(project, [first], excluded=True))
    context.edit(lambda project: set_label(project, np.array([second]), "WBC"))
    settle()
    shown = [tile.sample_id for tile in page.together.board.tiles]
    assert shown == [i for i in range(1, N, 2) if i not in (first, second)]
    assert page.together.accept.accessibleName() == "Make all 4 WBC"
    context.undo()
    settle()
    assert len(controller.together.cases) == 5, "open again"
    controller.together.follow()
    controller.accept_together()
    assert not controller.decided.holding, "not before it is known what is still open"
    settle()
    controller.accept_together()
    settle()
    assert controller.facts.counts[SUSPECT].accepted == 5
    assert controller.line.found == []


def test_the_grid_closes_when_none_of_it_is_left(controller, context, show_page, settle):
    page = show_page(controller)
    controller.review_together()
    settle()
    context.edit(lambda project: set_label(project, np.arange(1, N, 2), "WBC"))
    settle()
    assert controller.together.cases == ()
    assert page.nothing.isVisible()


def test_look_alikes_that_were_asked_for_are_not_shown_once_another_queue_is(controller, settle):
    controller.review_together()
    controller.open_queue("outliers")
    settle()
    assert controller.together.cases == ()


def test_the_next_cases_come_in_the_order_that_was_learnt(controller, settle):
    order = controller.teaching.outlook.order
    assert [one.id for one in controller.line.found] == list(order)
    controller.keep()
    settle()
    assert [one.id for one in controller.line.found][1:] == [
        one for one in controller.teaching.outlook.order if one != controller.case.finding.id
    ]


def test_the_card_says_it_and_the_keys_of_the_grid_decide(controller, show_page, settle, qtbot):
    page = show_page(controller)
    assert page.expected.isVisible()
    qtbot.keyClick(page, "K")
    settle()
    assert "1 case looked at, 0 of them wrong." in page.expected._words.text()
    qtbot.mouseClick(page.panel.view.together, LEFT)
    settle()
    assert page.together.isVisible()
    assert page.together.accept.accessibleName() == "Make all 5 WBC"
    qtbot.mouseClick(page.together.board.tiles[1], LEFT)
    assert page.together.accept.accessibleName() == "Make all 4 WBC"
    qtbot.keyClick(page, "K")
    settle()
    assert page.panel.isVisible()
    assert controller.facts.counts[SUSPECT].dismissed == 5


def test_an_image_that_is_excluded_is_not_expected_to_be_wrong(controller, context, settle):
    before = controller.teaching.outlook
    context.edit(lambda project: set_excluded(project, [3, 5], excluded=True))
    settle()
    after = controller.teaching.outlook
    assert (after.total, after.looked_at, after.more) == (N - 2, 0, 4)
    assert after.expected.value < before.expected.value - 1
    context.undo()
    settle()
    assert controller.teaching.outlook.expected == before.expected


def test_a_label_that_was_put_right_elsewhere_is_learnt_and_no_case_any_more(controller, context, settle):
    before = controller.teaching.outlook
    context.edit(lambda project: set_label(project, np.array([3, 5]), "WBC"))
    settle()
    after = controller.teaching.outlook
    assert (after.looked_at, after.wrong) == (2, 2)
    assert after.expected.value < before.expected.value
    assert [one.sample_id for one in controller.line.found] == [1, 7, 9, 11]
    context.undo()
    settle()
    assert controller.teaching.outlook.looked_at == 0
    assert len(controller.line.found) == 6


def test_advice_speaks_of_cases_that_can_be_shown(unchecked, tmp_path, open_controller, settle):
    path = shutil.copytree(unchecked, tmp_path / "few.coverslip")
    made = Made(path)
    made.find(made.suspicion(SUSPECT, 1, score=0.9, p_wrong=0.9, suggested="WBC"), kinds=[SUSPECT])
    given = np.arange(N) % 2
    with Project.open(path) as project:
        keep_arrays(
            project,
            "label_suspects",
            np.arange(1, N + 1),
            {"p_wrong": np.where(given == 0, 0.9, 0.01), "suggested": 1 - given, "given": given},
        )
    controller = open_controller(path)
    controller.open_queue("suspects")
    settle()
    assert controller.teaching.outlook.more == 1
    controller.accept()
    settle()
    assert (controller.teaching.outlook.more, controller.teaching.outlook.order) == (0, ())
