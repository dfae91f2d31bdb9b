import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.widgets.sample_grid.layout import GAP_PX, GridLayout


@st.composite
def arrangements(draw):
    """Layouts with and without headings."""
    count = draw(st.integers(0, 500))
    inner = draw(st.sets(st.integers(1, count - 1), max_size=8)) if count > 1 else set()
    starts = np.array(sorted({0} | inner)) if count and draw(st.booleans()) else None
    return GridLayout.fit(count, draw(st.integers(40, 3000)), draw(st.integers(64, 512)), starts)


layouts = arrangements()


@given(layouts)
def test_every_tile_is_found_again_at_its_own_place(layout):
    for index in range(layout.count):
        row, column = layout.cell(index)
        x, y = column * layout.cell_px + layout.cell_px // 2, layout.row_top(row) + layout.cell_px // 2
        assert layout.at(x, y) == index
        assert layout.index(row, column) == index


@given(layouts, st.integers(64, 3000))
def test_columns_never_need_more_than_the_width(layout, _width):
    assert layout.columns >= 1
    assert layout.tile_px >= 22


@given(st.integers(1, 500), st.integers(600, 3000), st.integers(64, 512))
def test_the_width_is_filled_and_tiles_stay_near_the_size_asked_for(count, width, zoom):
    layout = GridLayout.fit(count, width, zoom)
    assert layout.columns * layout.cell_px <= width
    assert 0.75 * zoom <= layout.tile_px <= 1.4 * zoom
    if width >= 2 * (zoom + GAP_PX):
        assert width - layout.columns * layout.cell_px < layout.columns


def test_between_tiles_there_is_nothing():
    layout = GridLayout.fit(20, 500, 90)
    assert layout.at(GAP_PX // 2 - 1, 50) == -1
    assert layout.at(layout.cell_px, 50) == -1
    assert layout.at(-5, 50) == -1
    assert layout.at(50, 10_000) == -1


@given(layouts, st.data())
def test_a_rectangle_touches_what_overlaps_it_and_nothing_else(layout, data):
    number = st.integers(-50, 3000)
    left, top = data.draw(number), data.draw(number)
    right, bottom = left + data.draw(st.integers(0, 800)), top + data.draw(st.integers(0, 800))
    half = GAP_PX // 2
    expected = []
    for index in range(layout.count):
        row, column = layout.cell(index)
        x, y = column * layout.cell_px + half, layout.row_top(row) + half
        side = layout.tile_px - 1
        if x <= right and x + side >= left and y <= bottom and y + side >= top:
            expected.append(index)
    np.testing.assert_array_equal(layout.touching(left, top, right, bottom), expected)


def test_what_is_in_sight_is_whole_rows():
    layout = GridLayout(count=95, columns=10, cell_px=100)
    assert layout.between(0, 250) == range(30)
    assert layout.between(150, 250) == range(10, 30)
    assert layout.between(880, 1500) == range(80, 95)
    assert GridLayout(0, 10, 100).between(0, 500) == range(0)


@given(layouts)
def test_rows_stand_one_below_the_other_and_hold_each_tile_once(layout):
    bottom, seen = 0, []
    for row in range(layout.rows):
        assert layout.row_top(row) == bottom
        heading = layout.heading(row)
        tiles = [layout.index(row, column) for column in range(layout.columns)]
        if heading >= 0:
            assert set(tiles) == {-1}
            assert layout.heading_at(bottom) == layout.heading_at(bottom + layout.head_px - 1) == heading
        bottom += layout.head_px if heading >= 0 else layout.cell_px
        seen += [tile for tile in tiles if tile >= 0]
    assert seen == list(range(layout.count))
    assert len(layout.heading_rows) == (len(layout.starts) if layout.has_headings else 0)


@given(layouts, st.integers(0, 20_000), st.integers(0, 3000))
def test_what_is_in_sight_is_every_tile_that_a_strip_cuts(layout, top, height):
    shown = layout.between(top, top + height)
    for index in range(layout.count):
        upper = layout.row_top(layout.cell(index)[0])
        if upper <= top + height and upper + layout.cell_px > top:
            assert index in shown
    found = dict(layout.headings_between(top, top + height))
    for section, row in enumerate(layout.heading_rows.tolist()):
        upper = layout.row_top(row)
        assert (section in found) == (upper <= top + height and upper + layout.head_px > top)


@given(layouts.filter(lambda layout: layout.count), st.data())
def test_moving_by_rows_keeps_the_column_where_there_is_one(layout, data):
    index = data.draw(st.integers(0, layout.count - 1))
    rows = data.draw(st.integers(-9, 9))
    there = layout.by_rows(index, rows)
    assert 0 <= there < layout.count
    assert layout.cell(there)[1] <= layout.cell(index)[1]
    assert (there - index) * rows >= 0
    if rows == 1 and there != index:
        between = range(layout.cell(index)[0] + 1, layout.cell(there)[0])
        assert all(layout.heading(row) >= 0 for row in between)
