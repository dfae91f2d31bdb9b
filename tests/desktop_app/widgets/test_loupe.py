import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from desktop_app.theme import theme_for
from desktop_app.widgets.loupe import Loupe
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Pill, Tile

CONTROL = Qt.KeyboardModifier.ControlModifier


class Tiles:
    def prepare(self, ids):
        """Nothing to fetch."""

    def tile(self, sample_id):
        return Tile(f"{sample_id}.tif", (Pill("WBC", "■", "#0072B2"),) if sample_id % 2 else (), dimmed=sample_id == 12)


def read(sample_id):
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[..., 0] = sample_id
    pixels[7, 5] = (1, 2, 3)
    return pixels if sample_id < 13 else np.linspace(500, 40_000, 1200).reshape(30, 40).astype(np.uint16)


@pytest.fixture
def state(qapp):
    made = GridState()
    made.set_ids(np.array([10, 11, 12, 13], np.int64))
    return made


@pytest.fixture
def keys():
    return []


@pytest.fixture
def loupe(qtbot, state, keys):
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(800, 600)
    pictures = LoupePictures(read)
    made = Loupe(host, state, Tiles(), pictures, theme_for("light"), lambda event: bool(keys.append(event.text())))
    host.show()
    made.open()
    qtbot.waitUntil(lambda: made.canvas.scale > 1)
    yield made
    pictures.close()


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
    assert state.current_id == 13
    qtbot.keyClick(loupe, Qt.Key.Key_Left)
    assert state.current_id == 12
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


def test_label_keys_go_through(qtbot, loupe, keys):
    qtbot.keyClick(loupe, Qt.Key.Key_3)
    qtbot.keyClick(loupe, Qt.Key.Key_W)
    assert keys == ["3", "w"]


def test_plus_minus_and_the_sizes(qtbot, loupe):
    fitted = loupe.canvas.scale
    qtbot.keyClick(loupe, Qt.Key.Key_Plus)
    assert loupe.canvas.scale == pytest.approx(1.25 * fitted)
    qtbot.keyClick(loupe, Qt.Key.Key_1, CONTROL)
    assert loupe.canvas.scale == 1
    qtbot.keyClick(loupe, Qt.Key.Key_0, CONTROL)
    assert loupe.canvas.scale == pytest.approx(fitted)


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


def test_the_values_of_the_pixel_under_the_pointer_are_shown(loupe):
    loupe.canvas.pointed.emit(5, 7)
    assert loupe._pointer.text() == "x 5  y 7   R 1  G 2  B 3"
    loupe.canvas.pointed.emit(-1, -1)
    assert loupe._pointer.text() == ""


def test_sixteen_bits_have_windows_to_set_for_display(qtbot, loupe, state):
    assert not loupe._controls.isVisible()
    state.set_current(3)
    qtbot.waitUntil(loupe._controls.isVisible)
    [(_, high, words)] = loupe._controls._sliders
    before = loupe._controls.windows()
    high.setValue(20_000)
    assert loupe._controls.windows()[0][1] == 20_000
    assert "20,000" in words.text()
    qtbot.waitUntil(lambda: loupe._pictures.picture(13, loupe._windows) is not None)
    loupe._controls.automatic.emit()
    assert loupe._controls.windows() == before


def test_every_zoom_is_painted_without_a_warning(loupe):
    for scale in (0.2, 1, 7, 30, 64):
        loupe.canvas.zoom_to(scale)
        assert not loupe.grab().isNull()


def test_it_closes_when_nothing_is_left_to_show(qtbot, loupe, state):
    with qtbot.waitSignal(loupe.closed):
        state.set_ids(np.empty(0, np.int64))
