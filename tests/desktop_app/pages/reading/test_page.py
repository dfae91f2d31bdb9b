"""The Second reader page as a person uses it: with the keyboard, and blind."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from core.domain.samples import SampleState
from core.store.reading_passes import readings_of
from desktop_app.pages.reading.controller import View


@pytest.fixture
def reading(page, controller, settle, qtbot):
    """The page with a pass begun and its first image in sight."""
    page.home.reader.setText("Kim")
    page.home.repeats.setValue(25)
    qtbot.mouseClick(page.home.start, Qt.MouseButton.LeftButton)
    settle()
    wait(controller, qtbot)
    return page


def wait(controller, qtbot):
    qtbot.waitUntil(lambda: controller.reader.session.current is None or controller.reader.picture is not None)


def said(controller, context):
    return [r for r in readings_of(context.project, controller.reader.session.one.id) if r.at is not None]


def texts(widget):
    """Everything a reader could read, hear or hover over."""
    found = []
    for part in widget.findChildren(QWidget):
        found += [part.accessibleName(), part.accessibleDescription(), part.toolTip()]
        if isinstance(part, QLabel | QLineEdit):
            found.append(part.text())
    return [text for text in found if text]


def test_a_pass_needs_somebody_who_reads(page, qtbot):
    page.home.reader.clear()
    qtbot.keyClicks(page.home.reader, " ")
    assert not page.home.start.isEnabled()
    qtbot.keyClicks(page.home.reader, "Kim")
    assert page.home.start.isEnabled()


def test_nothing_is_said_of_the_image_but_the_image(reading, controller, context):
    [name] = [s.path for s in _samples(context, controller)]
    shown = " ".join(texts(reading.read))
    for secret in (name, name.split("/")[-1], "slide", ".png"):
        assert secret not in shown
    assert reading.inspector() is None
    assert controller.status() == "0 images read"


def _samples(context, controller):
    from core.store.samples import samples_by_id

    return samples_by_id(context.project, [controller.reader.session.current.sample_id])


def test_label_keys_read_and_backspace_goes_back(reading, controller, context, settle, qtbot):
    qtbot.keyClick(reading, Qt.Key.Key_2)
    settle()
    wait(controller, qtbot)
    assert [r.label_ids for r in said(controller, context)] == [(controller.labels[1].id,)]
    qtbot.keyClick(reading, Qt.Key.Key_Backspace)
    wait(controller, qtbot)
    assert controller.reader.session.position == 0
    qtbot.keyClick(reading, Qt.Key.Key_1)
    settle()
    assert [r.label_ids for r in said(controller, context)] == [(controller.labels[0].id,)]


def test_undoing_while_reading_goes_back_and_leaves_the_project_alone(reading, controller, context, settle, qtbot):
    from desktop_app.actions import Action, install

    undone = []
    install([Action("edit.undo", "Undo", lambda: undone.append(1), shortcut="Ctrl+Z")], reading.window(), context.theme)
    qtbot.keyClick(reading, Qt.Key.Key_1)
    settle()
    wait(controller, qtbot)
    qtbot.keyClick(reading.read, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (controller.reader.session.position, undone) == (0, [])
    controller.go_home()
    qtbot.keyClick(reading.home, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert undone == [1]


def test_uncertain_asks_why_and_takes_a_number_or_a_word(reading, controller, context, settle, qtbot):
    qtbot.keyClick(reading, Qt.Key.Key_Minus)
    assert reading.read.reason.isVisible()
    qtbot.keyClick(reading.read.reason, Qt.Key.Key_2)
    settle()
    wait(controller, qtbot)
    assert not reading.read.reason.isVisible()
    qtbot.keyClick(reading, Qt.Key.Key_Equal)
    qtbot.keyClick(reading.read.reason, "d")
    qtbot.keyClicks(reading.read.reason.line, "ust")
    qtbot.keyClick(reading.read.reason.line, Qt.Key.Key_Return)
    settle()
    found = [(r.state, r.note) for r in said(controller, context)]
    assert found == [(SampleState.UNCERTAIN, "Too dark or too bright"), (SampleState.UNGRADABLE, "dust")]


def test_a_reason_that_is_not_given_after_all_reads_nothing(reading, controller, context, qtbot):
    qtbot.keyClick(reading, Qt.Key.Key_Minus)
    qtbot.keyClick(reading.read.reason, Qt.Key.Key_Escape)
    assert not reading.read.reason.isVisible()
    assert said(controller, context) == []
    assert controller.view is View.READ


def test_a_pass_is_read_to_its_end_and_compared_by_keys_alone(reading, controller, context, settle, qtbot):
    while controller.reader.session.current is not None:
        wait(controller, qtbot)
        qtbot.keyClick(reading, Qt.Key.Key_1)
        settle()
    qtbot.keyClick(reading, Qt.Key.Key_Return)
    settle()
    assert controller.view is View.RESULTS
    assert "4" in reading.results.decide.text()
    reading.results.decide.click()
    settle()
    assert controller.view is View.QUEUE
    qtbot.keyClick(reading, Qt.Key.Key_2)
    settle()
    qtbot.keyClick(reading, Qt.Key.Key_Right)
    assert (controller.cases.left, controller.cases.place) == (3, 2)
    qtbot.keyClick(reading, Qt.Key.Key_R)
    assert reading.queue.why.hasFocus()
    qtbot.keyClicks(reading.queue.why, "lobed")
    qtbot.keyClick(reading.queue.why, Qt.Key.Key_Return)
    qtbot.keyClick(reading, Qt.Key.Key_1)
    settle()
    assert controller.cases.left == 2
    assert reading.queue.why.text() == ""
    qtbot.keyClick(reading, Qt.Key.Key_Escape)
    settle()
    assert controller.view is View.RESULTS
    qtbot.keyClick(reading, Qt.Key.Key_Escape)
    assert controller.view is View.HOME
    assert reading.home.table.rowCount() == 1


def test_the_page_is_built_again_in_the_middle_of_a_reading(reading, controller, context, settle, qtbot):
    from desktop_app.pages.reading.page import ReadingPage

    qtbot.keyClick(reading, Qt.Key.Key_1)
    settle()
    again = ReadingPage(controller, context)
    qtbot.addWidget(again)
    assert controller.reader.session.position == 1
    assert again.read.labels.buttons.keys() == reading.read.labels.buttons.keys()
