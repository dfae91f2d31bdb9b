"""Scrolling the grid moves what is painted; only what comes into sight is painted, and it looks like painted whole."""

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from desktop_app.widgets.sample_grid.layout import GAP_PX
from desktop_app.widgets.sample_grid.tile_painter import TilePainter
from desktop_app.widgets.sample_grid.tiles import Heading

IDS = np.arange(1000, 1600, dtype=np.int64)
HEADINGS = [(Heading("RBC", "●", "#D55E00"), 7), (Heading("WBC", "▲", "#0072B2"), 250), (Heading("rest"), 343)]
STEPS_PX = (1, 13, 37, 38, 39, 120, -5, -37, -38, -60, 250, -119)


class CountedTiles(TilePainter):
    """Notes the cells that are painted."""

    def __init__(self, *args):
        super().__init__(*args)
        self.painted: list[int] = []

    def paint(self, painter, cell, item, *, focused):
        self.painted.append(item)
        super().paint(painter, cell, item, focused=focused)


@pytest.fixture
def counted(grid, state, tiles, thumbnails):
    painter = CountedTiles(state, tiles, thumbnails, grid._theme)
    grid._tile_painter = painter
    state.set_ids(IDS)
    settle(grid)
    return painter


def settle(grid):
    # Twice: what is painted asks for pictures with the next turn of the event loop.
    for _ in range(3):
        QApplication.processEvents()


def scroll(grid, value):
    grid.verticalScrollBar().setValue(value)
    settle(grid)


def on_screen(grid):
    place = grid.viewport().mapTo(grid.window(), grid.viewport().rect().topLeft())
    size = grid.viewport().size()
    shot = grid.screen().grabWindow(grid.window().winId(), place.x(), place.y(), size.width(), size.height())
    return shot.toImage().convertToFormat(grid.viewport().grab().toImage().format())


def test_a_step_paints_only_the_tiles_that_come_into_sight(grid, counted):
    scroll(grid, 300)
    counted.painted.clear()
    scroll(grid, 300 + grid.grid_layout.cell_px // 2)
    columns, rows = grid.grid_layout.columns, grid.viewport().height() // grid.grid_layout.cell_px
    assert 0 < len(counted.painted) <= 2 * columns < columns * rows


def test_with_headings_a_step_paints_no_tile_under_the_one_that_stays(grid, counted, state):
    state.set_ids(IDS, headings=HEADINGS)
    layout = grid.grid_layout
    scroll(grid, layout.row_top(layout.cell(60)[0]) + 5)
    counted.painted.clear()
    scroll(grid, grid.verticalScrollBar().value() + 10)
    lowest = grid.visible_indexes()
    assert set(counted.painted) <= set(range(lowest.stop - 2 * layout.columns, lowest.stop))


@pytest.mark.parametrize("headings", [(), HEADINGS], ids=["plain", "headings"])
def test_after_any_steps_the_screen_shows_what_painting_it_whole_would(grid, counted, state, headings):
    state.set_ids(IDS, headings=headings)
    state.select_only(12)
    layout = grid.grid_layout
    scroll(grid, layout.row_top(layout.cell(8)[0]) - 45)
    for step in STEPS_PX:
        scroll(grid, grid.verticalScrollBar().value() + step)
        assert on_screen(grid) == grid.viewport().grab().toImage(), f"after a step of {step} px"


def test_a_picture_that_arrives_paints_its_tile_alone(grid, counted, state, thumbnails):
    scroll(grid, 300)
    visible = grid.visible_indexes()
    one = visible.start + 2 * grid.grid_layout.columns
    counted.painted.clear()
    thumbnails.loaded.emit([int(state.ids[one]), int(state.ids[-1])])
    settle(grid)
    assert counted.painted == [one]
    assert grid.tile_rect(one).width() == grid.grid_layout.cell_px - GAP_PX
