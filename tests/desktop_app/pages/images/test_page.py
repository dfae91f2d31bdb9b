import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication

from core.domain.query import SampleQuery
from core.store.samples import samples_by_id
from core.translation import use_language
from desktop_app.pages.images.label_row import LabelRow
from desktop_app.pages.images.page import ImagesPage
from desktop_app.pages.images.split_panel import SplitPanel
from desktop_app.widgets.choice_panel import ChoicePanel
from desktop_app.widgets.sample_grid.drag import SAMPLES_MIME

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def press(qtbot, page, settle):
    def key(name, modifiers=Qt.KeyboardModifier.NoModifier):
        qtbot.keyClick(page.grid, getattr(Qt.Key, f"Key_{name}"), modifiers)
        settle()

    return key


def label_of(controller, index):
    [sample] = samples_by_id(controller.context.project, [int(controller.grid.ids[index])])
    return controller.labels_by_id[sample.label_id].name if sample.label_id else None


def test_keys_label_the_selection_and_the_focus_stays_in_the_grid(page, controller, press):
    controller.grid.select_indexes([0, 1])
    press("2")
    assert [label_of(controller, i) for i in (0, 1)] == ["WBC", "WBC"]
    press("Backspace")
    assert label_of(controller, 0) is None
    assert page.grid.hasFocus() or not page.window().isActiveWindow()


def test_del_excludes_and_never_deletes(controller, press, folder):
    files = sorted(folder.rglob("*.png"))
    controller.grid.select_only(0)
    press("Delete")
    assert len(controller.grid) == 14
    assert sorted(folder.rglob("*.png")) == files


def test_a_key_without_a_label_does_nothing(controller, press):
    controller.grid.select_only(0)
    before = label_of(controller, 0)
    press("9")
    press("2", CONTROL)
    assert label_of(controller, 0) == before


def test_escape_clears_the_selection_and_then_the_query(controller, press):
    controller.set_line("label:WBC")
    controller.grid.select_all()
    press("Escape")
    assert controller.grid.selected_count == 0
    assert controller.line == "label:WBC"
    press("Escape")
    assert controller.line == ""


def test_the_query_line_and_the_chips_are_in_step(qtbot, page, controller, settle):
    line = page.filter_bar.line
    assert page.focus_search()
    line.clear()
    qtbot.keyClicks(line, "label:WBC group:slide_1")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    settle()
    chips = page.filter_bar.chips
    shown = [chips.chip(field).accessibleName() for field in ("label", "group", "split")]
    assert shown == ["label: WBC", "group: slide_1", "split"]
    chips.chip("label")._cleared()
    settle()
    assert line.text() == "group:slide_1"


def test_typing_asks_by_itself_after_a_pause(qtbot, page, controller):
    qtbot.keyClicks(page.filter_bar.line, "label:RBC")
    qtbot.waitUntil(lambda: controller.line == "label:RBC")
    assert page.filter_bar.line.text() == "label:RBC"


def test_an_invalid_query_is_explained_under_the_line(qtbot, page, settle):
    qtbot.keyClicks(page.filter_bar.line, "split:never")
    qtbot.keyClick(page.filter_bar.line, Qt.Key.Key_Return)
    settle()
    assert "“split:never” is not understood" in page.filter_bar.error.text()
    assert page.filter_bar.error.isVisible()
    qtbot.keyClick(page.filter_bar.line, Qt.Key.Key_Escape)
    settle()
    assert not page.filter_bar.error.isVisible()
    assert page.filter_bar.line.text() == ""


def test_while_the_query_cannot_be_read_no_image_is_there_to_be_labelled(qtbot, page, controller, settle):
    controller.grid.select_all()
    before = dict(controller.counts.labels)
    qtbot.keyClicks(page.filter_bar.line, "label:")
    qtbot.keyClick(page.filter_bar.line, Qt.Key.Key_Return)
    settle()
    assert page.nothing.unread.isVisible() and not page.grid.isVisible()
    for key in ("A", "1", "2", "Delete", "Return", "Space"):
        qtbot.keyClick(page, getattr(Qt.Key, f"Key_{key}"))
        settle()
    controller.grid.select_all()
    page.label_panel.rows()[0].click()
    settle()
    assert controller.counts.labels == before
    assert page.loupe is None
    page.nothing.unread.button.click()
    settle()
    assert page.grid.isVisible() and len(controller.grid) == 15


def test_a_click_on_a_label_asks_the_query_that_is_being_typed_first(qtbot, page, controller, settle):
    controller.grid.select_all()
    before = dict(controller.counts.labels)
    page.filter_bar.line.setFocus()
    qtbot.keyClicks(page.filter_bar.line, "split:")
    qtbot.mouseClick(page.label_panel.rows()[0], Qt.MouseButton.LeftButton, pos=QPoint(30, 10))
    settle()
    assert controller.counts.labels == before


