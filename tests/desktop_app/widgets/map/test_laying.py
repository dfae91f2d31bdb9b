import numpy as np
import pytest

from desktop_app.widgets.map.laying import MOST_STRETCHED, WIDTH_TO_HEIGHT, laid_wide


def cloud(width, height, degrees, n=400):
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (n, 2)) * (width, height)
    turn = np.deg2rad(degrees)
    return (points @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]).astype(np.float32)


@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 135])
def test_the_longer_side_lies_from_left_to_right(degrees):
    width, height = np.ptp(laid_wide(cloud(2, 1, degrees)), axis=0)
    assert width / height == pytest.approx(WIDTH_TO_HEIGHT, rel=0.05)


def test_a_map_that_is_wide_is_not_stretched_and_a_square_one_twice_at_most():
    wide = cloud(5, 1, 0)
    assert np.ptp(laid_wide(wide), axis=0) == pytest.approx(np.ptp(wide, axis=0), rel=0.05)
    square = laid_wide(cloud(1, 1, 0))
    assert np.ptp(square[:, 0]) / np.ptp(square[:, 1]) <= MOST_STRETCHED * 1.5


def test_what_has_no_place_gets_none_and_few_points_stay():
    points = cloud(2, 1, 60)
    points[3] = np.nan
    laid = laid_wide(points)
    assert np.isnan(laid[3]).all()
    assert np.isfinite(np.delete(laid, 3, axis=0)).all()
    assert laid_wide(points[:2]) is not None
    assert laid_wide(np.zeros((5, 2), dtype=np.float32)).tolist() == np.zeros((5, 2)).tolist()
    assert laid_wide(np.zeros((0, 2), dtype=np.float32)).shape == (0, 2)
