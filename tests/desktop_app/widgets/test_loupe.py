import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.theme import theme_for
from desktop_app.widgets.loupe import Loupe
from desktop_app.widgets.loupe_board import columns_for
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Pill, Tile

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SIXTEEN_BITS, FIVE_CHANNELS = 13, 14


class Tiles:
    def prepare(self, ids):
        """Nothing to fetch."""

    def tile(self, sample_id):
        return Tile(f"{sample_id}.tif", (Pill("WBC", "■", "#0072B2"),) if sample_id % 2 else (), dimmed=sample_id == 12)


def read(sample_id):
    if sample_id == SIXTEEN_BITS:
        return np.linspace(500, 40_000, 1200).reshape(30, 40).astype(np.uint16)
    if sample_id == FIVE_CHANNELS:
        return np.random.default_rng(1).integers(0, 5000, (30, 40, 5), np.uint16)
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[..., 0] = sample_id
    pixels[7, 5] = (1, 2, 3)
    return pixels


@pytest.fixture
def state(qapp):
    made = GridState()
    made.set_ids(np.array([10, 11, 12, SIXTEEN_BITS, FIVE_CHANNELS], np.int64))
    return made


@pytest.fixture
def keys():
    return []


@pytest.fixture
def make_loupe(qtbot, state, keys):
    opened = []

    def make(**options):
        host = QWidget()
        qtbot.addWidget(host)
        host.resize(1000, 700)
        pictures = LoupePictures(read)

        def on_key(event):
            keys.append((state.current_id, event.text()))
            return event.text() not in "nh0"

        made = Loupe(host, state, Tiles(), pictures, theme_for("light"), on_key, **options)
        opened.append((host, pictures, made))
        host.show()
        return made

    yield make
    for _, pictures, _ in opened:
        pictures.close()


@pytest.fixture
def loupe(qtbot, make_loupe):
    made = make_loupe()
    made.open()
    qtbot.waitUntil(lambda: made.canvas.image is not None)
    return made


def show(qtbot, loupe, state, index):
    state.set_current(index)
    qtbot.waitUntil(lambda: loupe.board.cell.sample_id == state.current_id and loupe.canvas.image is not None)


def test_it_covers_the_window_and_shows_the_picture_fitted(loupe):
    assert loupe.size() == loupe.parentWidget().size()
    assert loupe.canvas.scale == pytest.approx(min((loupe.canvas.width() - 48) / 40, (loupe.canvas.height() - 48) / 30))
    loupe.parentWidget().resize(1000, 500)
    assert loupe.width() == 1000


def test_arrows_walk_through_the_order_and_leave_the_selection_alone(qtbot, loupe, state):
    state.select_only(1)
    state.set_current(0)
    for _ in range(9):
        qtbot.keyClick(loupe, Qt.Key.Key_Right)
    assert state.current_id == FIVE_CHANNELS
    qtbot.keyClick(loupe, Qt.Key.Key_Left)
    assert state.current_id == SIXTEEN_BITS
    assert state.selected_ids.tolist() == [11]


def test_it_goes_with_the_page_it_belongs_to(qtbot, loupe):
    page = QWidget(loupe.parentWidget())
    page.show()
    loupe.belong_to(page)
    with qtbot.waitSignal(loupe.closed):
        page.hide()
    assert not loupe.isVisible()
    page.show()
    assert not loupe.isVisible()


def test_escape_and_space_close_it(qtbot, loupe):
    with qtbot.waitSignal(loupe.closed):
        qtbot.keyClick(loupe, Qt.Key.Key_Space)
    loupe.open()
    with qtbot.waitSignal(loupe.closed):
        qtbot.keyClick(loupe, Qt.Key.Key_Escape)
    assert not loupe.isVisible()


