"""Golden samples come back pixel for pixel, and hostile arrays do not get in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.images.decode import decode
from core.kit import golden
from core.kit.layout import EXPECTED, GOLDEN
from tests.support.kits import picture


def test_a_golden_image_is_lossless(tmp_path):
    for index, seed in enumerate(range(5)):
        image = picture(seed)
        golden.write_golden_image(tmp_path, index, image)
        assert np.array_equal(decode(tmp_path / golden.golden_name(index)), image)


@given(height=st.integers(1, 3000), width=st.integers(1, 3000))
def test_a_crop_is_small_and_keeps_the_shape(height, width):
    image = np.broadcast_to(np.zeros((), np.uint8), (height, width, 3))
    crop = golden.golden_crop(image)
    rows, columns = crop.shape[:2]
    assert 1 <= rows <= height
    assert 1 <= columns <= width
    assert rows * columns <= golden.MAX_PIXELS
    if height * width <= golden.MAX_PIXELS:
        assert crop is image
    elif min(rows, columns) > 20:
        assert rows / columns == pytest.approx(height / width, rel=0.1)


def test_a_line_longer_than_all_the_pixels_is_cropped_too():
    assert golden.golden_crop(np.zeros((1, 200_000, 3), np.uint8)).shape == (1, golden.MAX_PIXELS, 3)


def test_expected_answers_read_back(tmp_path):
    (tmp_path / GOLDEN).mkdir()
    logits = np.arange(6, dtype=np.float32).reshape(2, 3)
    golden.write_expected(tmp_path, ["golden/0000.png", "golden/0001.png"], logits, logits / 10)
    found = golden.read_golden(tmp_path, 3)
    assert found.names == ("golden/0000.png", "golden/0001.png")
    assert np.array_equal(found.logits, logits)
    assert np.array_equal(found.probabilities, logits / np.float32(10))


@pytest.mark.parametrize(
    "names",
    [
        ["../secret.png", "golden/0001.png"],
        ["golden/../../x.png", "golden/0001.png"],
        ["/etc/x.png", "golden/0001.png"],
        ["golden\\..\\x.png", "golden/0001.png"],
        ["golden/0001.txt", "golden/0001.png"],
        ["golden/0001.png"],
    ],
)
def test_names_outside_the_golden_folder_and_wrong_counts_are_refused(tmp_path, names):
    (tmp_path / GOLDEN).mkdir()
    answers = np.zeros((2, 3), np.float32)
    golden.write_expected(tmp_path, names, answers, answers)
    with pytest.raises(UserError) as caught:
        golden.read_golden(tmp_path, 3)
    assert caught.value.code == "kit_damaged"


def test_pickled_and_broken_arrays_are_refused(tmp_path):
    (tmp_path / GOLDEN).mkdir()
    path = tmp_path / EXPECTED
    answers = np.zeros((1, 3), np.float32)
    np.savez(path, files=np.array(["golden/0000.png", {}], object), logits=answers, probabilities=answers)
    pickled = path.read_bytes()
    golden.write_expected(tmp_path, ["golden/0000.png"], answers, answers)
    whole = path.read_bytes()
    for content in (pickled, whole[:-30], whole[:40], b"", b"PK\x03\x04 nothing"):
        path.write_bytes(content)
        with pytest.raises(UserError) as caught:
            golden.read_golden(tmp_path, 3)
        assert caught.value.code == "kit_damaged"
    path.write_bytes(whole)
    with pytest.raises(UserError):
        golden.read_golden(tmp_path, 4)
