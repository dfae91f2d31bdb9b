from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.theme import DARK, LIGHT, Theme
from desktop_app.widgets.map.colouring import Category, by_category, by_number
from desktop_app.widgets.map.lasso import Combine
from desktop_app.widgets.map.legend import MapLegend
from desktop_app.widgets.map.painted import AT_ONCE
from desktop_app.widgets.map.plot import PointMap
from desktop_app.widgets.map.raster import cloud_of
from desktop_app.widgets.map.view import MapView

BLUE, RED = "#0072B2", "#D55E00"
KINDS = (Category("one", BLUE, "■"), Category("two", RED, "●"))
NONE = Qt.KeyboardModifier.NoModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def two_heaps(count: int = 200) -> np.ndarray:
    """A heap around (-1, 0) and one around (1, 0)."""
    points = np.random.default_rng(0).normal(scale=0.1, size=(count, 2)).astype(np.float32)
    points[: count // 2, 0] -= 1
    points[count // 2 :, 0] += 1
    return points


def shown(qtbot: QtBot, plot: PointMap, points: np.ndarray) -> PointMap:
    qtbot.addWidget(plot)
    plot.resize(600, 400)
    plot.show_points(cloud_of(points))
    plot.show()
    qtbot.waitExposed(plot)
    return plot


@pytest.fixture
def plot(qtbot: QtBot) -> PointMap:
    """Two heaps of a hundred points each."""
    return shown(qtbot, PointMap(Theme(LIGHT, dark=False), "Map", caption=lambda i: f"image {i}"), two_heaps())


def at(plot: PointMap, x: float, y: float) -> QPoint:
    [[sx, sy]] = plot.view.to_screen(np.array([[x, y]])).tolist()
    return QPointF(sx, sy).toPoint()


def drag(plot: PointMap, corners: list[QPoint], modifiers: Qt.KeyboardModifier = NONE) -> None:
    left, kind = Qt.MouseButton.LeftButton, QEvent.Type
    for event, points in ((kind.MouseButtonPress, corners[:1]), (kind.MouseMove, corners[1:])):
        for point in points:
            place = QPointF(point)
            QApplication.sendEvent(plot, QMouseEvent(event, place, plot.mapToGlobal(place), left, left, modifiers))
    last = QPointF(corners[-1])
    end = QMouseEvent(kind.MouseButtonRelease, last, plot.mapToGlobal(last), left, Qt.MouseButton.NoButton, modifiers)
    QApplication.sendEvent(plot, end)


def around(plot: PointMap, x: float, y: float, reach: float = 0.6) -> list[QPoint]:
    turn = np.linspace(0, 2 * np.pi, 40)
    return [at(plot, x + reach * np.cos(t), y + reach * np.sin(t)) for t in turn]


@pytest.mark.parametrize("zoom", [1.0, 0.5, 3.0, 40.0])
def test_a_lasso_selects_exactly_the_points_inside_at_every_zoom(qtbot, plot, zoom):
    plot.set_lassoing(True)
    plot.move_by(-30, 10)
    plot.zoom(zoom, QPointF(at(plot, -1, 0)))
    x, y = plot.cloud.positions[:100].mean(axis=0).tolist()
    line = around(plot, x, y, 0.12 if zoom < 10 else 0.04)
    with qtbot.waitSignal(plot.selection_made) as made:
        drag(plot, line)
    polygon, winding = QPolygonF([QPointF(point) for point in line]), Qt.FillRule.WindingFill
    on_screen = plot.view.to_screen(plot.cloud.positions).tolist()
    expected = [i for i, (x, y) in enumerate(on_screen) if polygon.containsPoint(QPointF(x, y), winding)]
    assert 0 < len(expected) < 100
    assert made.args[0].tolist() == plot.selected_rows.tolist() == expected


def test_shift_adds_to_the_selection_and_alt_takes_away(plot):
    plot.set_lassoing(True)
    drag(plot, around(plot, -1, 0))
    assert plot.selected_rows.tolist() == list(range(100))
    drag(plot, around(plot, 1, 0), SHIFT)
    assert len(plot.selected_rows) == 200
    drag(plot, around(plot, -1, 0), ALT)
    assert plot.selected_rows.tolist() == list(range(100, 200))
    drag(plot, around(plot, -1, 0))
    assert plot.selected_rows.tolist() == list(range(100))


def test_dragging_without_the_lasso_moves_the_map(plot):
    plot.zoom(2)
    start = at(plot, 0, 0)
    drag(plot, [start, start + QPoint(20, 9), start + QPoint(40, 18)])
    assert at(plot, 0, 0) == start + QPoint(40, 18)
    assert not len(plot.selected_rows)


def test_a_lasso_stays_around_its_points_when_the_map_moves_while_it_is_drawn(plot):
    plot.set_lassoing(True)
    plot.lasso.begin(plot.view, QPointF(at(plot, -1.5, -0.6)), Combine.REPLACE)
    plot.lasso.draw_to(plot.view, QPointF(at(plot, -0.5, -0.6)))
    plot.zoom(1.7)
    plot.lasso.draw_to(plot.view, QPointF(at(plot, -0.5, 0.6)))
    plot.lasso.draw_to(plot.view, QPointF(at(plot, -1.5, 0.6)))
    plot.close_lasso(Combine.REPLACE)
    assert plot.selected_rows.tolist() == list(range(100))


def test_a_click_selects_the_point_under_it_and_beside_all_points_nothing(qtbot, plot):
    [x, y] = plot.cloud.positions[7].tolist()
    plot.zoom(60, QPointF(at(plot, x, y)))
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at(plot, x, y))
    assert plot.selected_rows.tolist() == [7]
    plot.reset()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at(plot, 0, 0))
    assert not len(plot.selected_rows)


