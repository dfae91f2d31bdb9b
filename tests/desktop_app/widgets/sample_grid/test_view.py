import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from desktop_app.theme import theme_for
from desktop_app.widgets.sample_grid.drag import drag_pixmap
from desktop_app.widgets.sample_grid.layout import MAX_ZOOM_PX
from desktop_app.widgets.sample_grid.tiles import Pill, Tile

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def click(qtbot, grid):
    def at(index, modifiers=Qt.KeyboardModifier.NoModifier, button=LEFT):
        qtbot.mouseClick(grid.viewport(), button, modifiers, grid.tile_rect(index).center())

    return at


@pytest.fixture
def press(qtbot, grid):
    def key(name, modifiers=Qt.KeyboardModifier.NoModifier):
        qtbot.keyClick(grid, getattr(Qt.Key, f"Key_{name}"), modifiers)

    return key


def selected(state):
    return np.flatnonzero(state.mask()).tolist()


def wheel(grid, notches, modifiers=Qt.KeyboardModifier.NoModifier):
    place = QPoint(200, 200)
    event = QWheelEvent(
        place.toPointF(),
        grid.viewport().mapToGlobal(place).toPointF(),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(grid.viewport(), event)


def test_as_many_columns_as_fit(grid):
    assert grid.grid_layout.columns == 5
    grid.resize(350, 480)
    assert grid.grid_layout.columns == 3


def test_clicks_select_as_in_a_file_manager(state, click):
    click(3)
    assert selected(state) == [3]
    click(6, SHIFT)
    assert selected(state) == [3, 4, 5, 6]
    click(4, CONTROL)
    assert selected(state) == [3, 5, 6]
    click(8)
    assert selected(state) == [8]


def test_a_click_inside_the_selection_takes_it_down_to_one_on_release(state, click):
    state.select_all()
    click(7)
    assert selected(state) == [7]


def test_a_click_between_tiles_selects_nothing(qtbot, grid, state):
    state.select_all()
    qtbot.mouseClick(grid.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, QPoint(1, 1))
    assert selected(state) == []


def test_a_rubber_band_selects_what_it_touches(qtbot, grid, state):
    port = grid.viewport()
    qtbot.mousePress(port, LEFT, Qt.KeyboardModifier.NoModifier, grid.tile_rect(6).center())
    for index in (7, 13):
        qtbot.mouseMove(port, grid.tile_rect(index).center())
    assert selected(state) == [6, 7, 8, 11, 12, 13]
    grid.grab()  # the band itself is painted without a warning
    qtbot.mouseRelease(port, LEFT, Qt.KeyboardModifier.NoModifier, grid.tile_rect(13).center())
    assert selected(state) == [6, 7, 8, 11, 12, 13]


def test_a_rubber_band_with_ctrl_adds(qtbot, grid, state, click):
    click(0)
    port = grid.viewport()
    qtbot.mousePress(port, LEFT, CONTROL, QPoint(1, grid.tile_rect(10).top() + 2))
    qtbot.mouseMove(port, grid.tile_rect(11).center())
    qtbot.mouseRelease(port, LEFT, CONTROL, grid.tile_rect(11).center())
    assert selected(state) == [0, 10, 11]


def test_pressing_on_the_selection_and_moving_drags_it(qtbot, grid, state, click, monkeypatch):
    started = []
    monkeypatch.setattr(grid._mouse, "_start_drag", lambda: started.append(state.selected_count))
    click(3)
    click(6, SHIFT)
    port = grid.viewport()
    qtbot.mousePress(port, LEFT, Qt.KeyboardModifier.NoModifier, grid.tile_rect(4).center())
    qtbot.mouseMove(port, grid.tile_rect(9).center())
    qtbot.mouseRelease(port, LEFT, Qt.KeyboardModifier.NoModifier, grid.tile_rect(9).center())
    assert started == [4]
    assert selected(state) == [3, 4, 5, 6]
    assert drag_pixmap(theme_for("light"), 4, 1.0).width() > 40


def test_arrows_home_end_and_pages_move(state, grid, press, click):
    click(0)
    press("Right")
    press("Down")
    assert selected(state) == [6]
    press("PageDown")
    assert state.current == 6 + 5 * (grid.viewport().height() // grid.grid_layout.cell_px)
    press("End")
    assert selected(state) == [199]
    assert 199 in grid.visible_indexes()
    press("PageUp")
    press("Home")
    assert selected(state) == [0]
    press("Up")
    press("Left")
    assert selected(state) == [0]


def test_down_from_above_a_short_last_row_goes_to_its_last_tile(state, grid, press):
    state.set_ids(np.arange(8, dtype=np.int64))
    state.select_only(4)
    press("Down")
    assert state.current == 7
    press("Down")
    assert state.current == 7


def test_shift_and_arrows_extend_and_ctrl_moves_without_selecting(state, press, click):
    click(2)
    press("Right", SHIFT)
    press("Down", SHIFT)
    assert selected(state) == [2, 3, 4, 5, 6, 7, 8]
    press("Right", CONTROL)
    assert (state.current, state.selected_count) == (9, 7)
    press("Space", CONTROL)
    assert selected(state) == [2, 3, 4, 5, 6, 7, 8, 9]


def test_ctrl_a_d_i(state, press, click):
    press("A", CONTROL)
    assert state.selected_count == 200
    press("D", CONTROL)
    assert state.selected_count == 0
    click(1)
    press("I", CONTROL)
    assert state.selected_count == 199


def test_other_keys_are_left_to_whoever_holds_the_grid(grid, state, click):
    click(4)
    for key in (Qt.Key.Key_1, Qt.Key.Key_Delete, Qt.Key.Key_Space):
        event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "1")
        grid.keyPressEvent(event)
        assert not event.isAccepted()
    assert selected(state) == [4]


def test_enter_and_a_double_click_open(qtbot, grid, state, press, click):
    click(5)
    with qtbot.waitSignal(grid.open_requested) as opened:
        press("Return")
    assert opened.args == [1005]
    with qtbot.waitSignal(grid.open_requested) as opened:
        qtbot.mouseDClick(grid.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, grid.tile_rect(7).center())
    assert opened.args == [1007]


def test_a_right_click_selects_what_is_under_it_and_asks_for_a_menu(qtbot, grid, state, click):
    click(9, button=RIGHT)
    assert selected(state) == [9]
    place = grid.tile_rect(9).center()
    with qtbot.waitSignal(grid.menu_requested):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, grid.viewport().mapToGlobal(place))
        QApplication.sendEvent(grid.viewport(), event)