def test_space_held_while_dragging_moves_the_picture_and_closes_nothing(qtbot, loupe):
    qtbot.keyPress(loupe, Qt.Key.Key_Space)
    qtbot.mousePress(loupe.canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(loupe.canvas, QPoint(340, 200))
    qtbot.mouseRelease(loupe.canvas, Qt.MouseButton.LeftButton, pos=QPoint(340, 200))
    qtbot.keyRelease(loupe, Qt.Key.Key_Space)
    assert loupe.isVisible()


def test_the_space_that_opened_it_does_not_close_it_as_it_comes_up(qtbot, loupe):
    qtbot.keyRelease(loupe, Qt.Key.Key_Space)
    assert loupe.isVisible()


def test_label_keys_go_through(qtbot, loupe, keys):
    qtbot.keyClick(loupe, Qt.Key.Key_3)
    qtbot.keyClick(loupe, Qt.Key.Key_W)
    assert keys == [(10, "3"), (10, "w")]


def test_plus_minus_and_the_sizes(qtbot, loupe):
    fitted = loupe.canvas.scale
    qtbot.keyClick(loupe, Qt.Key.Key_Plus)
    assert loupe.canvas.scale == pytest.approx(1.25 * fitted)
    qtbot.keyClick(loupe, Qt.Key.Key_1, CONTROL)
    assert loupe.canvas.scale == 1
    qtbot.keyClick(loupe, Qt.Key.Key_0)
    assert loupe.canvas.scale == pytest.approx(fitted)


def test_shift_and_arrows_move_the_picture(qtbot, loupe, state):
    loupe.canvas.zoom_to(40)
    before = loupe.canvas.view.centre[0]
    qtbot.keyClick(loupe, Qt.Key.Key_Right, SHIFT)
    assert loupe.canvas.view.centre[0] > before
    assert state.current_id == 10


def test_the_wheel_keeps_the_pixel_under_the_pointer(loupe):
    place = QPointF(300, 200)
    before = loupe.canvas.to_image(place)
    event = QWheelEvent(
        place,
        loupe.canvas.mapToGlobal(place),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(loupe.canvas, event)
    after = loupe.canvas.to_image(place)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()))


