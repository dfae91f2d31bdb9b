"""A grid whose tiles stand under headings: where they are, what a click on a heading does, and how it scrolls."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from desktop_app.widgets.sample_grid.headings import placed_headings
from desktop_app.widgets.sample_grid.tiles import Heading

IDS = np.arange(1000, 1200, dtype=np.int64)
HEADINGS = [(Heading("RBC", "●", "#D55E00"), 7), (Heading("none"), 0), (Heading("WBC"), 150), (Heading("rest"), 43)]


@pytest.fixture
def grouped(grid, state):
    state.set_ids(IDS, headings=HEADINGS)
    return grid


def selected(state):
    return np.flatnonzero(state.mask()).tolist()


def test_headings_without_anything_under_them_are_left_out(grouped, state):
    assert [heading.text for heading in state.headings] == ["RBC", "WBC", "rest"]
    assert state.starts.tolist() == [0, 7, 157]


def test_qt_puts_every_row_where_the_layout_says(grouped):
    layout = grouped.grid_layout
    scrolled = grouped.verticalScrollBar().value()
    for row in range(layout.rows):
        assert grouped.rowViewportPosition(row) + scrolled == layout.row_top(row)
        expected = layout.head_px if layout.heading(row) >= 0 else layout.cell_px
        assert grouped.rowHeight(row) == expected
    grouped.set_zoom(160)
    layout = grouped.grid_layout
    assert [grouped.rowHeight(row) for row in layout.heading_rows] == [layout.head_px] * 3


def test_a_click_on_a_heading_selects_what_is_under_it(grouped, state, qtbot):
    qtbot.mouseClick(grouped.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(80, 10))
    assert selected(state) == list(range(7))
    place = grouped.grid_layout.row_top(int(grouped.grid_layout.heading_rows[1])) + 10
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(grouped.viewport(), Qt.MouseButton.LeftButton, control, QPoint(80, place))
    assert selected(state) == list(range(157))


def test_the_heading_in_force_stays_at_the_top_until_the_next_one_pushes_it_out(grouped):
    layout = grouped.grid_layout
    second = layout.row_top(int(layout.heading_rows[1]))
    assert placed_headings(layout, second + 300, 400)[-1] == (1, 0)
    assert dict(placed_headings(layout, second - 10, 400)) == {0: 10 - layout.head_px, 1: 10}


def test_the_keyboard_goes_over_headings(grouped, state, qtbot):
    state.select_only(6)
    qtbot.keyClick(grouped, Qt.Key.Key_Down)
    assert state.current == 7 + grouped.grid_layout.cell(6)[1]
    qtbot.keyClick(grouped, Qt.Key.Key_Up)
    assert state.current == 6


def test_what_is_revealed_is_not_under_a_heading(grouped, state):
    for index in (190, 40, 8, 0):
        state.select_only(index)
        grouped.reveal(index)
        assert grouped.tile_rect(index).top() >= grouped.grid_layout.head_px
        assert grouped.tile_rect(index).bottom() <= grouped.viewport().height()


def test_what_stays_after_an_edit_keeps_its_heading(grouped, state):
    state.set_ids(np.delete(IDS, [0, 1, 2, 3, 4, 5, 6, 50]))
    assert [heading.text for heading in state.headings] == ["WBC", "rest"]
    assert state.starts.tolist() == [0, 149]
    state.set_ids(IDS, headings=[])
    assert state.headings == ()
    assert not grouped.grid_layout.has_headings


def test_a_screen_reader_is_told_the_heading(grouped):
    model = grouped.model()
    row = int(grouped.grid_layout.heading_rows[1])
    assert model.data(model.index(row, 0), Qt.ItemDataRole.AccessibleTextRole) == "WBC"