def test_the_wheel_zooms_around_the_pointer(plot):
    place = QPointF(at(plot, -1, 0))
    before = plot.view.to_map(place.x(), place.y())
    for _ in range(3):
        event = QWheelEvent(
            place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(plot, event)
    assert plot.view.scale > plot.view.fit_scale * 1.5
    assert plot.view.to_map(place.x(), place.y()) == pytest.approx(before, abs=1e-6)


def test_keys_zoom_move_and_show_all(qtbot, plot):
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    zoomed = plot.view
    assert zoomed.scale > zoomed.fit_scale
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.view.centre[0] > zoomed.centre[0]
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert plot.view.fitted
    assert plot.view.scale == plot.view.fit_scale


def test_a_lasso_can_be_drawn_with_the_keyboard_alone(qtbot, plot):
    qtbot.keyClick(plot, Qt.Key.Key_L)
    assert plot.lassoing
    qtbot.keyClick(plot, Qt.Key.Key_Right)  # the cross appears in the middle
    far, middle = SHIFT, plot.width() // 2
    for key, times in ((Qt.Key.Key_Down, 3), (Qt.Key.Key_Right, middle // 60), (Qt.Key.Key_Up, 6)):
        qtbot.keyClick(plot, Qt.Key.Key_Space)
        for _ in range(times):
            qtbot.keyClick(plot, key, far)
    qtbot.keyClick(plot, Qt.Key.Key_Space)
    for _ in range(middle // 60):
        qtbot.keyClick(plot, Qt.Key.Key_Left, far)
    qtbot.keyClick(plot, Qt.Key.Key_Space)
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert plot.selected_rows.tolist() == list(range(100, 200))
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert not len(plot.selected_rows)


def test_escape_gives_up_the_lasso_before_the_selection(qtbot, plot):
    plot.select(np.arange(3))
    qtbot.keyClick(plot, Qt.Key.Key_L)
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Space)
    qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert not plot.lasso.active
    assert len(plot.selected_rows) == 3


def test_the_point_under_the_pointer_shows_its_picture_and_name(qtbot):
    asked = []
    picture = QImage(20, 10, QImage.Format.Format_RGB32)
    picture.fill(QColor("#FF00FF"))

    def look(index: int) -> QImage:
        asked.append(index)
        return picture

    plot = shown(qtbot, PointMap(Theme(LIGHT, dark=False), "Map", caption=lambda i: f"n{i}", picture=look), two_heaps())
    [x, y] = plot.cloud.positions[3].tolist()
    with qtbot.waitSignal(plot.hovered) as made:
        qtbot.mouseMove(plot, at(plot, x, y))
    grabbed = plot.grab().toImage()
    assert made.args[0] in asked
    assert f"n{made.args[0]}" in plot.accessibleDescription()
    colours = {grabbed.pixelColor(i, j).name() for i in range(0, 600, 3) for j in range(0, 400, 3)}
    assert "#ff00ff" in colours


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_points_have_the_colours_of_their_categories_on_the_surface_of_the_theme(qtbot, tokens):
    plot = shown(qtbot, PointMap(Theme(tokens, dark=tokens is DARK), "Map"), two_heaps())
    plot.show_colours(by_category(np.repeat([0, 1], 100), KINDS))
    image = plot.grab().toImage()
    width = image.width()
    left, right = (
        {image.pixelColor(i, j).name().upper() for i in part for j in range(image.height())}
        for part in (range(width // 2), range(width // 2, width))
    )
    assert BLUE in left
    assert RED in right
    assert RED not in left
    assert tokens.surface in left & right


def test_what_is_not_selected_stands_back_and_what_is_excluded_is_grey(plot):
    plot.show_colours(by_category(np.repeat([0, 1], 100), KINDS))
    plot.show_selected(np.arange(50))
    plot.show_excluded(np.arange(50, 100))
    image = plot.grab().toImage()
    seen = {image.pixelColor(i, j).name().upper() for i in range(image.width()) for j in range(image.height())}
    assert BLUE in seen
    assert RED not in seen


def test_points_of_which_nothing_is_to_be_said_do_not_hide_the_others(qtbot):
    plot = shown(qtbot, PointMap(Theme(LIGHT, dark=False), "Map"), np.zeros((500, 2), dtype=np.float32))
    codes = np.ones(500, dtype=np.int64)
    codes[250] = 0
    plot.show_colours(by_category(codes, KINDS, behind=1))
    image = plot.grab().toImage()
    assert image.pixelColor(at(plot, 0, 0)).name().upper() == BLUE


def test_many_points_are_painted_in_slices_and_are_all_there_in_the_end(qtbot):
    plot = shown(qtbot, PointMap(Theme(LIGHT, dark=False), "Map"), two_heaps(3 * AT_ONCE))
    qtbot.waitUntil(lambda: plot.complete)
    image = plot.grab().toImage()
    blank = QColor(LIGHT.surface).rgb()
    for x in (-1, 1):
        assert image.pixel(at(plot, x, 0)) != blank
    plot.move_by(0, 40)
    plot.zoom(1.3)
    qtbot.waitUntil(lambda: plot.complete)


@pytest.mark.parametrize(
    "points",
    [np.zeros((0, 2)), np.zeros((1, 2)), np.zeros((5, 2)), np.full((3, 2), np.nan), [[0, 0], [np.nan, np.nan], [1, 2]]],
)
def test_no_point_one_point_and_points_that_are_nowhere(qtbot, points):
    plot = shown(qtbot, PointMap(Theme(LIGHT, dark=False), "Map"), np.array(points, dtype=np.float32))
    plot.set_lassoing(True)
    plot.grab()
    drag(plot, [QPoint(2, 2), QPoint(598, 2), QPoint(598, 398), QPoint(2, 398)])
    assert len(plot.selected_rows) == np.isfinite(np.array(points, dtype=float)).all(axis=1).sum()
    plot.hover_at(300, 200)
    plot.zoom_by(2)
    plot.grab()


def test_a_map_keeps_its_view_when_its_points_move_unless_all_is_to_be_in_sight(plot):
    fitted = plot.view
    plot.show_points(cloud_of(two_heaps() * 3))
    assert plot.view.scale < fitted.scale
    plot.zoom(4)
    before = plot.view
    plot.show_points(cloud_of(two_heaps()))
    assert (plot.view.scale, plot.view.centre) == (before.scale, before.centre)


def test_a_view_can_be_taken_over_by_the_next_map(qtbot, plot):
    plot.zoom(5)
    other = shown(qtbot, PointMap(Theme(DARK, dark=True), "Map", view=plot.view), two_heaps())
    assert other.view.scale == plot.view.scale


def test_a_stray_island_does_not_make_the_others_small_until_all_is_asked_for(plot):
    random = np.random.default_rng(3)
    points = random.uniform(-0.13, 0.13, (358, 2)).astype(np.float32)
    points[:5] = (2.05, 0.0)
    plot.show_points(cloud_of(points))
    seen = plot.view.to_screen(points[5:])
    assert (seen.min(axis=0) >= 0).all()
    assert (seen.max(axis=0) <= plot.view.room).all()
    assert seen.max(axis=0).max() - seen.min() > 0.7 * min(plot.view.room)
    plot.reset()
    every = plot.view.to_screen(points)
    assert (every.min(axis=0) >= 0).all()
    assert (every.max(axis=0) <= plot.view.room).all()


def test_what_lies_together_is_all_shown(plot):
    random = np.random.default_rng(4)
    heaps = np.concatenate([random.normal(at, 1, (200, 2)) for at in ((0, 0), (9, 1), (4, 8))]).astype(np.float32)
    cloud = cloud_of(heaps)
    assert cloud.core == cloud.bounds


def test_zoom_has_its_bounds():
    view = MapView().with_room(400, 300).fit()
    assert view.zoomed(1e9).scale < 1e6
    assert view.zoomed(1e-9).scale > 0.1
    assert view.zoomed(3).panned(1e7, 1e7).centre == (-1.0, -1.0)


def test_the_legend_names_categories_that_are_there_and_the_ends_of_a_ramp(qtbot):
    legend = MapLegend(Theme(LIGHT, dark=False))
    qtbot.addWidget(legend)
    legend.show_colouring(by_category(np.array([0, 0]), KINDS))
    assert legend.accessibleDescription() == "one 2"
    legend.show_colouring(by_number(np.array([0.25, np.nan, 4]), dark=False))
    assert "0.25" in legend.accessibleDescription()
    legend.resize(120, 60)
    legend.grab()


@pytest.mark.parametrize("dark", [False, True])
def test_the_ramp_moves_steadily_away_from_the_background(dark):
    colours = [QColor(colour).lightnessF() for colour in by_number(np.arange(9.0), dark=dark).colours[:-1]]
    ends = colours[-1] - colours[0]
    assert (ends > 0.1) if dark else (ends < -0.1)
