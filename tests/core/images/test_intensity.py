from __future__ import annotations

import numpy as np
import pytest

from core.errors import UserError
from core.images.intensity import Window, estimate_window, to_rgb8


def test_eight_bits_stay_what_they_are():
    rgb = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.testing.assert_array_equal(to_rgb8(rgb, Window(3, 5)), rgb)


def test_grey_is_repeated_in_three_channels():
    grey = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert (to_rgb8(grey) == grey[..., None]).all()
    assert to_rgb8(grey).shape == (2, 3, 3)


def test_a_window_spreads_its_intensities_over_all_levels():
    raw = np.array([[0, 100, 150, 200, 65535]], dtype=np.uint16)
    np.testing.assert_array_equal(to_rgb8(raw, Window(100, 200))[0, :, 0], [0, 0, 128, 255, 255])


def test_without_a_window_the_full_range_is_meant():
    raw = np.array([[0, 257, 65535]], dtype=np.uint16)
    np.testing.assert_array_equal(to_rgb8(raw)[0, :, 0], [0, 1, 255])


def test_sixteen_bit_colours_keep_their_channels():
    raw = np.zeros((2, 2, 3), np.uint16)
    raw[..., 1] = 65535
    np.testing.assert_array_equal(to_rgb8(raw)[0, 0], [0, 255, 0])


def test_the_window_leaves_out_the_rarest_intensities():
    rng = np.random.default_rng(7)
    images = [rng.integers(1000, 2000, (100, 100), dtype=np.uint16) for _ in range(5)]
    images[0][0, 0], images[1][0, 0] = 65535, 0
    window = estimate_window(images)
    assert 995 <= window.low <= 1005
    assert 1995 <= window.high <= 2005


def test_every_image_counts_the_same():
    small, large = np.full((2, 2), 500, np.uint16), np.full((500, 500), 100, np.uint16)
    window = estimate_window([small, large])
    assert (window.low, window.high) == (100, 500)


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_a_flat_image_still_has_a_window(value):
    window = estimate_window([np.full((3, 3), value, np.uint16)])
    assert window.low <= value <= window.high


def test_eight_bit_images_need_no_window():
    assert estimate_window([np.zeros((3, 3), np.uint8)]) is None
    assert estimate_window([]) is None


@pytest.mark.parametrize(("low", "high"), [(5, 5), (6, 5), (0.0, float("inf")), (float("nan"), 1.0)])
def test_a_window_must_rise_and_be_finite(low, high):
    with pytest.raises(UserError) as caught:
        Window(low, high)
    assert caught.value.code == "window_invalid"


def test_floats_go_through_a_window_of_any_range():
    raw = np.array([[-1.0, -0.5, 0.0, 0.5, np.nan]], np.float32)
    np.testing.assert_array_equal(to_rgb8(raw, Window(-0.5, 0.5))[0, :, 0], [0, 0, 128, 255, 0])


def test_floats_without_a_window_are_spread_over_their_own_range():
    raw = np.linspace(10, 20, 256, dtype=np.float32).reshape(16, 16)
    assert (to_rgb8(raw).min(), to_rgb8(raw).max()) == (0, 255)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 9])
def test_any_number_of_channels_can_be_looked_at(channels):
    raw = np.random.default_rng(7).integers(0, 65535, (4, 5, channels), dtype=np.uint16)
    seen = to_rgb8(raw)
    assert seen.shape == (4, 5, 3)
    expected = to_rgb8(np.repeat(raw, 3, axis=2)) if channels == 1 else to_rgb8(raw[..., :3])
    np.testing.assert_array_equal(seen, expected)
    if channels == 2:
        assert (seen[..., 2] == 0).all()


def test_a_window_of_floats_holds_the_middle_of_them_and_every_image_counts_the_same():
    rng = np.random.default_rng(7)
    images = [rng.normal(0, 1, (100, 100)).astype(np.float32) for _ in range(4)]
    images[0][0, 0] = 1e9
    window = estimate_window(images)
    assert -4 < window.low < -2.5
    assert 2.5 < window.high < 4
    small, large = np.full((2, 2), 500, np.float32), np.full((500, 500), 100, np.float32)
    assert estimate_window([small, large]) == Window(100, 500)


def test_floats_and_whole_numbers_of_one_data_set_share_a_window():
    assert estimate_window([np.full((2, 2), 500, np.uint16), np.full((5, 5), -3, np.float32)]) == Window(-3, 500)


@pytest.mark.parametrize("value", [0.0, -7.5, 1e30])
def test_a_flat_image_of_floats_still_has_a_window(value):
    window = estimate_window([np.full((3, 3), value, np.float32)])
    assert window.low <= np.float32(value) <= window.high
    assert to_rgb8(np.full((3, 3), value, np.float32)).shape == (3, 3, 3)
