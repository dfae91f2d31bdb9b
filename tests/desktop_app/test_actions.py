from __future__ import annotations

from desktop_app.actions import Action, duplicate_shortcuts
from desktop_app.main_window import MainWindow
from desktop_app.pages.registry import available_pages


def test_no_two_actions_claim_one_shortcut(window: MainWindow):
    assert duplicate_shortcuts(window.actions_table) == []


def test_duplicate_shortcuts_are_found_however_they_are_written():
    twice = [Action("a", "A", print, shortcut="Ctrl+Y"), Action("b", "B", print, more_shortcuts=("ctrl+y",))]
    assert duplicate_shortcuts(twice) == ["Ctrl+Y"]


def test_every_action_has_a_text_an_icon_and_a_name_of_its_own(window: MainWindow):
    assert all(action.shown_text and action.icon for action in window.actions_table)
    names = [action.id for action in window.actions_table]
    assert len(names) == len(set(names))


def test_an_action_that_cannot_be_done_is_not_done():
    done: list[int] = []
    Action("a", "A", lambda: done.append(1), enabled_when=lambda: False).trigger()
    assert done == []


def test_every_page_of_this_build_is_in_the_rail():
    assert [spec.id for spec in available_pages()] == [
        name
        for name in ("images", "reading", "clean", "train", "evaluate", "export", "predict")
        if name in {spec.id for spec in available_pages()}
    ]
