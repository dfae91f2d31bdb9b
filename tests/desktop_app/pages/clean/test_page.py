import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from core.domain.findings import FindingKind
from core.domain.task import Task
from core.domain.window_keys import window_use
from core.store.edits import set_excluded
from core.store.labels import labels
from core.store.project import Project
from core.store.samples import samples_by_id
from core.store.task import set_task
from desktop_app.pages.clean.evidence.data_set_view import DataSetView
from desktop_app.pages.clean.evidence.duplicate_view import DuplicateView
from desktop_app.pages.clean.evidence.leakage_view import LeakageView
from desktop_app.pages.clean.evidence.outlier_view import OutlierView
from desktop_app.pages.clean.evidence.quality_view import QualityView
from desktop_app.pages.clean.evidence.suspect_view import SuspectView

K = FindingKind


def open_queue(controller, settle, queue):
    controller.open_queue(queue)
    settle()


@pytest.mark.parametrize(
    ("queue", "view"),
    [
        ("conflicts", DuplicateView),
        ("suspects", SuspectView),
        ("leakage", LeakageView),
        ("outliers", OutlierView),
        ("duplicates", DuplicateView),
        ("quality", QualityView),
        ("confounds", DataSetView),
        ("balance", DataSetView),
    ],
)
def test_each_queue_shows_its_kind_of_evidence(page, controller, settle, queue, view):
    open_queue(controller, settle, queue)
    assert isinstance(page.panel.view, view)


def test_keys_decide(page, controller, settle, qtbot):
    open_queue(controller, settle, "suspects")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert controller.case.finding.sample_id == 3
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert controller.case.finding.sample_id == 5
    qtbot.keyClick(page, Qt.Key.Key_K)
    assert controller.case.finding.sample_id == 3
    settle()
    qtbot.keyClick(page, Qt.Key.Key_U)
    settle()
    assert controller.case.finding.sample_id == 5
    qtbot.keyClick(page, "1")
    settle()
    kept = None  # The key of the label that it has keeps it.
    assert [done.decisions[0].label for done in controller.decided.holding] == [kept, "WBC"]


def test_a_key_decides_while_the_page_is_still_being_built(controller, show_page, settle, qtbot):
    page = show_page(controller, whole=False)
    assert not page.building.ended
    kept = controller.case.finding.id
    qtbot.keyClick(page, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: page.building.ended)
    settle()
    assert [done.finding_ids for done in controller.decided.holding] == [(kept,)]
    assert page.panel.isVisible() and page.queues.isVisible() and page.map.isVisible()


def test_every_letter_of_the_page_is_kept_from_labels(page):
    letters = {action.page_key.lower() for action in page.actions_table() if len(action.page_key) == 1}
    assert letters == {"k", "x", "s", "u"}
    assert all(window_use(key, Task.SINGLE) for key in letters)


def test_the_last_decision_of_a_queue_is_undone_with_the_same_key(page, controller, settle, qtbot):
    open_queue(controller, settle, "outliers")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    settle()
    assert controller.case is None
    assert page.nothing.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_U)
    settle()
    assert controller.case.finding.sample_id == 8
    assert not controller.decided.holding


def test_keys_that_come_faster_than_anything_is_read_all_decide(made, open_controller, show_page, settle, qtbot):
    made.find(*[made.suspicion(K.DARK, i, score=1 - i / 50) for i in range(1, 13)])
    controller = open_controller(made.path)
    page = show_page(controller)
    open_queue(controller, settle, "quality")
    for _ in range(12):
        qtbot.keyClick(page, Qt.Key.Key_K)
    settle()
    assert len(controller.decided.holding) == 12


def test_a_key_decides_nothing_that_was_not_seen_and_is_not_lost_without_a_word(page, controller, settle, qtbot):
    open_queue(controller, settle, "suspects")
    controller.line.samples_changed(None)
    assert controller.case is None
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert page.panel.bar.flashing
    settle()
    assert controller.case.finding.sample_id == 1
    assert not controller.decided.entries
    qtbot.waitUntil(lambda: not page.panel.bar.flashing)


def test_walking_with_keys(page, controller, settle, qtbot):
    open_queue(controller, settle, "suspects")
    for key in (Qt.Key.Key_J, Qt.Key.Key_Right):
        qtbot.keyClick(page, key)
    assert controller.case.finding.sample_id == 5
    qtbot.keyClick(page, Qt.Key.Key_Left)
    assert controller.case.finding.sample_id == 3


