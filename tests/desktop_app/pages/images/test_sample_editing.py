"""Saying more of images than one label, on the real page: states, tags, pins, and many labels an image."""

from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent

from core.domain.samples import SampleState, Split
from core.domain.task import Task
from core.domain.window_keys import window_use
from desktop_app.pages.images.reason_panel import ReasonPanel
from desktop_app.pages.images.tag_panel import TagPanel
from desktop_app.pages.images.task_panel import TaskPanel
from desktop_app.widgets.sample_grid.drag import SAMPLES_MIME
from tests.desktop_app.pages.images.looking import labels_of, last_edit, row_of, sample

NONE, SHIFT, CONTROL = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("No", "Shift", "Control"))
LEFT = Qt.MouseButton.LeftButton


def test_u_asks_why_and_shift_says_it_again(qtbot, window, controller, press, settle):
    controller.grid.select_indexes([0, 1])
    press("U")
    asked = window.findChild(ReasonPanel)
    qtbot.keyClicks(asked.line, "out of focus")
    qtbot.keyClick(asked.line, Qt.Key.Key_Return)
    settle()
    assert [(sample(controller, i).state, sample(controller, i).reason) for i in (0, 1)] == [
        (SampleState.UNCERTAIN, "out of focus")
    ] * 2
    assert last_edit(controller) == "Mark 2 images as uncertain"
    controller.grid.select_only(2)
    press("G", SHIFT)
    assert (sample(controller, 2).state, sample(controller, 2).reason) == (SampleState.UNGRADABLE, "out of focus")
    assert controller.tiles.tile(int(controller.grid.ids[2])).corner == "ungradable"


def test_a_digit_takes_a_reason_given_before_and_certain_again_clears(qtbot, window, controller, press, settle):
    for reason in ("cut off", "blurred"):
        controller.grid.select_only(0)
        controller.editing.set_state(SampleState.UNCERTAIN, reason)
        settle()
    controller.grid.select_only(1)
    press("G")
    asked = window.findChild(ReasonPanel)
    qtbot.keyClick(asked.line, Qt.Key.Key_2)
    settle()
    assert sample(controller, 1).reason == "cut off"
    qtbot.waitUntil(lambda: not window.findChildren(ReasonPanel))
    press("U")
    window.findChild(ReasonPanel).clear.click()
    settle()
    assert sample(controller, 1).state is SampleState.NONE


def test_t_tags_what_is_selected_and_shows_who_has_what(qtbot, window, controller, press, settle):
    controller.grid.select_only(0)
    press("T")
    tagging = window.findChild(TagPanel)
    qtbot.keyClicks(tagging.line, "mitosis")
    qtbot.keyClick(tagging.line, Qt.Key.Key_Return)
    settle()
    assert sample(controller, 0).tags == ("mitosis",)
    assert tagging.list.item(0).checkState() is Qt.CheckState.Checked
    tagging.close_panel()
    qtbot.waitUntil(lambda: not window.findChildren(TagPanel))
    controller.grid.select_indexes([0, 1])
    press("T")
    tagging = window.findChild(TagPanel)
    assert tagging.list.item(0).checkState() is Qt.CheckState.PartiallyChecked
    assert tagging.list.item(0).toolTip() == "1 of 2 selected have it"
    qtbot.keyClick(tagging.line, Qt.Key.Key_Down)
    qtbot.keyClick(tagging.list, Qt.Key.Key_Space)
    settle()
    assert sample(controller, 1).tags == ("mitosis",)
    qtbot.keyClick(tagging.list, Qt.Key.Key_Space)
    settle()
    assert (sample(controller, 0).tags, sample(controller, 1).tags) == ((), ())
    assert not window.grab().isNull()
    tagging.close_panel()


def test_the_menu_keeps_images_in_a_split_and_says_how_far_that_reaches(page, controller, settle):
    controller.grid.select_only(0)
    settle()
    menu = page.selection_menu()
    pins = next(action.menu() for action in menu.actions() if action.text() == "Keep in a split")
    settle()
    group = sample(controller, 0).group
    together = sum(sample(controller, i).group == group for i in range(len(controller.grid)))
    assert pins.actions()[0].text() == f"With their whole groups: {together} images"
    next(action for action in pins.actions() if action.text() == "Keep in val").trigger()
    settle()
    kept = [i for i in range(len(controller.grid)) if sample(controller, i).pinned]
    assert len(kept) == together
    assert {sample(controller, i).split for i in kept} == {Split.VAL}
    assert last_edit(controller) == f"Pin {together} images to val"


def test_in_the_loupe_the_same_keys_concern_the_image_that_is_seen(qtbot, window, page, controller, press, settle):
    controller.grid.select_indexes([0, 1, 2])
    controller.grid.set_current(3)
    page.open_loupe()
    press("T", on=page.loupe)
    tagging = window.findChild(TagPanel)
    qtbot.keyClicks(tagging.line, "seen")
    qtbot.keyClick(tagging.line, Qt.Key.Key_Return)
    settle()
    tagging.close_panel()
    assert [sample(controller, i).tags for i in (0, 3)] == [(), ("seen",)]
    press("U", on=page.loupe)
    asked = window.findChild(ReasonPanel)
    qtbot.keyClick(asked.line, Qt.Key.Key_Return)
    settle()
    assert sample(controller, 3).state is SampleState.UNCERTAIN
    assert page.loupe.isVisible()


