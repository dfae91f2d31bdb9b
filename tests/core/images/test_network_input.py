from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from core.images.channels import ChannelMap
from core.images.intensity import Window
from core.images.network_input import resize_rgb8, to_network
from core.images.preprocess import Preprocess, ResizeMode
from core.images.resample import resize_line, resize_weights

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
sides = st.integers(1, 300)


def noise(height, width, seed=7):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def by_hand(image, preprocess):
    """Return (C, size, size): the definition, pixel by pixel where outside, then two matrices, in double precision."""
    box = preprocess.box(*image.shape[:2])
    mean, std = np.array(preprocess.mean), np.array(preprocess.std)
    taken = np.empty((box.height, box.width, len(mean)))
    taken[:] = mean * 255
    rows = np.arange(box.top, box.top + box.height)
    columns = np.arange(box.left, box.left + box.width)
    in_rows, in_columns = (rows >= 0) & (rows < image.shape[0]), (columns >= 0) & (columns < image.shape[1])
    taken[np.ix_(in_rows, in_columns)] = image[np.ix_(rows[in_rows], columns[in_columns])]
    down = resize_weights(box.height, preprocess.size).astype(float)
    across = resize_weights(box.width, preprocess.size).astype(float)
    resized = np.einsum("ah,hwc,bw->cab", down, taken, across, optimize=True)
    return (resized / 255 - mean[:, None, None]) / std[:, None, None]


@given(sides, sides, st.sampled_from(ResizeMode), sides)
@example(300, 1, ResizeMode.PAD, 7)
@example(1, 1, ResizeMode.STRETCH, 300)
def test_torch_does_what_the_formula_says(height, width, mode, size):
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / 5), np.cos(y / 7), np.sin((x + 2 * y) / 6)]
    image = np.round(127.5 + 127.5 * np.stack(waves, axis=-1)).astype(np.uint8)
    preprocess = Preprocess(size, mode, MEAN, (1, 1, 1))
    found = to_network([image], preprocess)[0].numpy()
    np.testing.assert_allclose(found, by_hand(image, preprocess), atol=2e-6)


@given(sides, sides, st.sampled_from(ResizeMode), sides)
def test_on_noise_too(height, width, mode, size):
    image = noise(height, width)
    preprocess = Preprocess(size, mode, MEAN, (1, 1, 1))
    found = to_network([image], preprocess)[0].numpy()
    np.testing.assert_allclose(found, by_hand(image, preprocess), atol=2e-6)


@given(st.integers(1, 2000), st.integers(1, 500))
def test_weights_are_an_average(in_size, out_size):
    weights = resize_weights(in_size, out_size)
    assert weights.shape == (out_size, in_size)
    assert weights.dtype == np.float32
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(weights[::-1, ::-1], weights, atol=1e-5)


def test_an_image_of_the_right_size_is_only_normalised():
    image = noise(32, 32)
    found = to_network([image], Preprocess(32, ResizeMode.STRETCH, MEAN, STD))
    expected = (image.transpose(2, 0, 1) / 255 - np.reshape(MEAN, (3, 1, 1))) / np.reshape(STD, (3, 1, 1))
    np.testing.assert_allclose(found[0].numpy(), expected, atol=1e-6)


def test_what_is_outside_of_the_image_is_zero():
    found = to_network([noise(10, 40)], Preprocess(40, ResizeMode.PAD, MEAN, STD))
    assert found[0, :, :15].abs().max() < 1e-6
    assert found[0, :, 25:].abs().max() < 1e-6


@pytest.mark.parametrize("mode", ResizeMode)
def test_images_of_many_sizes_come_in_their_order(mode):
    images = [noise(20 + i % 3, 30 + i % 2, seed=i) for i in range(12)]
    preprocess = Preprocess(16, mode, MEAN, STD)
    together = to_network(images, preprocess)
    alone = torch.cat([to_network([image], preprocess) for image in images])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


def test_no_image_gives_an_empty_batch():
    assert to_network([], Preprocess(8, ResizeMode.CROP, MEAN, STD)).shape == (0, 3, 8, 8)