def test_the_button_says_what_enter_does(page, controller, settle):
    open_queue(controller, settle, "suspects")
    assert page.panel.accept.accessibleName() == "Make it WBC"
    assert page.panel.keep.accessibleName() == "Keep RBC"
    open_queue(controller, settle, "quality")
    assert page.panel.accept.accessibleName() == "Exclude"
    assert not page.panel.exclude.isVisible(), "Enter does it already"


def test_clicking_a_duplicate_keeps_that_one(page, controller, settle, qtbot):
    controller.open_queue("duplicates", K.NEAR_DUPLICATE)
    settle()
    tiles = {tile.sample_id: tile for tile in page.panel.view.board.tiles}
    assert [i for i, tile in tiles.items() if tile.isChecked()] == [5]
    qtbot.mouseClick(tiles[7], Qt.MouseButton.LeftButton)
    assert controller.choices.best == 7
    assert [i for i, tile in tiles.items() if tile.isChecked()] == [7]


def test_of_a_pair_it_is_shown_what_differs_case_after_case(page, controller, settle, qtbot):
    controller.open_queue("duplicates", K.NEAR_DUPLICATE)
    settle()
    for _ in range(3):
        view = page.panel.view
        assert len(view.board.tiles) == len(controller.case.members) + (len(controller.case.members) == 2)
        if len(controller.case.members) == 2:
            qtbot.waitUntil(lambda: controller.differences.of(*controller.case.members) is not None, timeout=20_000)
        controller.line.walk(1)


def test_the_tab_key_goes_through_the_evidence_before_the_buttons(page, controller, settle):
    controller.open_queue("duplicates", K.NEAR_DUPLICATE)
    settle()
    reached, widget = [], page.panel._links
    while widget is not page.panel.accept:
        widget = widget.nextInFocusChain()
        reached.append(widget)
    assert set(page.panel.view.board.tiles) <= set(reached)


def test_a_queue_without_cases_says_so_and_leads_on(page, controller, settle, qtbot):
    open_queue(controller, settle, "unreadable")
    assert page.nothing.isVisible()
    assert not page.panel.isVisible()
    qtbot.mouseClick(page.nothing.next, Qt.MouseButton.LeftButton)
    settle()
    assert controller.line.queue.id == "conflicts"
    assert page.panel.isVisible()


def test_queues_show_how_many_cases_are_open(page):
    said = {name: row.accessibleName() for name, row in page.queues.rows.items()}
    assert said["suspects"] == "Label suspects, 3 cases"
    assert said["unreadable"] == "Unreadable, 0 cases"


def test_the_page_of_a_project_that_was_never_checked_offers_to(made, open_controller, show_page):
    shown = show_page(open_controller(made.path))
    assert shown.first.isVisible()
    assert shown.first.start.isEnabled()


def test_the_map_can_be_folded_away_and_stays_so(page, context, qtbot):
    assert not page.map.panel.isVisible()
    assert page.map.unfold.isVisible()
    qtbot.mouseClick(page.map.unfold, Qt.MouseButton.LeftButton)
    assert context.settings.clean_map_shown
    assert page.map.panel.isVisible()
    qtbot.mouseClick(page.map.fold, Qt.MouseButton.LeftButton)
    assert not context.settings.clean_map_shown
    assert not page.map.panel.isVisible()


def test_every_control_has_a_name(page, controller, settle):
    for queue in ("suspects", "conflicts", "leakage", "quality", "balance"):
        open_queue(controller, settle, queue)
        nameless = [
            made
            for made in page.window().findChildren(QAbstractButton)
            if made.isVisible() and not (made.accessibleName() or made.text())
        ]
        assert nameless == []