def test_a_chip_offers_its_choices_and_ticks_filter(qtbot, window, page, controller, settle):
    page.filter_bar.chips.chip("label").click()
    panel = window.findChild(ChoicePanel)
    assert [panel.list.item(i).text() for i in range(panel.list.count())] == ["RBC", "WBC", "no label"]
    panel.list.setCurrentRow(1)
    qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    panel._toggle(panel.list.item(2))
    settle()
    assert controller.query == SampleQuery(labels=("WBC", None))
    panel._toggle(panel.list.item(1))
    settle()
    assert controller.line == "label:none"
    assert not window.grab().isNull()
    panel.close_panel()


def test_of_conditions_that_contradict_each_other_the_last_one_holds(window, page, controller, settle):
    page.filter_bar.chips.open_filter("is")
    panel = window.findChild(ChoicePanel)
    for words in ("cannot be read", "excluded from everything", "can be read"):
        panel._toggle(panel.list.findItems(words, Qt.MatchFlag.MatchExactly)[0])
    settle()
    assert controller.line == "is:excluded is:readable"
    panel.close_panel()
    page.filter_bar.chips.chip("is")._cleared()
    settle()
    assert controller.line == ""


def test_chosen_images_have_a_chip_that_lets_go_of_them(page, controller, settle):
    page.activated(ids=controller.grid.ids[:4])
    settle()
    chip = page.filter_bar.chips.chosen
    assert chip.accessibleName() == "images: 4"
    chip.click()
    settle()
    assert len(controller.grid) == 15


def test_nothing_found_offers_to_show_everything_again(page, controller, settle):
    controller.set_line("name:nowhere")
    settle()
    shown = page._stack.currentWidget()
    assert shown is page.nothing.query
    shown.button.click()
    settle()
    assert page._stack.currentWidget() is page.grid


def test_zoom_is_one_thing_everywhere(page, controller):
    page.filter_bar.zoom.slider.setValue(200)
    assert (controller.zoom_px, page.grid.zoom_px) == (200, 200)
    page.grid.set_zoom(90)
    assert page.filter_bar.zoom.slider.value() == 90


def test_sorting_from_the_menu(page, controller, settle):
    menu = page.filter_bar.sort.menu()
    by_text = {action.text(): action for action in menu.actions()}
    by_text["name"].trigger()
    by_text["Last first"].trigger()
    settle()
    assert controller.line == "sort:-name"
    assert page.filter_bar.sort.accessibleName() == "Sort: name"
    assert by_text["name"].isChecked()


def test_dropping_on_a_label_gives_it_to_the_selection(page, controller, settle):
    controller.grid.select_indexes([0, 3])
    row = page.label_panel.rows()[1]
    data = QMimeData()
    data.setData(SAMPLES_MIME, b"selection")
    event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    row.dropEvent(event)
    settle()
    assert [label_of(controller, i) for i in (0, 3)] == ["WBC", "WBC"]


def test_a_new_name_makes_the_label_and_gives_it(qtbot, page, controller, settle):
    controller.grid.select_only(2)
    field = page.label_panel.new_label
    qtbot.keyClicks(field, "Eosinophil")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle()
    assert label_of(controller, 2) == "Eosinophil"
    assert [row.name for row in page.label_panel.rows()] == ["RBC", "WBC", "Eosinophil"]
    assert field.text() == ""


def test_the_panel_counts_and_says_so_to_screen_readers(page, controller):
    rows = page.label_panel.rows()
    assert rows[0].accessibleName() == "RBC, 6 images, key 1"
    assert page.label_panel._unlabelled.isVisible()


def test_a_label_is_renamed_in_its_row(qtbot, page, controller, settle):
    row = page.label_panel.rows()[0]
    menu = page.label_panel.menu_of(row, controller.labels[0])
    next(action for action in menu.actions() if action.text().startswith("Rename")).trigger()
    field = row.children()[-1]
    field.setText("Erythrocyte")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle()
    assert [label.name for label in controller.labels] == ["Erythrocyte", "WBC"]


def test_a_label_gets_the_next_key_pressed(qtbot, page, controller, settle):
    row = page.label_panel.rows()[1]
    row.ask_for_key()
    qtbot.keyClick(row, Qt.Key.Key_Q)
    settle()
    assert controller.label_for_key("q").name == "WBC"
    page.label_panel.rows()[1].ask_for_key()
    qtbot.keyClick(page.label_panel.rows()[1], Qt.Key.Key_Escape)
    settle()
    assert controller.label_for_key("q").name == "WBC"


def test_the_context_menus_hold_what_keys_do(page, controller, settle):
    controller.grid.select_only(0)
    menu = page.selection_menu()
    assert [a.text().split("\t")[0] for a in menu.actions() if a.text()][:3] == ["Open", "RBC", "WBC"]
    menu.actions()[3].trigger()
    settle()
    assert label_of(controller, 0) == "WBC"


def test_the_inspector_shows_the_current_image_and_its_history(qtbot, window, page, controller, press):
    controller.grid.select_only(0)
    press("2")
    qtbot.waitUntil(lambda: any("labelled WBC" in text for text in texts(page)))
    assert "24 × 20 px, 8-bit RGB" in texts(page)
    assert not window.grab().isNull()


