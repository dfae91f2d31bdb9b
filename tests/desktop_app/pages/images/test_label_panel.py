"""Arranging the list of labels on the real page."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent

from core.domain.labels import LABEL_COLOURS
from desktop_app.pages.images.label_panel import RenameField
from desktop_app.pages.images.label_row import LABEL_MIME
from desktop_app.pages.images.merge_panel import MergePanel
from desktop_app.widgets.choice_panel import ChoicePanel
from tests.desktop_app.pages.images.looking import last_edit, row_of, shown

NONE, SHIFT, CONTROL = (getattr(Qt.KeyboardModifier, f"{name}Modifier") for name in ("No", "Shift", "Control"))
LEFT = Qt.MouseButton.LeftButton


def drop_label(panel, name, on, where, modifiers=NONE):
    row = row_of(panel, on)
    data = QMimeData()
    data.setData(LABEL_MIME, name.encode())
    spot = QPointF(20, row.height() * where)
    row.dropEvent(QDropEvent(spot, Qt.DropAction.MoveAction, data, LEFT, modifiers))


def choose_in_menu(panel, name, words):
    row = row_of(panel, name)
    label = next(label for label in panel._controller.labels if label.name == name)
    menu = panel.menu_of(row, label)
    next(action for action in menu.actions() if action.text().startswith(words)).trigger()


def test_labels_are_put_in_order_and_below_one_another_by_dragging(panel, controller, more_labels, settle):
    drop_label(panel, "lymphocyte", "RBC", 0.1)
    settle()
    assert shown(panel) == ["lymphocyte", "RBC", "WBC", "neutrophil", "band"]
    for name in ("lymphocyte", "neutrophil"):
        drop_label(panel, name, "WBC", 0.5)
        settle()
    drop_label(panel, "band", "neutrophil", 0.9)
    settle()
    assert shown(panel) == ["RBC", "WBC", ".lymphocyte", ".neutrophil", ".band"]
    assert last_edit(controller) == "Move band below WBC"


def test_a_parent_counts_its_children_folds_them_and_finds_them(qtbot, panel, controller, more_labels, settle):
    controller.editing.move_label("neutrophil", "WBC")
    settle()
    controller.grid.select_only(0)
    controller.editing.give_label("neutrophil")
    settle()
    row = row_of(panel, "WBC")
    assert row.look.count == 4
    qtbot.mouseClick(row, LEFT, pos=row._places().count.center())
    settle()
    assert controller.line == "label:WBC"
    assert len(controller.grid) == 4
    assert row_of(panel, "WBC").look.showing
    qtbot.mouseClick(row, LEFT, pos=row._places().fold.center())
    assert "neutrophil" not in [row.name for row in panel.rows()]
    qtbot.keyClick(row, Qt.Key.Key_Right)
    assert ".neutrophil" in shown(panel)


def test_a_click_shows_a_labels_images_where_nothing_is_selected(qtbot, panel, controller, settle):
    controller.grid.select_none()
    qtbot.mouseClick(row_of(panel, "WBC"), LEFT, pos=QPoint(90, 10))
    settle()
    assert controller.line == "label:WBC"
    qtbot.mouseClick(row_of(panel, "WBC"), LEFT, pos=QPoint(90, 10))
    settle()
    assert controller.line == ""


def test_merging_says_what_happens_and_can_be_undone(window, panel, controller, context, settle):
    drop_label(panel, "RBC", "WBC", 0.5, CONTROL)
    settle()
    asked = window.findChild(MergePanel)
    assert asked.words[:2] == ["6 images labelled “RBC” become “WBC”.", "“RBC” leaves the list of labels."]
    asked.merge.click()
    settle()
    assert shown(panel) == ["WBC"]
    assert row_of(panel, "WBC").look.count == 9
    context.undo()
    settle()
    assert shown(panel) == ["RBC", "WBC"]


def test_merging_from_the_menu_asks_which_and_cancelling_changes_nothing(window, panel, controller, settle):
    choose_in_menu(panel, "RBC", "Merge into")
    choices = window.findChild(ChoicePanel)
    choices._toggle(choices.list.item(0))
    settle()
    window.findChild(MergePanel).close_panel()
    settle()
    assert shown(panel) == ["RBC", "WBC"]


def test_labels_are_renamed_merged_and_recoloured_from_the_palette(qtbot, window, panel, controller, settle):
    actions = {action.id: action for action in panel.actions_table()}

    def choose(name):
        choices = [one for one in window.findChildren(ChoicePanel) if one.isVisible()][-1]
        items = [choices.list.item(at) for at in range(choices.list.count())]
        choices._toggle(next(item for item in items if item.text().strip() == name))

    actions["labels.colour"].trigger()
    choose("WBC")
    choose("purple-pink")
    settle()
    assert {label.name: label.colour for label in controller.labels}["WBC"] == LABEL_COLOURS[3][0]
    actions["labels.rename"].trigger()
    choose("WBC")
    field = row_of(panel, "WBC").findChild(RenameField)
    field.setText("white cell")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    settle()
    assert last_edit(controller) == "Rename WBC to white cell"
    actions["labels.merge"].trigger()
    choose("white cell")
    choose("RBC")
    qtbot.waitUntil(lambda: bool(window.findChildren(MergePanel)))
    window.findChildren(MergePanel)[-1].merge.click()
    settle()
    assert shown(panel) == ["RBC"]
    assert not actions["labels.merge"].enabled_when()


def test_the_menu_puts_below_moves_and_takes_out(window, panel, controller, more_labels, settle):
    choose_in_menu(panel, "band", "Put below")
    choices = window.findChild(ChoicePanel)
    assert choices.list.item(0).text() == "No other: to the top"
    choices._toggle(choices.list.item(3))
    settle()
    assert shown(panel) == ["RBC", "WBC", "neutrophil", ".band", "lymphocyte"]
    choose_in_menu(panel, "WBC", "Move up")
    settle()
    choose_in_menu(panel, "neutrophil", "Move down")
    settle()
    assert shown(panel) == ["WBC", "RBC", "lymphocyte", "neutrophil", ".band"]
    choose_in_menu(panel, "band", "Remove")
    settle()
    assert "band" not in [row.name for row in panel.rows()]
    menu = panel.menu_of(row_of(panel, "RBC"), controller.labels[1])
    assert not next(action for action in menu.actions() if action.text().startswith("Remove")).isEnabled()


def test_colour_and_sign_are_chosen_from_those_told_apart(panel, controller, settle):
    menu = panel.menu_of(row_of(panel, "RBC"), controller.labels[0])
    colours, signs = (action.menu() for action in menu.actions() if action.menu() is not None)
    next(action for action in colours.actions() if action.text() == "green").trigger()
    next(action for action in signs.actions() if action.text() == "★").trigger()
    settle()
    assert (controller.labels[0].colour, controller.labels[0].glyph) == ("#009E73", "★")


def test_a_key_that_is_taken_must_be_pressed_twice(qtbot, panel, controller, settle):
    row = row_of(panel, "RBC")
    panel.ask_for_key(row)
    qtbot.keyClick(row, Qt.Key.Key_2)
    assert row._shown().words == "2 gives WBC: press again"
    qtbot.keyClick(row, Qt.Key.Key_2)
    settle()
    assert [label.key for label in controller.labels] == ["2", ""]


def test_a_key_of_the_window_is_refused_however_often_it_is_pressed(qtbot, panel, controller, settle):
    row = row_of(panel, "RBC")
    panel.ask_for_key(row)
    for _ in range(2):
        qtbot.keyClick(row, Qt.Key.Key_C)
        assert row._shown().words == "C means “Compare the selected images”: press another"
    qtbot.keyClick(row, Qt.Key.Key_Q)
    settle()
    assert controller.label_for_key("c") is None
    assert controller.label_for_key("q").name == "RBC"


def test_esc_while_renaming_keeps_the_name(qtbot, panel, controller, settle):
    row = row_of(panel, "RBC")
    qtbot.keyClick(row, Qt.Key.Key_F2)
    field = row.children()[-1]
    field.setText("something else")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    settle()
    assert shown(panel) == ["RBC", "WBC"]


def test_many_labels_scroll_and_can_be_searched(qtbot, window, panel, controller, settle):
    assert not panel.search.isVisible()
    controller.editing.queue(lambda project: make_many(project, 200))
    settle()
    assert panel.search.isVisible()
    assert len(panel.rows()) == 202
    assert panel.height() < 700
    qtbot.keyClicks(panel.search, "label 19")
    assert [row.name for row in panel.rows()] == ["label 19", *(f"label 19{i}" for i in range(10))]
    assert not window.grab().isNull()


def make_many(project, count):
    from core.domain.changes import Changes
    from core.store.labels import add_labels

    add_labels(project, [f"label {i}" for i in range(count)])
    return Changes(labels=True)


def test_the_list_is_sorted_and_folded_from_its_menu(panel, controller, more_labels, settle):
    menu = panel.menu.of_list()
    next(action for action in menu.actions() if action.text() == "Sort by name").trigger()
    settle()
    assert shown(panel) == ["band", "lymphocyte", "neutrophil", "RBC", "WBC"]
    controller.editing.move_label("band", "WBC")
    settle()
    by_text = {action.text(): action for action in panel.menu.of_list().actions()}
    by_text["Fold all"].trigger()
    assert "band" not in [row.name for row in panel.rows()]
    by_text["Unfold all"].trigger()
    assert ".band" in shown(panel)
