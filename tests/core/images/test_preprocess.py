from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.images.intensity import Window
from core.images.preprocess import Box, Preprocess, ResizeMode

HALVES = (0.5, 0.5, 0.5)

preprocesses = st.builds(
    Preprocess,
    size=st.integers(1, 512),
    resize=st.sampled_from(ResizeMode),
    mean=st.tuples(*[st.floats(0, 1)] * 3),
    std=st.tuples(*[st.floats(0.01, 10)] * 3),
    window=st.none() | st.tuples(st.integers(0, 1000), st.integers(1001, 65535)).map(lambda ends: Window(*ends)),
)


@given(preprocesses)
def test_it_survives_json(preprocess):
    assert Preprocess.from_json(json.loads(json.dumps(preprocess.to_json()))) == preprocess


@pytest.mark.parametrize(
    ("mode", "box"),
    [
        (ResizeMode.STRETCH, Box(0, 0, 5, 8)),
        (ResizeMode.CROP, Box(0, 1, 5, 5)),
        (ResizeMode.PAD, Box(-1, 0, 8, 8)),
        (ResizeMode.NATIVE, Box(0, 2, 4, 4)),
    ],
)
def test_the_odd_row_or_column_is_left_over_at_the_end(mode, box):
    assert Preprocess(4, mode, HALVES, HALVES).box(5, 8) == box


def test_native_scale_crops_and_pads_in_one():
    assert Preprocess(7, ResizeMode.NATIVE, HALVES, HALVES).box(4, 10) == Box(-1, 1, 7, 7)


@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(ResizeMode), st.integers(1, 300))
def test_a_box_is_centred(height, width, mode, size):
    box = Preprocess(size, mode, HALVES, HALVES).box(height, width)
    assert abs((box.top + box.height / 2) - height / 2) <= 0.5
    assert abs((box.left + box.width / 2) - width / 2) <= 0.5
    assert mode is ResizeMode.STRETCH or box.height == box.width


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 0},
        {"size": 10**9},
        {"resize": "sideways"},
        {"mean": [0.5, 0.5]},
        {"mean": [0, 0, 2]},
        {"std": [0, 1, 1]},
        {"std": ["a", 1, 1]},
        {"std": [1, 1, math.nan]},
        {"window": [5, 5]},
        {"window": [1]},
        {"window": "no"},
        {"mean": None},
    ],
)
def test_values_of_a_stranger_that_make_no_sense_are_refused(changes):
    good = Preprocess(32, ResizeMode.PAD, HALVES, HALVES).to_json()
    with pytest.raises(UserError) as caught:
        Preprocess.from_json(good | changes)
    assert caught.value.code in ("preprocess_invalid", "window_invalid")
    assert caught.value.message