def test_a_letter_of_the_page_is_given_to_no_label(window, controller, context, press, settle):
    told = []
    context.user_error.connect(told.append)
    controller.editing.set_label_key("WBC", "t")
    settle()
    assert [error.code for error in told] == ["label_key_used"]
    controller.grid.select_only(0)
    press("T")
    assert window.findChildren(TagPanel)


def test_every_letter_of_the_page_is_kept_from_labels(page):
    letters = {action.page_key.lower() for action in page.actions_table() if len(action.page_key) == 1}
    assert {"c", "n", "t", "u", "g"} <= letters
    assert all(window_use(key, Task.SINGLE) for key in letters)


def test_the_sheet_of_keys_and_the_palette_know_them(page):
    known = {action.id: action.shown_shortcut for action in page.actions_table()}
    assert known["images.tag"] == "T"
    assert known["images.uncertain"] == "U"
    assert known["images.ungradable_again"] == "Shift+G"
    assert {"images.pin_train", "images.pin_off", "images.certain", "images.task"} <= set(known)
    assert "images.none_of" not in known  # 0 is a label's key like any other, where an image has one label


# -- many labels an image


def test_how_many_labels_an_image_has_is_chosen_and_undone(window, panel, controller, context, settle):
    panel.menu.ask_for_task()
    asked = window.findChild(TaskPanel)
    asked.choose(Task.MULTI)
    asked.use.click()
    settle()
    assert controller.task is Task.MULTI
    assert row_of(panel, "RBC").look.ticked is Qt.CheckState.Unchecked
    context.undo()
    settle()
    assert controller.task is Task.SINGLE
    assert row_of(panel, "RBC").look.ticked is None


def test_going_back_to_one_label_is_refused_where_images_have_several(controller, context, multi, settle):
    controller.grid.select_only(0)
    controller.editing.give_label("RBC")
    controller.editing.give_label("WBC")
    settle()
    said = []
    context.user_error.connect(said.append)
    controller.editing.set_task(Task.SINGLE)
    settle()
    assert controller.task is Task.MULTI
    assert [error.code for error in said] == ["task_has_many"]


def test_a_labels_key_adds_where_some_lack_it_and_takes_where_all_have_it(controller, multi, press):
    controller.grid.select_indexes([0, 14])
    before = labels_of(controller, 0)
    press("2")
    assert labels_of(controller, 0) == before | {"WBC"}
    assert labels_of(controller, 14) >= {"WBC"}
    press("2")
    assert "WBC" not in labels_of(controller, 0) | labels_of(controller, 14)


def test_none_of_these_is_something_else_than_not_known(page, controller, multi, press):
    assert any(action.id == "images.none_of" and action.page_key == "0" for action in page.actions_table())
    controller.grid.select_only(0)
    press("0")
    assert (sample(controller, 0).label_ids, sample(controller, 0).labelled) == ((), True)
    assert controller.tiles.tile(int(controller.grid.ids[0])).pills[0].text == "none of these"
    press("Backspace")
    assert not sample(controller, 0).labelled
    assert controller.tiles.tile(int(controller.grid.ids[0])).pills == ()


def test_the_boxes_say_who_of_the_selected_has_a_label(qtbot, panel, controller, multi, settle):
    having = [i for i in range(len(controller.grid)) if labels_of(controller, i) == {"WBC"}]
    lacking = [i for i in range(len(controller.grid)) if not labels_of(controller, i)]
    controller.grid.select_indexes(having)
    qtbot.waitUntil(lambda: row_of(panel, "WBC").look.ticked is Qt.CheckState.Checked)
    controller.grid.select_indexes([having[0], lacking[0]])
    qtbot.waitUntil(lambda: row_of(panel, "WBC").look.ticked is Qt.CheckState.PartiallyChecked)
    assert "some selected have it" in row_of(panel, "WBC").accessibleName()
    qtbot.mouseClick(row_of(panel, "WBC"), LEFT, pos=row_of(panel, "WBC")._places().box.center().toPoint())
    settle()
    assert labels_of(controller, lacking[0]) == {"WBC"}
    qtbot.waitUntil(lambda: row_of(panel, "WBC").look.ticked is Qt.CheckState.Checked)


def test_a_drop_adds_a_label_beside_the_others(panel, controller, multi, settle):
    controller.grid.select_only(0)
    before = labels_of(controller, 0)
    data = QMimeData()
    data.setData(SAMPLES_MIME, b"selection")
    for _ in range(2):
        row_of(panel, "WBC").dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, NONE))
        settle()
    assert labels_of(controller, 0) == before | {"WBC"}


def test_tiles_with_many_labels_are_painted(window, page, controller, multi, more_labels, settle):
    controller.grid.select_only(0)
    for name in ("RBC", "WBC", "neutrophil", "band", "lymphocyte"):
        controller.editing.give_label(name)
    settle()
    assert len(controller.tiles.tile(int(controller.grid.ids[0])).pills) == 5
    assert not page.grid.grab().isNull()
