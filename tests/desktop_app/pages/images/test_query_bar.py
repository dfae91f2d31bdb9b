from threading import Event

import pytest
from PySide6.QtCore import Qt

from core.domain.query import GroupBy, SampleQuery, SortKey
from core.domain.query_line import parse_query
from core.domain.samples import Split
from core.store.edits import set_tag
from desktop_app.pages.images.filter_terms import bounds, flags, kept_out, with_bounds, with_flags, with_terms
from desktop_app.widgets.choice_panel import ChoicePanel

KEY = Qt.Key


@pytest.fixture
def line(page, controller, settle):
    settle()
    page.filter_bar.line.setFocus()
    return page.filter_bar.line


def proposed(line):
    return [proposal.term for proposal in line.completions.proposals()] if line.completions.isVisible() else []


# -- the line


def test_typing_proposes_and_tab_takes_the_first_field_then_its_values(qtbot, line, controller, settle):
    qtbot.keyClicks(line, "lab")
    assert proposed(line)[0] == "label:"
    qtbot.keyClick(line, KEY.Key_Tab)
    assert line.text() == "label:"
    assert proposed(line) == ["label:RBC", "label:WBC", "label:none"]
    qtbot.keyClick(line, KEY.Key_Down)
    qtbot.keyClick(line, KEY.Key_Down)
    qtbot.keyClick(line, KEY.Key_Return)
    settle()
    assert controller.query == SampleQuery(labels=("WBC",))
    assert not proposed(line)
    assert line.hasFocus()


def test_enter_takes_nothing_that_was_not_chosen(qtbot, line, controller, settle):
    qtbot.keyClicks(line, "label:W")
    assert proposed(line) == ["label:WBC"]
    qtbot.keyClick(line, KEY.Key_Return)
    settle()
    assert controller.line == "label:W"


def test_esc_closes_the_list_first_and_keeps_what_was_typed(qtbot, line, controller, settle):
    qtbot.keyClicks(line, "split:tr")
    qtbot.keyClick(line, KEY.Key_Escape)
    assert (line.text(), proposed(line)) == ("split:tr", [])
    qtbot.keyClick(line, KEY.Key_Escape)
    settle()
    assert line.text() == controller.line == ""


@pytest.fixture
def readers_held(context):
    """All that read in the background wait, so that a search takes as long as the test wants."""
    released = Event()
    for _ in range(8):
        context.tasks.run("Waiting", lambda _: released.wait(20), quiet=True)
    yield released
    released.set()


def test_a_search_that_takes_long_says_so_until_it_is_done(qtbot, line, page, controller, settle, readers_held):
    assert not page.filter_bar.busy.isVisible()
    controller.set_line("label:WBC")
    assert not page.filter_bar.busy.isVisible()
    qtbot.waitUntil(page.filter_bar.busy.isVisible)
    readers_held.set()
    settle()
    assert not page.filter_bar.busy.isVisible()
    assert len(controller.grid) == 3


def test_esc_stops_a_search_that_takes_long_and_goes_back_to_what_is_shown(
    qtbot, line, page, controller, settle, readers_held
):
    controller.set_line("label:WBC")
    qtbot.waitUntil(page.filter_bar.busy.isVisible)
    qtbot.keyClick(line, KEY.Key_Escape)
    assert not page.filter_bar.busy.isVisible()
    assert (line.text(), controller.query) == ("", SampleQuery())
    readers_held.set()
    settle()
    assert len(controller.grid) == 15


def test_a_click_on_a_proposal_takes_it_and_the_line_keeps_the_focus(qtbot, line, controller, settle):
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
    assert proposed(line)[0] == "label:"
    line.completions.list.clicked.emit(line.completions.list.model().index(1, 0))
    assert line.text() == "split:"
    assert line.hasFocus()


def test_half_a_term_is_no_error_while_the_list_is_open(qtbot, line, page, controller):
    qtbot.keyClicks(line, "split:v")
    qtbot.wait(400)
    assert not page.filter_bar.error.isVisible()
    assert controller.line == ""


def test_what_is_not_understood_is_underlined_and_the_grid_is_empty(qtbot, line, page, controller, settle):
    qtbot.keyClicks(line, "label:WBC ")
    qtbot.keyClick(line, KEY.Key_Return)
    settle()
    controller.set_line("label:WBC split:lunch")
    settle()
    start, end = controller.query_error_at
    assert controller.line[start:end] == "split:lunch"
    assert page.filter_bar.error.isVisible()
    assert len(controller.grid) == 0


def test_counts_follow_what_is_done_once_they_are_wanted_again(controller, context, settle):
    settle()
    context.edit(lambda project: set_tag(project, controller.grid.ids[:3], "blurred", True))
    settle()
    controller.words.want()
    settle()
    assert [(value.text, value.count) for value in controller.words.vocabulary.values("tag")] == [("blurred", 3)]


# -- the filters


