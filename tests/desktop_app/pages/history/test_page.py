"""The History page as it is seen and used."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit, QTableView

from core.domain.edits import EditKind
from core.store.edits import set_label
from desktop_app.pages.history.change_list import ChangeList
from desktop_app.pages.history.controller import View
from desktop_app.pages.history.days_panel import Calendar, DaysPanel
from desktop_app.pages.history.list_model import Column
from desktop_app.pages.history.page import HistoryPage


def cells(page, row):
    model = page.list.model()
    return [model.index(row, column).data() for column in Column]


def row_of(page, kind):
    model = page.list.model()
    rows = range(model.rowCount())
    return next(row for row in rows if (entry := model.entry(row)) is not None and entry.edit.kind is kind)


def test_a_row_says_when_what_how_many_who_with_what_and_its_seal(page):
    assert cells(page, 0)[0] == "Today"
    when, what, images, who, tool, state, seal = cells(page, row_of(page, EditKind.TAG))
    assert (what, images, tool, state, len(seal)) == ("Tag 1 image blurred", "1", "command line", "", 8)
    assert ":" in when
    assert who
    assert cells(page, 2)[Column.STATE] == "undone"


def test_the_whole_seal_is_its_tooltip(page):
    model = page.list.model()
    assert model.index(1, Column.HASH).data(Qt.ItemDataRole.ToolTipRole) == model.entry(1).hash


def test_days_cannot_be_chosen_and_the_keys_pass_them_by(page, qtbot):
    page.list.choose_first()
    assert page.list.currentIndex().row() == 1
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert page.list.currentIndex().row() == 2


def test_up_at_the_first_entry_leads_to_the_search_and_down_back(page, qtbot):
    page.list.choose_first()
    qtbot.keyClick(page.list, Qt.Key.Key_Up)
    assert page.filters.search.hasFocus()
    qtbot.keyClick(page.filters.search, Qt.Key.Key_Down)
    assert page.list.hasFocus()


def test_choosing_an_entry_shows_what_it_changed(page, controller, settle):
    page.list.selectRow(row_of(page, EditKind.LABEL) + 1)
    settle()
    assert page.detail.changes.count() == 3
    assert page.detail.changes.item(2).text() == "4.png: label: RBC → WBC · now: Platelets"
    assert page.detail.take_back.isEnabled()
    page.list.selectRow(2)  # the exclusion that was undone
    settle()
    assert not page.detail.take_back.isEnabled()
    assert "undone" in page.detail.take_back.toolTip()


def test_taking_back_asks_first_and_can_be_left(page, controller, settle, qtbot):
    page.list.selectRow(row_of(page, EditKind.LABEL) + 1)
    settle()
    page.detail.take_back.click()
    settle()
    assert controller.view is View.TAKE_BACK
    assert page.take_back.backs.model().rowCount() == 2
    assert page.take_back.stays.model().rowCount() == 1
    qtbot.keyClick(page.take_back, Qt.Key.Key_Escape)
    assert controller.view is View.LIST
    assert controller.listing.count == 6


def test_taking_back_is_an_edit_of_its_own(page, controller, settle):
    page.list.selectRow(row_of(page, EditKind.TAG))
    settle()
    page.detail.take_back.click()
    settle()
    assert not page.take_back.stays.isVisible()
    page.take_back.confirm.click()
    settle()
    assert controller.view is View.LIST
    assert cells(page, 1)[Column.WHAT].startswith("Take back edit")
    assert cells(page, row_of(page, EditKind.TAG))[Column.STATE].startswith("taken back by")


def test_the_chips_follow_what_is_asked_and_clear_takes_all_off(page, controller, settle):
    controller.of_sample(3, "2.png")
    settle()
    assert page.filters.image.isVisible()
    assert page.filters.image.accessibleName() == "only image: 2.png"
    page.filters.clear.click()
    settle()
    assert not page.filters.image.isVisible()
    assert controller.listing.count == 6


def test_nothing_that_fits_is_said_with_a_way_back(page, controller, settle):
    controller.change(text="nothing of this")
    settle()
    empty = page._rows.currentWidget()
    assert page._rows.currentIndex() == 2
    empty.button.click()
    settle()
    assert page._rows.currentIndex() == 0


def test_days_are_typed_or_picked(page, controller, settle, qtbot):
    page.filters.days.click()
    [panel] = page.window().findChildren(DaysPanel)
    panel.since.line.setText("2001-01-01")
    panel.until.pick.click()
    [calendar] = page.window().findChildren(Calendar)
    day = calendar.month.selectedDate()
    calendar.month.clicked.emit(day)
    settle()
    assert controller.asked.since == "2001-01-01"
    assert controller.asked.until == day.toString(Qt.DateFormat.ISODate)
    assert controller.listing.count == 6


def test_the_entry_looked_at_stays_where_it_is_as_new_ones_come(page, controller, context, settle):
    page.list.selectRow(row_of(page, EditKind.TAG))
    settle()
    chosen = controller.chosen
    context.edit(lambda project: set_label(project, [8], "RBC"))
    settle()
    assert page.list.chosen().id == chosen.id


def test_the_result_of_the_check_is_a_seal_whose_head_can_be_copied(page, controller, settle):
    page._check()
    settle()
    assert page.seal.isVisible()
    assert page.seal.said.text().startswith("The history holds: 6 entries")
    page.seal.copy.click()
    assert QGuiApplication.clipboard().text() == controller.proof.result.head
    page.seal.close_button.click()
    assert not page.seal.isVisible()


def test_two_days_are_compared_in_a_view_of_their_own(page, controller, settle):
    controller.open(View.COMPARE)
    page.compare.go.click()
    settle()
    assert page.compare.table.model().rowCount() == 4
    assert page.compare.images.isVisible()


def test_a_page_built_anew_shows_the_same(page, controller, context, settle, qtbot):
    page.list.selectRow(row_of(page, EditKind.TAG))
    settle()
    controller.change(tools=("cli",))
    settle()
    again = HistoryPage(controller, context)
    qtbot.addWidget(again)
    again.inspector()
    qtbot.addWidget(again.detail)
    assert again.list.model().rowCount() == 2
    assert again.list.chosen().edit.kind is EditKind.TAG


def test_every_control_has_a_name_for_screen_readers(page):
    for kind in (QAbstractButton, QAbstractItemView, QLineEdit):
        # The buttons within a field and the heads of tables are Qt's own.
        own = [one for one in page.findChildren(kind) if not isinstance(one.parent(), (QLineEdit, QTableView))]
        nameless = [one for one in own if not one.accessibleName() and one.isVisible()]
        assert not nameless, nameless


def test_comparing_and_checking_can_be_asked_for_from_elsewhere(page, controller, settle, qtbot):
    page.activated(view="compare")
    assert controller.view is View.COMPARE
    page.activated(view="check")
    assert controller.view is View.LIST
    qtbot.waitUntil(lambda: controller.proof.result is not None)


def test_a_list_of_changes_that_is_gone_does_not_hear_of_pictures(page, controller, qtbot):
    thumbnails = controller.pictures.thumbnails
    gone = ChangeList(page.theme, thumbnails)
    with qtbot.waitSignal(gone.destroyed):
        gone.deleteLater()
    thumbnails.loaded.emit([1])
