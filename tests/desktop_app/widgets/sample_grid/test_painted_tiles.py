"""A tile that was painted is used again as long as it would look the same, and not a moment longer."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from desktop_app.widgets.sample_grid import painted_tiles
from desktop_app.widgets.sample_grid.painted_tiles import PaintedTiles
from desktop_app.widgets.sample_grid.tiles import Pill, Tile


@pytest.fixture
def painted(qapp):
    return PaintedTiles()


@pytest.fixture
def paint():
    """Paints red, and counts how often."""

    def fill(painter):
        fill.times += 1
        painter.fillRect(0, 0, 40, 40, QColor("#ff0000"))

    fill.times = 0
    return fill


LOOK = (Tile("a.png", (Pill("RBC", "●", "#D55E00"),)), 7, "", 40, 1.0)


def test_the_same_look_is_painted_once(painted, paint):
    first, again = painted.cell(1, LOOK, paint), painted.cell(1, LOOK, paint)
    assert paint.times == 1
    assert first.cacheKey() == again.cacheKey()
    assert first.toImage().pixelColor(20, 20) == QColor("#ff0000")


@pytest.mark.parametrize(
    "look",
    [
        (Tile("a.png", (Pill("WBC", "■", "#0072B2"),)), 7, "", 40, 1.0),
        (LOOK[0], 8, "", 40, 1.0),
        (LOOK[0], 0, "The file is not there.", 40, 1.0),
        (LOOK[0], 7, "", 41, 1.0),
        (LOOK[0], 7, "", 40, 2.0),
    ],
)
def test_whatever_changes_is_painted_again(painted, paint, look):
    painted.cell(1, LOOK, paint)
    cell = painted.cell(1, look, paint)
    assert paint.times == 2
    assert cell.width() == round(look[3] * look[4])


def test_the_least_recently_used_are_forgotten(painted, paint, monkeypatch):
    monkeypatch.setattr(painted_tiles, "_BUDGET_BYTES", 3 * 40 * 40 * 4)
    for sample in (1, 2, 3):
        painted.cell(sample, LOOK, paint)
    painted.cell(1, LOOK, paint)
    painted.cell(4, LOOK, paint)
    painted.cell(1, LOOK, paint)
    assert paint.times == 4
    painted.cell(2, LOOK, paint)
    assert paint.times == 5


def test_a_label_given_in_the_grid_is_seen_at_once(grid, state, tiles, qtbot):
    grid.viewport().repaint()
    before = grid.grab(grid.tile_rect(3)).toImage()
    tiles.special[int(state.ids[3])] = Tile("3.png", (Pill("WBC", "■", "#0072B2"),))
    grid.refresh()
    after = grid.grab(grid.tile_rect(3)).toImage()
    assert before != after
    state.select_only(3)
    assert grid.grab(grid.tile_rect(3)).toImage() != after
    assert grid.grab(grid.tile_rect(3)).toImage().pixelColor(2, 50) != QColor(Qt.GlobalColor.transparent)