def test_the_wheel_scrolls_and_with_ctrl_zooms_around_the_pointer(grid):
    wheel(grid, -2)
    assert grid.verticalScrollBar().value() > 0
    grid.verticalScrollBar().setValue(2000)
    under = grid.grid_layout.at(200, 200 + 2000)
    before = grid.tile_rect(under).top()
    wheel(grid, 1, CONTROL)
    assert grid.zoom_px == 115
    assert grid.tile_rect(under).top() == before
    for _ in range(20):
        wheel(grid, 1, CONTROL)
    assert grid.zoom_px == MAX_ZOOM_PX


def test_what_is_at_the_top_stays_there_when_the_width_changes(grid):
    grid.verticalScrollBar().setValue(10 * grid.grid_layout.cell_px)
    first = grid.visible_indexes().start
    grid.resize(380, 480)
    assert first in grid.visible_indexes()
    assert abs(grid.tile_rect(first).top()) < grid.grid_layout.cell_px


def test_what_is_at_the_top_stays_there_when_others_leave(grid, state):
    grid.verticalScrollBar().setValue(10 * grid.grid_layout.cell_px + 30)
    first = grid.visible_indexes().start
    first_id, top = int(state.ids[first]), grid.tile_rect(first).top()
    state.set_ids(np.delete(state.ids, [0, 1, 2, 3, 4, 55, 56]))
    assert grid.tile_rect(state.index_of(first_id)).top() == top


