from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from pytest import approx

from desktop_app.widgets.image_canvas.viewport import MAX_SCALE, Viewport, level_for, pixel_under

sides = st.integers(1, 60_000)
rooms = st.tuples(st.integers(50, 4000), st.integers(50, 4000))
views = st.builds(lambda w, h, room: Viewport((w, h), room, 10).fit(), sides, sides, rooms)


@given(views)
def test_a_fitted_image_is_in_sight_as_a_whole_and_in_the_middle(view):
    target = view.target
    assert target.width() <= max(1, view.room[0] - 20) * 1.0001 or view.scale == MAX_SCALE
    assert target.center().x() == approx(view.room[0] / 2, abs=1e-3)


@given(views, st.floats(0.01, 90), st.floats(0, 1), st.floats(0, 1))
def test_zooming_keeps_the_point_under_the_pointer(view, scale, across, down):
    target = view.target
    around = QPointF(target.x() + across * target.width(), target.y() + down * target.height())
    before, closer = view.to_image(around), view.zoomed(max(scale, view.scale), around)
    after = closer.to_image(around)
    assert (after.x(), after.y()) == approx((before.x(), before.y()), rel=1e-6, abs=1e-3)


@given(views, st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_an_image_cannot_be_lost_by_moving_it(view, dx, dy):
    x, y = view.panned(dx, dy).centre
    assert 0 <= x <= view.image[0]
    assert 0 <= y <= view.image[1]


@given(views, st.floats(0.01, 90))
def test_scales_stay_within_their_limits(view, scale):
    assert view.least_scale <= view.zoomed(scale).scale <= MAX_SCALE


def test_images_of_two_sizes_show_the_same_part():
    large = Viewport((4000, 2000), (800, 400)).fit().zoomed(0.8).panned(-160, 0)
    small = Viewport((400, 200), (800, 400)).fit().like(large)
    assert small.centre[0] / 400 == approx(large.centre[0] / 4000)
    assert small.scale / small.fit_scale == approx(large.scale / large.fit_scale)


def test_the_level_painted_is_neither_shrunk_much_below_half_nor_enlarged_much():
    levels = (1.0, 2.0, 4.0, 8.0)
    assert [level_for(levels, scale) for scale in (3, 1, 0.7, 0.6, 0.5, 0.31, 0.25, 0.1, 0.001)] == [
        0,
        0,
        0,
        1,
        1,
        1,
        2,
        3,
        3,
    ]


def test_beside_the_image_there_is_no_pixel():
    view = Viewport((10, 10), (100, 100)).fit()
    assert pixel_under(view, QPointF(0.5, 99)) == (0, 9)
    assert pixel_under(view.zoomed(1), QPointF(0, 0)) is None
