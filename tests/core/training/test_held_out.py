import numpy as np
import pytest

from core.errors import Cancelled
from core.images.network_input import to_network
from core.images.preprocess import Preprocess, ResizeMode
from core.progress import CancelToken, Progress
from core.training.held_out import held_out_inputs

HALF = (0.5, 0.5, 0.5)
PREPROCESS = Preprocess(24, ResizeMode.STRETCH, HALF, HALF)


def pictures(count):
    rng = np.random.default_rng(7)
    return [rng.integers(0, 256, (20 + row % 9, 30, 3), np.uint8) for row in range(count)]


def make(folder, images, *, keys=None, preprocess=PREPROCESS, progress=None):
    keys = keys or [f"{row:032x}" for row in range(len(images))]
    return held_out_inputs(folder, keys, images.__getitem__, preprocess, progress or Progress(), 2)


def test_inputs_are_those_of_the_network_to_a_tenth_of_a_grey_level(tmp_path):
    images = pictures(70)
    inputs = make(tmp_path, images)
    assert inputs.shape == (70, 3, 24, 24)
    exact = to_network(images, PREPROCESS).numpy()
    assert np.abs(inputs.astype(np.float32) - exact).max() < 0.1 / 255 / 0.5


def test_they_are_made_once(tmp_path):
    images = pictures(5)
    make(tmp_path, images)
    again = make(tmp_path, [], keys=[f"{row:032x}" for row in range(5)])
    assert again.shape[0] == 5


def test_other_images_or_another_preprocess_make_others(tmp_path):
    images = pictures(3)
    first = make(tmp_path, images)
    other = make(tmp_path, images, preprocess=Preprocess(24, ResizeMode.CROP, HALF, HALF))
    assert not np.array_equal(first, other)
    assert len(list(tmp_path.iterdir())) == 2


def test_only_the_latest_few_are_kept(tmp_path):
    images = pictures(2)
    for size in (8, 9, 10, 11, 12):
        make(tmp_path, images, preprocess=Preprocess(size, ResizeMode.STRETCH, HALF, HALF))
    assert len(list(tmp_path.iterdir())) == 3


def test_cancelling_leaves_nothing(tmp_path):
    token = CancelToken()
    images = pictures(70)

    def read(row):
        token.cancel()
        return images[row]

    with pytest.raises(Cancelled):
        held_out_inputs(tmp_path, [str(row) for row in range(70)], read, PREPROCESS, Progress(token=token), 2)
    assert list(tmp_path.iterdir()) == []