def test_where_the_top_one_left_its_follower_takes_its_place(grid, state):
    grid.verticalScrollBar().setValue(10 * grid.grid_layout.cell_px)
    first = grid.visible_indexes().start
    follower = int(state.ids[first + 3])
    state.set_ids(np.delete(state.ids, [first, first + 1, first + 2]))
    assert state.index_of(follower) in grid.visible_indexes()


def test_pictures_are_asked_for_what_is_in_sight_first_then_a_screen_around(qtbot, grid, thumbnails):
    grid.verticalScrollBar().setValue(15 * grid.grid_layout.cell_px)
    qtbot.waitUntil(lambda: thumbnails.wanted[:1] == [1075])
    seen = len(grid.visible_indexes())
    assert thumbnails.wanted[:seen] == list(range(1075, 1075 + seen))
    assert thumbnails.wanted[seen : 2 * seen] == list(range(1075 + seen, 1075 + 2 * seen))
    assert thumbnails.wanted[2 * seen :] == list(range(1075 - seen, 1075))


def test_no_picture_is_begun_beside_the_painting(qtbot, grid, thumbnails, tiles):
    qtbot.waitUntil(lambda: bool(thumbnails.wanted))
    beside = []
    make = tiles.tile
    tiles.tile = lambda sample_id: beside.extend(thumbnails.wanted) or make(sample_id)
    grid.viewport().repaint()
    assert beside == []
    qtbot.waitUntil(lambda: bool(thumbnails.wanted))


def test_only_what_is_in_sight_is_looked_up(grid, tiles):
    grid.grab()
    assert tiles.prepared == list(range(1000, 1000 + len(grid.visible_indexes())))


def test_pictures_keep_their_aspect_and_the_selection_is_a_ring(grid, state, click):
    shot = grid.grab().toImage()
    tile = grid.tile_rect(0)
    accent, sunken = "#0b6e99", "#eceff3"
    assert shot.pixelColor(tile.center()).name() == "#00ff00"
    assert shot.pixelColor(tile.center().x(), tile.top() + 12).name() == sunken
    click(0)
    shot = grid.grab().toImage()
    assert shot.pixelColor(tile.center()).name() == "#00ff00"
    assert shot.pixelColor(tile.left() + 1, tile.center().y()).name() == accent


def test_every_kind_of_tile_is_painted(grid, tiles, thumbnails):
    pill = Pill("A label with a name that is much too long", "★", "#E69F00")
    tiles.special = {
        1000: Tile("a.png", problem="The file is cut off."),
        1001: Tile("b.png", (pill, Pill("B", "◆", "#CC79A7")), note="0.98", corner="val", warning="blurry"),
        1002: Tile("c.png", dimmed=True),
        1003: Tile("d.png"),
    }
    thumbnails.failures = {1004: "The file is missing."}
    for zoom in (64, 100, 256):
        grid.set_zoom(zoom)
        assert not grid.grab().isNull()


def test_a_screen_reader_hears_what_a_tile_is(grid, state, tiles):
    tiles.special = {1001: Tile("b.png", warning="blurry", problem="")}
    model = grid.model()
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(0, 0).data(role) == "1000.png, RBC, Split: val"
    state.select_only(1)
    assert model.index(0, 1).data(role) == "b.png, blurry, selected"
    assert grid.currentIndex() == model.index(0, 1)
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole) == "b.png\nblurry"


def test_an_empty_grid_takes_every_key_and_click_calmly(qtbot, grid, state, press):
    state.set_ids(np.empty(0, np.int64))
    for key in ("Right", "End", "PageDown", "Return"):
        press(key)
    press("A", CONTROL)
    qtbot.mouseClick(grid.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, QPoint(50, 50))
    grid.set_zoom(200)
    assert state.selected_count == 0
    assert not grid.grab().isNull()


def test_a_million_ids_cost_no_more_rows_than_are_seen(grid, state):
    state.set_ids(np.arange(1_000_000, dtype=np.int64))
    state.select_all()
    assert state.selected_count == 1_000_000
    grid.reveal(999_999)
    assert 999_999 in grid.visible_indexes()
    assert grid.tile_rect(999_999).bottom() <= grid.viewport().height()