def texts(page):
    return [label.text() for label in page._sample.findChildren(type(page.filter_bar.error))]


def test_space_opens_the_loupe_where_label_keys_work_too(qtbot, page, controller, settle):
    controller.grid.select_only(4)
    qtbot.keyClick(page.grid, Qt.Key.Key_Space)
    assert page.loupe.isVisible()
    qtbot.keyClick(page.loupe, Qt.Key.Key_2)
    settle()
    assert label_of(controller, 4) == "WBC"
    qtbot.keyClick(page.loupe, Qt.Key.Key_Z, CONTROL)
    settle()
    assert label_of(controller, 4) != "WBC"
    qtbot.keyClick(page.loupe, Qt.Key.Key_Right)
    qtbot.keyClick(page.loupe, Qt.Key.Key_Escape)
    assert not page.loupe.isVisible()
    assert controller.grid.current == 5


def test_splitting_is_one_edit_and_keeps_groups_whole(window, page, controller, settle):
    page.filter_bar.split_button.click()
    panel = window.findChild(SplitPanel)
    panel.train.setValue(50)
    panel.val.setValue(50)
    assert panel.ratios() == "50/50/0"
    panel.split()
    settle()
    samples = samples_by_id(controller.context.project, controller.grid.ids)
    by_group = {}
    for sample in samples:
        if sample.problem is None:
            by_group.setdefault(sample.group, set()).add(sample.split)
    assert all(len(splits) == 1 for splits in by_group.values())


def test_everything_lives_through_being_built_again(qtbot, window, page, controller, context, settle):
    """As a change of theme or language does: the page goes, the controller stays."""
    controller.set_line("label:RBC")
    settle()
    controller.grid.select_indexes([1, 2])
    page.open_loupe()
    window.page = None
    for child in (page, page.inspector()):
        child.setParent(None)
        child.deleteLater()
    qtbot.waitUntil(lambda: not window.findChildren(LabelRow))
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    use_language("ko")
    again = ImagesPage(controller, context)
    qtbot.addWidget(again)
    qtbot.addWidget(again.inspector())
    assert again.filter_bar.line.text() == "label:RBC"
    assert controller.grid.selected_count == 2
    controller.editing.give_label("WBC")
    controller.focus_grid.emit()
    controller.set_zoom(150)
    settle()
    assert len(controller.grid) == 4


def test_actions_have_keys_for_the_sheet_but_leave_space_to_buttons(page):
    keys = {action.id: (action.shortcut, action.page_key) for action in page.actions_table()}
    assert keys["images.open"] == ("", "Space")
    assert all(action.shown_shortcut for action in page.actions_table() if action.page_key)


def test_c_compares_the_selected_and_label_keys_act_on_the_one_with_the_focus(qtbot, page, controller, settle):
    controller.grid.select_indexes(np.array([0, 2, 9]))
    qtbot.keyClick(page.grid, Qt.Key.Key_C)
    assert len(page.loupe.compared) == 3
    qtbot.keyClick(page.loupe, Qt.Key.Key_Right)
    qtbot.keyClick(page.loupe, Qt.Key.Key_2)
    settle()
    third = page.loupe.compared[1]
    assert controller.labels_by_id[controller.records.sample(third).label_id].name == "WBC"
    first = page.loupe.compared[0]
    assert controller.labels_by_id[controller.records.sample(first).label_id].name == "RBC"
    qtbot.keyClick(page.loupe, Qt.Key.Key_Escape)
    assert not page.loupe.isVisible()


def test_n_walks_through_the_unlabelled_and_begins_again(qtbot, page, controller, settle):
    controller.grid.set_current(0)
    page.open_loupe()
    seen = []
    for _ in range(7):
        qtbot.keyClick(page.loupe, Qt.Key.Key_N)
        settle()
        seen.append(controller.grid.current_id)
    assert all(controller.records.sample(sample_id).label_id is None for sample_id in seen)
    assert len(set(seen)) == 6
    assert seen[6] == seen[0]


def test_what_n_goes_to_is_what_the_next_key_acts_on(qtbot, page, controller, settle):
    first = 0
    controller.grid.select_only(first)
    before = controller.records.sample(int(controller.grid.ids[first])).label_id
    qtbot.keyClick(page.grid, Qt.Key.Key_N)
    settle()
    there = controller.grid.current_id
    assert controller.grid.selected_ids.tolist() == [there]
    qtbot.keyClick(page.grid, Qt.Key.Key_2)
    settle()
    assert controller.records.sample(there).label_id is not None
    assert controller.records.sample(int(controller.grid.ids[first])).label_id == before


def test_the_keys_that_move_select_and_label_are_told(page, controller):
    told = dict(page.keys_table())
    keys = " ".join(told["Give a label"])
    assert all(label.key.upper() in keys for label in controller.labels[-1:])
    assert told["Go to another image"] == "← ↑ → ↓"
    assert {"Esc", "F2", "Ctrl+Space", "Shift+Right"} <= set(told.values())