def test_dragging_moves_the_picture(qtbot, loupe):
    loupe.canvas.zoom_to(40)
    before = loupe.canvas.to_image(QPointF(100, 100))
    qtbot.mousePress(loupe.canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(loupe.canvas, QPoint(340, 200))
    qtbot.mouseRelease(loupe.canvas, Qt.MouseButton.LeftButton, pos=QPoint(340, 200))
    after = loupe.canvas.to_image(QPointF(100, 100))
    assert after.x() == pytest.approx(before.x() - 1)


def test_the_values_of_the_pixel_under_the_pointer_are_shown_with_the_channels_names(qtbot, loupe, state):
    loupe.canvas.pointed.emit(5, 7)
    assert loupe.pointer_text.split() == ["x", "5", "y", "7", "Red", "1", "Green", "2", "Blue", "3"]
    loupe.canvas.pointed.emit(-1, -1)
    assert loupe.pointer_text == ""
    show(qtbot, loupe, state, 3)
    loupe.canvas.pointed.emit(39, 29)
    assert loupe.pointer_text.split() == ["x", "39", "y", "29", "40000"]


def test_walking_through_images_of_one_size_keeps_the_place(qtbot, loupe, state):
    loupe.canvas.zoom_to(50, QPointF(10, 10))
    view = loupe.canvas.view
    show(qtbot, loupe, state, 1)
    assert loupe.canvas.view == view


def test_sixteen_bits_have_windows_to_set_for_display(qtbot, loupe, state):
    assert not loupe.channels.isVisible()
    show(qtbot, loupe, state, 3)
    assert loupe.channels.isVisible()
    [row] = loupe.channels.rows
    before = row.histogram.window_shown
    row.histogram.window_changed.emit(500.0, 20_000.0)
    image = loupe.canvas.image
    assert loupe._pictures.displays.display(SIXTEEN_BITS, image)[0].high == 20_000
    loupe.channels._automatic()
    assert row.histogram.window_shown == before


def test_the_channels_of_an_ordinary_picture_are_shown_when_asked_for(qtbot, loupe):
    qtbot.keyClick(loupe, Qt.Key.Key_H)
    assert loupe.channels.isVisible()
    qtbot.keyClick(loupe, Qt.Key.Key_H)
    assert not loupe.channels.isVisible()


def test_a_channel_is_switched_off_and_the_picture_changes(qtbot, loupe, state):
    show(qtbot, loupe, state, 4)
    assert len(loupe.channels.rows) == 5
    loupe.channels.rows[2].visible.click()
    display = loupe._pictures.displays.display(FIVE_CHANNELS, loupe.canvas.image)
    assert [one.visible for one in display] == [True, True, False, True, True]


def test_every_zoom_is_painted_without_a_warning(loupe):
    for scale in (0.2, 1, 7, 30, 64, 90):
        loupe.canvas.zoom_to(scale)
        assert not loupe.grab().isNull()


def test_it_closes_when_nothing_is_left_to_show(qtbot, loupe, state):
    with qtbot.waitSignal(loupe.closed):
        state.set_ids(np.empty(0, np.int64))


def test_n_goes_to_the_next_unlabelled(qtbot, make_loupe):
    asked = []
    loupe = make_loupe(next_unlabelled=lambda: asked.append(1))
    loupe.open()
    qtbot.keyClick(loupe, Qt.Key.Key_N)
    qtbot.keyClick(loupe, Qt.Key.Key_Right, CONTROL)
    assert len(asked) == 2
    assert loupe.bar.unlabelled.isVisible()


def test_blinded_it_tells_neither_name_nor_label(qtbot, make_loupe, state):
    loupe = make_loupe(blinded=True)
    state.set_current(1)
    loupe.open()
    shown = [label.text() for label in loupe.findChildren(QWidget) if hasattr(label, "text") and callable(label.text)]
    assert not [words for words in shown if "tif" in words or "WBC" in words]
    assert loupe.canvas.accessibleName() == "Picture"


@pytest.fixture
def comparing(qtbot, make_loupe):
    made = make_loupe()
    made.compare([10, 11, SIXTEEN_BITS, FIVE_CHANNELS])
    qtbot.waitUntil(lambda: all(cell.canvas.image is not None for cell in made.board.cells))
    return made


def test_images_are_compared_side_by_side_and_move_together(comparing):
    first, second, *_ = (cell.canvas for cell in comparing.board.cells)
    first.zoom_to(30, QPointF(20, 20))
    assert second.view.centre == pytest.approx(first.view.centre)
    assert second.scale == pytest.approx(first.scale)
    comparing.bar.linked.click()
    first.zoom_to(60)
    assert second.scale == pytest.approx(30)


def test_keys_act_on_the_image_that_has_the_focus(qtbot, comparing, keys, state):
    qtbot.keyClick(comparing, Qt.Key.Key_Right)
    qtbot.keyClick(comparing, Qt.Key.Key_3)
    assert keys == [(11, "3")]
    comparing.board.cells[2].canvas.setFocus()
    comparing.board.cells[2].canvas.focused.emit()
    qtbot.keyClick(comparing, Qt.Key.Key_4)
    assert keys[-1] == (SIXTEEN_BITS, "4")
    assert comparing.channels.isVisible()


def test_a_key_never_labels_another_image_when_the_one_that_is_seen_left_the_grid(qtbot, comparing, keys, state):
    state.set_ids(np.array([12, 11], np.int64))
    qtbot.keyClick(comparing, Qt.Key.Key_3)
    assert keys == []
    assert comparing.isVisible()


def test_no_more_than_nine_are_compared_and_one_alone_is_opened(make_loupe, state):
    loupe = make_loupe()
    loupe.compare(list(range(30, 50)))
    assert len(loupe.board.cells) == 9
    loupe.compare([10])
    assert len(loupe.board.cells) == 1
    assert loupe.compared == []


def test_rows_fill_a_wide_window():
    assert [columns_for(count) for count in range(1, 10)] == [1, 2, 3, 2, 3, 3, 3, 3, 3]
