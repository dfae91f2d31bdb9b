import pytest
from PySide6.QtCore import Qt

from core.domain.findings import FindingKind
from core.store.edits import set_label
from core.store.ledger import history
from core.store.revert import revert
from desktop_app.pages.clean.decisions import Deed

K = FindingKind


@pytest.fixture
def take_back(context, settle):
    """Return what takes an edit back as the History page does: by an edit of its own."""

    def one(edit_id=None):
        number = history(context.project)[0].id if edit_id is None else edit_id
        context.edit(lambda project: revert(project, number)[0])
        settle()

    return one


def open_queue(controller, settle, queue):
    controller.open_queue(queue)
    settle()
    return [one.id for one in controller.line.found]


@pytest.mark.parametrize("queue", ["confounds", "suspects", "leakage", "outliers"])
def test_a_decision_taken_back_in_the_history_is_a_case_again_and_counts_no_more(controller, take_back, settle, queue):
    before = open_queue(controller, settle, queue)
    controller.keep()
    settle()
    assert [one.id for one in controller.line.found] == before[1:]
    take_back()
    assert controller.case.finding.id == before[0]
    assert sorted(one.id for one in controller.line.found) == sorted(before)
    assert (controller.decided.holding, controller.decided.tally()[Deed.KEPT]) == ([], 0)


def test_taking_back_can_be_undone_and_taken_back_itself(controller, context, take_back, settle):
    before = open_queue(controller, settle, "suspects")
    controller.accept()
    settle()
    take_back()
    context.undo()
    settle()
    assert [one.id for one in controller.line.found] == before[1:]
    assert len(controller.decided.holding) == 1
    context.redo()
    settle()
    assert controller.decided.holding == []
    assert before[0] in [one.id for one in controller.line.found]
    take_back()
    assert len(controller.decided.holding) == 1
    assert before[0] not in [one.id for one in controller.line.found]


def test_a_decision_that_was_not_the_last_is_taken_back_alone(controller, take_back, context, settle):
    first, *_ = open_queue(controller, settle, "suspects")
    controller.keep()
    controller.keep()
    settle()
    take_back(history(context.project)[1].id)
    assert controller.case.finding.id == first
    assert controller.decided.tally() == {Deed.KEPT: 1}


def reopened(controller, context, open_controller, settle):
    """Return the controller of the same project, opened anew."""
    path = context.project.root
    context.close_project()
    settle()
    return open_controller(path)


def test_what_was_decided_in_a_session_before_comes_into_sight_when_it_is_undone(
    controller, context, open_controller, settle
):
    first, *_ = open_queue(controller, settle, "suspects")
    controller.accept()
    settle()
    again = reopened(controller, context, open_controller, settle)
    assert again.line.queue.id == "conflicts"
    again.undo()
    settle()
    assert (again.line.queue.id, again.case.finding.id) == ("suspects", first)
    context.redo()
    settle()
    assert first not in [one.id for one in again.line.found]


def test_undoing_a_decision_leaves_other_edits_alone(controller, context, settle, qtbot):
    first, *_ = open_queue(controller, settle, "suspects")
    controller.keep()
    settle()
    context.edit(lambda project: set_label(project, [12], "Platelet"))
    settle()
    controller.undo()
    settle()
    assert controller.case.finding.id == first
    assert controller.decided.holding == []
    last = history(context.project)[0].id
    with qtbot.waitSignal(context.user_error) as told:
        controller.undo()
    assert told.args[0].code == "no_decision_to_undo"
    settle()
    assert history(context.project)[0].id == last
    assert all(edit.state == "done" for edit in history(context.project))


def test_the_key_says_so_where_no_decision_is_left(controller, show_page, context, settle, qtbot):
    context.edit(lambda project: set_label(project, [12], "Platelet"))
    settle()
    page = show_page(controller)
    with qtbot.waitSignal(context.user_error) as told:
        qtbot.keyClick(page, Qt.Key.Key_U)
    assert str(told.args[0]) == "There is no decision to undo."
    settle()
    assert history(context.project)[0].state == "done"


def test_skipped_cases_stay_at_the_end_whatever_the_order_becomes(controller, settle):
    first, second, third = open_queue(controller, settle, "suspects")
    controller.line.skip()
    controller.line.reorder((first, second, third))
    assert [one.id for one in controller.line.found] == [second, third, first]
    controller.line.skip()
    controller.line.reorder((first, second, third))
    assert [one.id for one in controller.line.found] == [third, first, second]
    controller.line.read()
    settle()
    assert [one.id for one in controller.line.found] == [third, first, second]


def test_skipping_the_last_of_the_line_goes_round(controller, settle):
    first, _, third = open_queue(controller, settle, "suspects")
    controller.line.walk(-1)
    assert controller.case.finding.id == third
    controller.line.skip()
    assert controller.case.finding.id == first
