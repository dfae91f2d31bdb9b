"""How measured channels are looked at: alike in every image, each in its colour."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import UserError
from core.images.channels import ChannelMap
from core.images.display import ChannelDisplay, Display, composite, default_display, display_of
from core.images.intensity import Window


def test_a_look_survives_json():
    look = Display((ChannelDisplay(Window(-1.5, 9), "#12ab34", False, "DAPI"),), chosen=True)
    assert Display.from_json(json.loads(json.dumps(look.to_json()))) == look


def test_grey_is_shown_as_grey_through_the_window():
    look = default_display([Window(100, 200)])
    shown = composite(np.array([[50, 100, 150, 300]], np.uint16), look)
    assert shown[0].tolist() == [[0] * 3, [0] * 3, [128] * 3, [255] * 3]


def test_two_images_of_different_brightness_are_shown_so():
    look = default_display([Window(0, 1000)])
    dim, bright = (composite(np.full((2, 2), value, np.uint16), look)[0, 0, 0] for value in (100, 900))
    assert (dim, bright) == (26, 230)


def test_deep_rgb_keeps_its_colours():
    image = np.random.default_rng(0).integers(0, 65536, (5, 5, 3)).astype(np.uint16)
    shown = composite(image, default_display([Window(0, 65535)] * 3))
    assert np.abs(shown - image / 257).max() <= 0.51


def test_channels_add_up_in_their_colours_and_hidden_ones_do_not():
    windows = [Window(0, 1)] * 5
    look = default_display(windows)
    image = np.zeros((1, 5, 5), np.float32)
    image[0, range(5), range(5)] = 1
    shown = composite(image, look)[0]
    assert len({tuple(pixel) for pixel in shown.tolist()}) == 5
    hidden = display_of(ChannelMap(5, "float32", (1,), (Window(0, 1),)))
    assert composite(image, hidden)[0].any(axis=1).tolist() == [False, True, False, False, False]


@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 3)])
def test_an_8_bit_image_among_deeper_ones_is_shown_as_it_is(shape):
    image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    look = default_display([Window(0, 4000)] * (1 if len(shape) == 2 else 3))
    np.testing.assert_array_equal(composite(image, look), image if len(shape) == 3 else np.stack([image] * 3, 2))


def test_an_image_with_fewer_channels_or_with_numbers_that_are_none_is_shown_all_the_same():
    look = default_display([Window(0, 1)] * 4)
    assert composite(np.full((2, 2), np.nan, np.float32), look).max() == 0
    assert composite(np.ones((2, 2, 2), np.float32), look).max() == 255


def test_looks_that_differ_have_keys_that_differ():
    windows = [Window(0, 1), Window(0, 2)]
    looks = [default_display(windows), default_display(windows[:1]), default_display(windows[::-1])]
    assert len({look.key for look in looks}) == 3


@pytest.mark.parametrize("colour", ["red", "#12", "#12345g"])
def test_a_colour_that_is_none_is_refused(colour):
    with pytest.raises(UserError):
        ChannelDisplay(Window(0, 1), colour)
