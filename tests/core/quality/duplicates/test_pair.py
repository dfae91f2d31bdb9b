from __future__ import annotations

import numpy as np
import pytest

from core.quality.duplicates.pair import aligned_pair
from tests.core.quality.duplicates.scenes import jpeg, rotated, scene

SCENE = scene(3, 80, 110)


@pytest.mark.parametrize(
    "other", [np.rot90(SCENE), SCENE[:, ::-1], jpeg(SCENE, 60), rotated(SCENE, 7), SCENE[6:76, 8:105]]
)
def test_two_images_of_the_same_are_laid_over_one_another(other):
    for a, b in ((SCENE, other), (other, SCENE)):
        pair = aligned_pair(a, b)
        assert pair.relation is not None
        assert pair.first.shape == pair.second.shape == pair.difference.shape
        middle = pair.difference[25:-25, 25:-25].astype(float) - 128
        assert np.abs(middle).mean() < 4


def test_what_differs_is_seen_in_the_difference():
    marked = SCENE.copy()
    marked[36:44, 50:60] = 30
    pair = aligned_pair(SCENE, np.ascontiguousarray(marked[:, ::-1]))
    assert "mirrored" in pair.relation.words()
    assert pair.difference[38:42, 52:58].mean() > 200
    swapped = aligned_pair(np.ascontiguousarray(marked[:, ::-1]), SCENE)
    assert swapped.difference[38:42, 52:58].mean() < 60


def test_images_of_different_things_are_only_brought_to_one_size():
    pair = aligned_pair(SCENE, scene(4))
    assert pair.relation is None
    assert pair.first.shape == pair.second.shape


def test_images_alike_at_a_glance_and_different_in_detail_are_only_brought_to_one_size():
    pair = aligned_pair(disc(4), disc(5))
    assert pair.relation is None
    assert pair.first.shape == pair.second.shape


def disc(seed):
    """Return one dark disc of some noise on a light ground: two of these agree until they are looked at closely."""
    random, (y, x) = np.random.default_rng(seed), np.mgrid[0:96, 0:96]
    (top, left), radius = random.integers(30, 66, 2), random.integers(12, 29)
    inside = (y - top) ** 2 + (x - left) ** 2 < radius**2
    pixels = np.where(inside[..., None], random.integers(60, 200, 3), random.integers(205, 245, 3))
    return np.clip(pixels + random.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8)
