import numpy as np
import pytest

from core.images.channels_seen import automatic_display, channel_stats
from core.images.luts import LUT_NAMES, lut
from core.images.rendering import ChannelDisplay, render

RGB = tuple(ChannelDisplay(0, 255, name) for name in ("red", "green", "blue"))


def test_eight_bits_are_shown_as_they_are():
    raw = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.testing.assert_array_equal(render(raw, RGB), raw)


def test_mixing_gives_the_same_as_leaving_alone():
    raw = np.random.default_rng(0).integers(0, 255, (9, 9, 3), np.uint8)
    np.testing.assert_array_equal(render(raw.astype(np.uint16), RGB), raw)


def test_grey_becomes_three_equal_channels():
    shown = render(np.arange(8, dtype=np.uint8).reshape(2, 4), (ChannelDisplay(0, 255),))
    assert shown.shape == (2, 4, 3)
    np.testing.assert_array_equal(shown[..., 0], shown[..., 2])


def test_each_channel_of_sixteen_bits_has_its_own_window():
    raw = np.zeros((1, 3, 3), np.uint16)
    raw[0, :, 0], raw[0, :, 1], raw[0, :, 2] = (100, 200, 300), (0, 1000, 65535), (7, 7, 7)
    display = (ChannelDisplay(100, 300, "red"), ChannelDisplay(0, 1000, "green"), ChannelDisplay(0, 14, "blue"))
    shown = render(raw, display)
    assert shown[0, :, 0].tolist() == [0, 128, 255]
    assert shown[0, :, 1].tolist() == [0, 255, 255]
    assert shown[0, :, 2].tolist() == [128, 128, 128]


def test_channels_add_up_to_white_and_no_further():
    raw = np.full((1, 1, 5), 9, np.uint16)
    assert render(raw, tuple(ChannelDisplay(0, 9, "grey") for _ in range(5))).tolist() == [[[255, 255, 255]]]


def test_a_channel_that_is_off_adds_nothing():
    raw = np.full((1, 1, 2), 9, np.uint16)
    display = (ChannelDisplay(0, 9, "red"), ChannelDisplay(0, 9, "green", visible=False))
    assert render(raw, display).tolist() == [[[255, 0, 0]]]
    off = tuple(ChannelDisplay(0, 9, "red", visible=False) for _ in range(2))
    assert render(raw, off).tolist() == [[[0, 0, 0]]]


def test_floats_keep_their_units_and_what_is_no_number_is_black():
    raw = np.array([[-1.0, 0.0, 1.0, np.nan, np.inf]], np.float32)
    assert render(raw, (ChannelDisplay(-1, 1),))[0, :, 0].tolist() == [0, 128, 255, 0, 255]


def test_the_automatic_window_leaves_out_the_extremes():
    raw = np.full((100, 100), 500, np.uint16)
    raw[:50] = 1000
    raw[0, 0], raw[0, 1] = 0, 65535
    [stats] = channel_stats(raw)
    assert (stats.low, stats.high, stats.auto_low, stats.auto_high) == (0, 65535, 500, 1000)


@pytest.mark.parametrize("raw", [np.full((4, 4), 9, np.uint16), np.full((4, 4), np.nan, np.float32)])
def test_a_flat_image_still_gets_a_window(raw):
    [stats] = channel_stats(raw)
    assert stats.auto_low < stats.auto_high


def test_colour_pictures_of_eight_bits_begin_as_they_are():
    stats = channel_stats(np.full((4, 4, 3), 9, np.uint8))
    assert automatic_display(stats, np.dtype(np.uint8), colour=True) == RGB


@pytest.mark.parametrize("name", [*LUT_NAMES, "#0072B2"])
def test_every_colour_table_is_whole(name):
    table = lut(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert len(np.unique(table, axis=0)) > 100


def test_the_uniform_tables_are_the_published_ones():
    assert lut("viridis")[[0, 255]].tolist() == [[68, 1, 84], [253, 231, 37]]
    assert lut("magma")[[0, 255]].tolist() == [[0, 0, 4], [252, 253, 191]]


@pytest.mark.parametrize("name", ["viridis", "magma", "inferno", "cividis", "grey"])
def test_the_uniform_tables_get_lighter_throughout(name):
    lightness = lut(name).astype(float) @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(lightness) >= -0.8).all()