def test_what_is_ticked_with_not_is_kept_out(window, page, controller, settle):
    page.filter_bar.chips.open_filter("label")
    panel = window.findChild(ChoicePanel)
    panel.bar.setChecked(True)
    panel._toggle(panel.list.item(0))
    settle()
    assert controller.line == "-label:RBC"
    assert page.filter_bar.chips.chip("label").accessibleName() == "label: not RBC"
    panel.bar.setChecked(False)
    panel._toggle(panel.list.item(0))
    settle()
    assert controller.line == "label:RBC"
    panel.close_panel()


def test_filters_wait_in_the_menu_until_they_are_in_use(page, controller, settle):
    settle()
    chips = page.filter_bar.chips
    offered = [action.text() for action in chips.menu().actions()]
    assert {"Condition", "File name", "Date", "Size", "State", "Source"} == set(
        offered
    )  # no tags, runs or findings yet
    controller.set_line("size:>=20 date:<2030 name:*0*")
    settle()
    assert chips.chip("size").accessibleName() == "size: ≥ 20"
    assert not chips.chip("size").isHidden()
    assert "Size" not in [action.text() for action in chips.menu().actions()]
    chips.chip("size")._cleared()
    settle()
    assert chips.chip("size").isHidden()


def test_a_range_is_typed_from_and_to(page, controller, settle):
    panel = page.filter_bar.chips._panel("size")
    panel.fields[0].setText("10")
    panel._changed()
    panel.fields[1].setText("30")
    panel._changed()
    settle()
    assert controller.line == "size:10..30"
    panel.fields[1].setText("many")
    panel._changed()
    assert panel.fields[1].property("invalid")
    assert controller.line == "size:10..30"


def test_filter_changes_leave_the_rest_of_a_query_as_it_is():
    query = parse_query("label:a -tag:x conf:<0.6 is:wrong by:label sort:-name")
    assert with_terms(query, "split", [Split.VAL], [None]).without == (("tag", "x"), ("split", "none"))
    assert kept_out(with_terms(query, "label", [], ["so far", None]), "label") == ("so far", None)
    assert flags(with_flags(query, ["wrong", "right"])) == ["right"]
    assert with_flags(query, ["wrong"]) == query
    assert bounds(query, "conf") == ("", "0.6")
    assert with_bounds(query, "conf", "", "0.6") is query
    assert with_bounds(query, "conf", "", "").confidence is None


# -- order, headings, views


def test_headings_and_order_are_chosen_side_by_side(page, controller, settle):
    bar = page.filter_bar
    by_text = {action.text(): action for action in bar.group.menu().actions()}
    by_text["split"].trigger()
    {action.text(): action for action in bar.sort.menu().actions()}["date"].trigger()
    settle()
    assert controller.query == SampleQuery(by=GroupBy.SPLIT, sort=SortKey.DATE)
    assert bar.group.accessibleName() == "Group by: split"
    assert [heading.text for heading in controller.grid.headings] == ["not split"]


def test_a_view_is_saved_shown_renamed_moved_and_removed(page, controller, settle):
    controller.set_line("label:WBC by:split")
    settle()
    panel = page.filter_bar.views.manage(saving=True)
    panel.name.setText("White")
    panel._save()
    settle()
    controller.views.save("Broken", "is:unreadable")
    settle()
    controller.clear_query()
    settle()
    actions = {action.id: action for action in page.actions_table()}
    assert actions["images.view1"].shown_text == "View: White"
    actions["images.view1"].trigger()
    settle()
    assert controller.line == "label:WBC by:split"
    controller.views.rename("White", "Leukocytes")
    controller.views.move("Broken", -1)
    settle()
    assert [view.name for view in controller.views.views] == ["Broken", "Leukocytes"]
    controller.views.remove("Broken")
    settle()
    page.filter_bar.views.fill()
    shown = page.filter_bar.views.menu().actions()[0]
    assert shown.text().startswith("Leukocytes") and shown.isChecked()
    assert not actions["images.view2"].enabled_when()


def test_a_view_name_that_is_taken_is_refused_and_nothing_changes(controller, context, settle, qtbot):
    for name in ("a", "b"):
        controller.views.save(name, "split:val")
    settle()
    with qtbot.waitSignal(context.user_error):
        controller.views.rename("a", "b")
    settle()
    assert [view.name for view in controller.views.views] == ["a", "b"]


# -- the selection


def test_all_that_match_are_selected_and_those_hidden_can_be_seen_or_let_go(page, controller, settle):
    selection = page.filter_bar.selection
    controller.set_line("label:RBC")
    settle()
    assert {action.id: action for action in page.actions_table()}["images.all"].shown_text == "Select all 6 that match"
    controller.grid.select_all()
    assert selection.words.text() == "All 6 that match are selected"
    controller.set_line("label:WBC")
    settle()
    assert selection.words.text() == "6 more selected, hidden"
    selection.show_button.click()
    settle()
    assert controller.grid.selected_count == len(controller.grid) == 6
    controller.set_line("label:WBC")
    settle()
    selection.drop.click()
    assert controller.grid.hidden_count == 0
    assert selection.isHidden()