def test_a_conflict_without_a_suggestion_keeps_the_one_that_is_clicked_and_its_label(
    made, open_controller, show_page, settle, qtbot
):
    made.find(made.suspicion(K.CONFLICTING_DUPLICATE, 1, 2, score=0.9))
    controller = open_controller(made.path)
    page = show_page(controller)
    open_queue(controller, settle, "conflicts")
    tiles = {tile.sample_id: tile for tile in page.panel.view.board.tiles if tile.sample_id}
    assert not any(tile.isChecked() for tile in tiles.values())
    assert page.panel.accept.accessibleName() == "Choose the label…"
    assert page.panel.exclude.accessibleName() == "Exclude all 2"
    qtbot.mouseClick(tiles[2], Qt.MouseButton.LeftButton)
    assert tiles[2].isChecked()
    assert page.panel.accept.accessibleName() == "Make it WBC, exclude 1"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_enter_asks_which_label_is_right_where_nothing_speaks_for_one(
    made, open_controller, show_page, context, settle, qtbot
):
    made.find(made.suspicion(K.CONFLICTING_DUPLICATE, 1, 2, score=0.9))
    controller = open_controller(made.path)
    page = show_page(controller)
    open_queue(controller, settle, "conflicts")
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Return)
    settle()
    assert not any(sample.excluded for sample in samples_by_id(context.project, [1, 2]))
    menu = page.panel.bar.labels
    assert menu.isVisible()
    assert [action.text() for action in menu.actions()] == ["Make it RBC, exclude 1", "Make it WBC, exclude 1"]
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    settle()
    assert controller.case is None
    assert [sample.excluded for sample in samples_by_id(context.project, [1, 2])] == [False, True]
    assert len({sample.label_id for sample in samples_by_id(context.project, [1, 2])}) == 1
    assert controller.deciding.decided.entries[0].decisions[0].label == "WBC"


def test_another_queue_ends_the_reviewing_together(page, controller, settle):
    open_queue(controller, settle, "suspects")
    controller.together.open([one.id for one in controller.line.found])
    settle()
    assert page._cases.currentWidget() is page.together
    open_queue(controller, settle, "quality")
    assert page._cases.currentWidget() is page.panel


def test_what_could_not_be_looked_for_is_no_clean_queue(made, open_controller, show_page):
    made.find(made.suspicion(K.DARK, 12, score=0.9), notes={"label_suspects": "Too few labels."})
    page = show_page(open_controller(made.path))
    row = page.queues.rows["suspects"]
    assert row.accessibleName() == "Label suspects, not looked for"
    assert row.toolTip() == "Too few labels."
    assert page.queues.rows["outliers"].accessibleName() == "Outliers, 0 cases"


def test_the_keyboard_reaches_a_picture_and_opens_it(page, controller, settle, qtbot):
    open_queue(controller, settle, "suspects")
    shown = []
    controller.context.show = lambda where, **how: shown.append((where, how))
    large = page.panel.view.large
    assert large.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(large, Qt.Key.Key_Space)
    assert shown == [("images", {"ids": [1]})]


def test_the_only_kind_of_a_queue_is_the_queue(page, controller, settle):
    controller.open_queue("suspects", K.LABEL_SUSPECT)
    settle()
    assert page.queues.rows["suspects"].isChecked()


def test_a_case_of_an_image_that_was_excluded_since_says_so(page, controller, context, settle):
    open_queue(controller, settle, "suspects")
    finding = controller.case.finding
    context.edit(lambda project: set_excluded(project, np.array([1]), True))
    settle()
    controller.open_finding(finding.id, finding.kind)
    settle()
    assert controller.case.finding.sample_id == 1
    assert "excluded" in page.panel._banner_words.text()


def test_what_is_heard_again_of_the_same_case_builds_nothing_anew(page, controller, settle):
    open_queue(controller, settle, "suspects")
    tiles = list(page.panel.view.board.tiles)
    assert tiles
    controller.case_changed.emit()
    assert page.panel.view.board.tiles == tiles
    controller.line.walk(1)
    controller.line.walk(-1)
    assert page.panel.view.board.tiles != tiles


def test_of_very_many_copies_the_labels_of_those_that_are_not_shown_are_kept_too(
    made, open_controller, show_page, settle, monkeypatch
):
    monkeypatch.setattr("desktop_app.pages.clean.case.MOST_MEMBERS", 4)
    with Project.open(made.path) as project:
        set_task(project, Task.MULTI)
    # The last is the only one with another label.
    made.find(made.suspicion(K.CONFLICTING_DUPLICATE, 1, 3, 5, 7, 9, 2, score=0.9), kinds=(K.CONFLICTING_DUPLICATE,))
    controller = open_controller(made.path)
    page = show_page(controller)
    open_queue(controller, settle, "conflicts")
    view = page.panel.view
    assert [tile.sample_id for tile in view.board.tiles] == [1, 3, 5, 2]
    assert view._more.text() == "and 2 more"
    assert view.merge.text() == "Merge their labels: RBC + WBC"
    controller.accept()
    settle()
    with Project.open(made.path, read_only=True) as project:
        named = {label.id: label.name for label in labels(project)}
        kept = samples_by_id(project, [1, 2, 9])
        assert [[named[i] for i in sample.label_ids] for sample in kept] == [["RBC", "WBC"]] * 3
