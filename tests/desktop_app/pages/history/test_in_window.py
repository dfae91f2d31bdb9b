"""The History page in its window: how one gets there, and that a change of language keeps the place."""

import pytest


@pytest.fixture
def opened(window, project_path, qtbot):
    window.context.open_project(project_path)
    qtbot.waitUntil(lambda: window.context.project is not None and not window.context.tasks.active)
    return window


def settled(window, qtbot):
    qtbot.waitUntil(lambda: not window.context.tasks.active)


def test_the_clock_in_the_top_bar_leads_to_the_history(opened, qtbot):
    opened.frame.top.history_button.click()
    settled(opened, qtbot)
    assert opened.page_id == "history"
    assert opened.controllers["history"].listing.count == 6


def test_without_a_project_there_is_no_history(window):
    assert not window.frame.top.history_button.isEnabled()
    window.context.show("history")
    assert window.page_id == "start"


def test_an_image_leads_to_what_touched_it(opened, qtbot):
    opened.context.show("history", sample=3, name="2.png")
    settled(opened, qtbot)
    assert opened.controllers["history"].listing.count == 2


def test_the_newest_of_what_touched_an_image_is_chosen_whatever_was_listed_before(opened, qtbot):
    opened.context.show("history")
    settled(opened, qtbot)
    controller, page = opened.controllers["history"], opened.current_page()
    page.list.selectRow(page.list.model().rowCount() - 1)
    settled(opened, qtbot)
    opened.context.show("images")
    opened.context.show("history", sample=3, name="2.png")
    settled(opened, qtbot)
    newest = next(number for number in controller.listing.rows.tolist() if number > 0)
    assert controller.chosen.id == page.list.chosen().id == newest


def test_another_language_keeps_the_entry_looked_at(opened, qtbot):
    opened.context.show("history")
    settled(opened, qtbot)
    opened.current_page().list.selectRow(3)
    settled(opened, qtbot)
    before = opened.controllers["history"].chosen
    opened.context.change_settings(language="ko", theme="dark")
    settled(opened, qtbot)
    assert opened.controllers["history"].chosen == before
    assert opened.current_page().list.chosen() == before
    opened.context.change_settings(language="en")


def test_an_undo_from_anywhere_is_listed_at_once(opened, qtbot):
    opened.context.show("history")
    settled(opened, qtbot)
    opened.context.undo()
    qtbot.waitUntil(lambda: opened.controllers["history"].listing.count == 7)
    settled(opened, qtbot)


def test_the_sources_are_reached_from_the_project(opened, qtbot):
    named = {action.id: action for action in opened.actions_table}
    named["go.sources"].trigger()
    settled(opened, qtbot)
    assert opened.page_id == "sources"
    assert opened.controllers["sources"].rows[0].images == 8
