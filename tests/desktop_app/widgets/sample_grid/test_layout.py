import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.widgets.sample_grid.layout import GAP_PX, GridLayout

layouts = st.builds(GridLayout.fit, st.integers(0, 500), st.integers(40, 3000), st.integers(64, 512))


@given(layouts)
def test_every_tile_is_found_again_at_its_own_place(layout):
    for index in range(layout.count):
        row, column = layout.cell(index)
        x, y = column * layout.cell_px + layout.cell_px // 2, row * layout.cell_px + layout.cell_px // 2
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
        x, y = column * layout.cell_px + half, row * layout.cell_px + half
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
