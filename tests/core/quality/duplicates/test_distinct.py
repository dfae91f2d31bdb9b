from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.progress import Progress
from core.quality.duplicates.distinct import Distinct
from core.quality.duplicates.search import Duplicates, search_duplicates
from core.quality.duplicates.verify import picture
from tests.core.quality.duplicates.scenes import jpeg, scene


def trousers(seed: int) -> NDArray[np.uint8]:
    """Return a garment on black, 28 pixels, much like any other: two legs, a faint fold and grain of its own."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:28, 0:28].astype(float)
    half, gap = 6 + random.normal(0, 0.5), 8 + random.normal(0, 1.0)
    slope = random.normal(0.06, 0.02)
    outer = np.clip(half + 0.5 - np.abs(x - 13.5) + slope * (14 - y), 0, 1)
    inner = np.clip(np.abs(x - 13.5) - slope * (y - gap) * (y > gap) - 0.8 * (y > gap), 0, 1)
    inside = outer * np.where(y > gap, inner, 1.0) * ((y >= 2) & (y < 26))
    fold = 12 * np.sin(x * random.uniform(0.5, 1.2) + random.uniform(0, 6)) + 12 * np.sin(y * random.uniform(0.2, 0.9))
    level = random.uniform(170, 230) + fold + random.normal(0, 12, (28, 28))
    return np.repeat(np.clip(inside * level, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


GARMENTS = [trousers(seed) for seed in range(140)]
COPIES = [np.rot90(GARMENTS[3]).copy(), jpeg(GARMENTS[17], 92), GARMENTS[30][:, ::-1].copy()]


@pytest.fixture(scope="module")
def found() -> Duplicates:
    images = [*GARMENTS, *COPIES]
    small = np.stack([picture(image, 32) for image in images])
    keys = [str(row) for row in range(len(images))]
    return search_duplicates(keys, None, small, None, lambda row: images[row], Progress())


def test_silhouettes_of_one_kind_are_no_copies_and_copies_among_them_are_found(found: Duplicates):
    assert found.clusters == [(3, 140), (17, 141), (30, 142)]


def test_a_copy_is_surer_than_a_half(found: Duplicates):
    assert all(0.5 <= match.certainty <= 1 for match in found.matches)


def test_where_look_alikes_agree_more_a_pair_has_to_agree_more():
    random = np.random.default_rng(0)
    alike = np.stack([picture(trousers(seed), 32) for seed in range(120)])
    other = np.stack([picture(scene(seed), 32) for seed in range(120)])
    pairs = np.sort(random.choice(120, (300, 2)), axis=1).astype(np.int64)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    strict, easy = (Distinct(small, pairs, [], Progress()).look_alikes for small in (alike, other))
    assert strict.count > easy.count
    assert strict.certainty(np.array([0.0, 1.0, 5.0])).tolist() == sorted(strict.certainty(np.array([0.0, 1.0, 5.0])))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_few_images_are_answered(count: int):
    small = np.zeros((count, 32, 32), np.uint8)
    assert Distinct(small, np.empty((0, 2), np.int64), [], Progress()).judged([]) == []
