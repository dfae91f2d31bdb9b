"""Channels on their way into the network: chosen, windowed, brought to one type, measured."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UnreadableImage, UserError
from core.images.channels import (
    DTYPES,
    ChannelMap,
    estimate_windows,
    extreme_windows,
    parse_windows,
    repeated,
)
from core.images.intensity import Window
from core.images.network_input import resize_rgb8, to_network
from core.images.preprocess import Preprocess, ResizeMode

WIDE = Window(0, 65535)


def five(dtype: str = "uint16", channels: tuple[int, ...] = (0, 2, 3)) -> ChannelMap:
    return ChannelMap(5, dtype, channels, tuple(Window(10 * i, 1000 + i) for i in channels))


@st.composite
def maps(draw):
    source = draw(st.integers(1, 6))
    channels = tuple(draw(st.lists(st.integers(0, source - 1), min_size=1, max_size=5)))
    lows = [draw(st.floats(-1e6, 1e6)) for _ in channels]
    windows = tuple(Window(low, low + draw(st.floats(1, 1e6))) for low in lows)
    luma = len(channels) == 3 and draw(st.booleans())
    names = tuple(draw(st.sampled_from([(), tuple(f"채널 {i}" for i in range(source))])))
    return ChannelMap(source, draw(st.sampled_from(list(DTYPES.values()))), channels, windows, luma, names)


@given(maps())
def test_a_map_survives_json_inside_a_preprocess(channels):
    width = channels.width
    made = Preprocess(8, ResizeMode.PAD, (0.5,) * width, (0.25,) * width, channels=channels)
    assert Preprocess.from_json(json.loads(json.dumps(made.to_json()))) == made


def test_what_was_written_before_there_were_channels_is_read_as_it_was():
    old = {"size": 8, "resize": "pad", "mean": [0.5] * 3, "std": [0.5] * 3, "window": [10, 4000]}
    read = Preprocess.from_json(old)
    assert (read.channels, read.source, read.width, read.dtype) == (None, 3, 3, "uint8")
    assert read.to_json() == old  # the same text: caches made under it stay known


@pytest.mark.parametrize(
    "changes",
    [
        {"source": 0},
        {"source": 65},
        {"dtype": "int64"},
        {"map": [5]},
        {"map": [-1]},
        {"map": []},
        {"windows": [[0, 1]]},
        {"windows": [[1, 0]] * 3},
        {"windows": [[0, float("nan")]] * 3},
        {"windows": [[0, 1e300]] * 3},
        {"windows": 3},
        {"names": ["one"]},
        {"map": [0, 2], "windows": [[0, 1]] * 2, "luma": True},
    ],
)
def test_a_map_of_a_stranger_that_makes_no_sense_is_refused(changes):
    good = Preprocess(8, ResizeMode.PAD, (0.5,) * 3, (0.5,) * 3, channels=five()).to_json()
    with pytest.raises(UserError) as caught:
        Preprocess.from_json(good | {"channels": good["channels"] | changes})
    assert caught.value.code in ("preprocess_invalid", "window_invalid")


def test_the_chosen_channels_go_in_through_their_windows_and_are_not_rounded():
    image = np.random.default_rng(0).integers(0, 1200, (6, 6, 5)).astype(np.uint16)
    made = Preprocess(6, ResizeMode.STRETCH, (0, 0, 0), (1, 1, 1), channels=five())
    found = to_network([made.image(image)], made)[0].numpy()
    for place, channel in enumerate((0, 2, 3)):
        expected = np.clip((image[..., channel] - 10.0 * channel) / (1000 + channel - 10 * channel), 0, 1)
        np.testing.assert_allclose(found[place], expected, atol=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("width", [1, 2, 4, 5])
@pytest.mark.parametrize("mode", ResizeMode)
def test_any_number_of_channels_is_resized_for_training_to_within_two_levels(dtype, width, mode):
    top = {"uint8": 255, "uint16": 4000, "float32": 2.5}[dtype]
    image = (np.random.default_rng(1).random((40, 31, width)) * top).astype(dtype)
    channels = ChannelMap(width, dtype, tuple(range(width)), (Window(0, top),) * width)
    made = Preprocess(16, mode, (0.5,) * width, (1,) * width, channels=channels)
    rounded = resize_rgb8(made.image(image), made)
    exact = (to_network([made.image(image)], made)[0].permute(1, 2, 0).numpy() + 0.5) * 255
    assert rounded.shape == (16, 16, width)
    assert np.abs(rounded - exact).max() <= 2


def test_grey_among_rgb_is_repeated_and_rgb_becomes_grey_by_its_luma():
    grey = np.array([[100, 200]], np.uint16)
    to_rgb = ChannelMap(3, "uint16", (0, 1, 2), (WIDE,) * 3)
    assert (to_rgb.fit(grey) == grey[..., None]).all()
    luma = ChannelMap(3, "uint8", (0, 1, 2), (Window(0, 255),) * 3, luma=True)
    made = Preprocess(1, ResizeMode.STRETCH, (0,), (1,), channels=luma)
    red = np.array([[[255, 0, 0]]], np.uint8)
    assert to_network([made.image(red)], made).item() == pytest.approx(0.299, abs=1e-6)
    assert to_network([made.image(np.full((1, 1), 255, np.uint8))], made).item() == pytest.approx(1, abs=1e-6)


def test_an_image_of_8_bits_among_deeper_ones_is_taken_as_seen_through_the_window():
    channels = ChannelMap(1, "uint16", (0,), (Window(100, 4180),))
    assert channels.fit(np.array([[0, 255]], np.uint8)).ravel().tolist() == [100, 4180]
    floats = ChannelMap(1, "float32", (0,), (Window(-1, 1),))
    assert floats.fit(np.array([[0, 255]], np.uint8)).ravel().tolist() == [-1, 1]


def test_numbers_that_are_none_become_0_and_infinite_ones_the_ends_of_the_window():
    channels = ChannelMap(1, "float32", (0,), (Window(-1, 1),))
    made = Preprocess(2, ResizeMode.STRETCH, (0,), (1,), channels=channels)
    image = np.array([[np.nan, np.inf], [-np.inf, 1.0]])
    np.testing.assert_allclose(to_network([made.image(image)], made)[0, 0], [[0.5, 1], [0, 1]], atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 3), (4, 4, 6)])
def test_an_image_of_another_number_of_channels_is_refused_with_both_numbers(shape):
    with pytest.raises(UnreadableImage) as caught:
        five().fit(np.zeros(shape, np.uint16))
    assert caught.value.code == "image_channels_wrong"
    assert "5" in caught.value.message


def test_a_model_of_8_bits_refuses_floats_and_reduces_16_bits():
    plain = ChannelMap(1, "uint8", (0,), (Window(0, 255),))
    assert plain.fit(np.array([[0, 257, 65535]], np.uint16)).ravel().tolist() == [0, 1, 255]
    with pytest.raises(UnreadableImage):
        plain.fit(np.zeros((2, 2), np.float32))
    without = Preprocess(4, ResizeMode.PAD, (0.5,) * 3, (0.5,) * 3)
    with pytest.raises(UnreadableImage):
        without.image(np.zeros((2, 2), np.float32))
    with pytest.raises(UnreadableImage):
        without.image(np.zeros((2, 2, 4), np.uint8))


def test_hue_means_something_only_where_red_green_and_blue_go_in():
    full = (WIDE,) * 3
    assert ChannelMap(3, "uint16", (0, 1, 2), full).is_colour
    assert ChannelMap(1, "uint16", (0, 0, 0), full).is_colour
    assert not ChannelMap(5, "uint16", (0, 1, 2), full).is_colour
    assert not ChannelMap(3, "uint16", (2, 1, 0), full).is_colour
    assert not ChannelMap(3, "uint16", (0, 1, 2), full, luma=True).is_colour


def test_windows_are_measured_for_each_channel_and_every_image_counts_alike():
    rng = np.random.default_rng(3)
    images = [
        np.stack([rng.normal(100, 5, (30, 30)), rng.normal(-4, 0.1, (30, 30))], axis=2).astype(np.float32)
        for _ in range(6)
    ]
    huge = np.stack([rng.normal(100, 5, (300, 300)), rng.normal(-4, 0.1, (300, 300))], axis=2).astype(np.float32)
    first, second = estimate_windows([*images, huge], 2)
    assert 78 < first.low < 92
    assert 108 < first.high < 122
    assert -4.5 < second.low < -4.2
    assert estimate_windows([*images, huge], 2) == (first, second)
    widest = extreme_windows(images, 2)
    assert widest[0].low == min(float(image[..., 0].min()) for image in images)


@pytest.mark.parametrize("value", [0, 7, 65535, -3.5, 1e12])
def test_a_flat_data_set_still_has_a_window(value):
    dtype = np.float32 if value != int(value) or abs(value) > 65535 else np.uint16
    [window] = estimate_windows([np.full((4, 4), value, dtype)], 1)
    assert window.low == pytest.approx(value)


def test_without_an_image_there_is_no_window():
    assert estimate_windows([], 3) is None
    assert estimate_windows([np.zeros((2, 2, 4), np.uint16)], 5) is None


def test_windows_are_read_as_they_are_written():
    assert parse_windows("0..900, -1.5..4e3") == (Window(0, 900), Window(-1.5, 4000))
    for wrong in ("", "5", "9..3", "a..b", "1..2,"):
        with pytest.raises((ValueError, UserError)):
            parse_windows(wrong)


def test_means_are_averaged_for_one_channel_and_taken_in_turns_for_more():
    assert repeated((0.2, 0.4, 0.6), 1) == pytest.approx((0.4,))
    assert repeated((0.2, 0.4, 0.6), 5) == (0.2, 0.4, 0.6, 0.2, 0.4)


@pytest.mark.parametrize("outlier", [1e30, -1e30, np.nan])
def test_one_image_in_other_units_does_not_decide_the_window_of_all(outlier):
    rng = np.random.default_rng(3)
    usual = [rng.normal(100, 10, (40, 40)) for _ in range(5)]
    odd = np.full((40, 40), outlier) + (0 if np.isnan(outlier) else rng.normal(0, 1e20, (40, 40)))
    (window,) = estimate_windows([*usual[:2], odd, *usual[2:]], 1)
    assert 50 < window.low < window.high < 150


def test_images_that_differ_for_a_reason_all_count():
    dark, bright = (
        np.arange(256, dtype=np.uint16).reshape(16, 16),
        np.arange(256, dtype=np.uint16).reshape(16, 16) * 200,
    )
    (window,) = estimate_windows([dark] * 3 + [bright] * 3, 1)
    assert window.high > 40_000