def test_nothing_is_rounded_to_grey_levels():
    levels = to_network([noise(100, 100)], Preprocess(10, ResizeMode.STRETCH, (0, 0, 0), (1, 1, 1))) * 255
    assert (levels - levels.round()).abs().max() > 0.4


@given(sides, sides, st.sampled_from(ResizeMode), st.integers(1, 200))
@example(1, 2, ResizeMode.PAD, 1)
def test_the_rounded_pixels_for_training_are_within_a_level_or_so(height, width, mode, size):
    image = noise(height, width)
    exact = to_network([image], Preprocess(size, mode, (0.5,) * 3, (1.0,) * 3))[0].permute(1, 2, 0).numpy()
    rounded = resize_rgb8(image, Preprocess(size, mode, (0.5,) * 3, (1.0,) * 3))
    assert rounded.dtype == np.uint8
    assert np.abs(rounded - (exact + 0.5) * 255).max() <= 2


def test_read_only_pixels_are_taken_without_a_warning():
    image = noise(8, 8)
    image.flags.writeable = False
    preprocess = Preprocess(4, ResizeMode.STRETCH, MEAN, STD)
    assert resize_rgb8(image, preprocess).shape == (4, 4, 3)
    assert to_network([image], preprocess).shape == (1, 3, 4, 4)


@given(sides, sides, st.sampled_from(ResizeMode), sides)
@example(1, 1, ResizeMode.NATIVE, 5)
@example(300, 300, ResizeMode.CROP, 300)
@example(2, 1, ResizeMode.PAD, 1)
def test_what_is_not_there_of_a_line_is_all_that_is_left_out_of_its_weights(length, box, mode, size):
    offset = (length - box) // 2 if length >= box else -((box - length) // 2)
    line = resize_line(length, offset, box, size)
    dense = np.zeros((size, length))
    np.add.at(dense, (np.arange(size)[:, None], line.positions), line.weights)
    inside = np.arange(box) + offset
    kept = (inside >= 0) & (inside < length)
    expected = np.zeros((size, length))
    expected[:, inside[kept]] = resize_weights(box, size)[:, kept]
    np.testing.assert_allclose(dense, expected, atol=1e-7)


@pytest.mark.parametrize(("height", "width"), [(1000, 1500), (1501, 7), (3, 2900)])
def test_what_is_too_large_for_one_chunk_or_one_strip_comes_out_as_one(height, width):
    image = noise(height, width)
    for mode, size in ((ResizeMode.STRETCH, 16), (ResizeMode.PAD, 9), (ResizeMode.CROP, 3)):
        preprocess = Preprocess(size, mode, MEAN, (1, 1, 1))
        found = to_network([image], preprocess)[0].numpy()
        np.testing.assert_allclose(found, by_hand(image, preprocess), atol=2e-6)


@given(sides, sides, st.sampled_from(ResizeMode), sides, st.sampled_from(["uint8", "uint16", "float32"]))
def test_measured_channels_are_seen_through_their_windows_before_they_are_resized(height, width, mode, size, dtype):
    values = np.random.default_rng(3).integers(0, 256, (height, width, 5)).astype(dtype)
    windows = (Window(10, 200), Window(0, 77), Window(100, 101), Window(3, 250))
    channels = ChannelMap(5, dtype, (4, 0, 2, 2), windows)
    preprocess = Preprocess(size, mode, (0.5, 0.25, 0.1, 0.75), (1, 1, 1, 1), channels=channels)
    low, high = (np.array([getattr(window, end) for window in windows]) for end in ("low", "high"))
    levels = np.clip((values[..., [4, 0, 2, 2]] - low) * (255 / (high - low)), 0, 255)
    found = to_network([values], preprocess)[0].numpy()
    np.testing.assert_allclose(found, by_hand(levels, preprocess), atol=2e-6)


@pytest.mark.parametrize("turned", [np.flipud, np.fliplr, np.rot90, lambda image: image[::2, 1:]])
def test_pixels_in_any_order_in_memory_are_taken(turned):
    image = noise(40, 60)
    preprocess = Preprocess(16, ResizeMode.STRETCH, MEAN, STD)
    plain = to_network([np.ascontiguousarray(turned(image))], preprocess)
    torch.testing.assert_close(to_network([turned(image)], preprocess), plain, atol=0, rtol=0)
