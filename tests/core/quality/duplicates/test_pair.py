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
