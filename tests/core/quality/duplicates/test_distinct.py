from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.progress import Progress
from core.quality.duplicates.distinct import Distinct, extent
from core.quality.duplicates.search import Duplicates, search_duplicates
from core.quality.duplicates.verify import Match, picture
from tests.core.quality.duplicates.scenes import jpeg


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


def match(z: float, *, shift: float = 0.0, turn: float = 0.0, covered: float = 1.0, repeats: float = 0.0) -> Match:
    """Return two pictures that share z of each band, the one laid over the other with a turn (radians) and a shift."""
    laid = np.array([[np.cos(turn), -np.sin(turn), shift], [np.sin(turn), np.cos(turn), 0]], np.float32)
    return Match(0, 1, laid, 0.99, (z, z + 0.3, z + 0.6), covered, covered, 1.0, 0.0, repeats=repeats)


def look_alikes(middle: float, count: int = 400) -> list[Match]:
    random = np.random.default_rng(1)
    return [match(z, shift=0.3, covered=0.85) for z in random.normal(middle, 0.2, count)]


def certainty(distinct: Distinct, one: Match) -> float:
    return distinct.judged([one])[0].certainty


def test_where_look_alikes_share_more_a_pair_has_to_share_more():
    easy, strict = Distinct(look_alikes(0.2), 1000), Distinct(look_alikes(1.0), 1000)
    assert certainty(easy, match(1.2)) > 0.5 > certainty(strict, match(1.2))
    assert certainty(strict, match(2.4)) > 0.5


def test_copies_among_the_look_alikes_do_not_pass_for_them():
    copies = [match(z) for z in np.random.default_rng(2).normal(2.2, 0.3, 300)]
    mixed = Distinct([*look_alikes(0.2, 500), *copies], 1000)
    assert mixed.look_alikes.middle[0] < 0.5
    assert certainty(mixed, match(1.8)) > 0.5


def test_the_more_pairs_are_compared_the_more_one_has_to_share():
    few, many = (Distinct(look_alikes(0.2), count).look_alikes.limit for count in (1_000, 1_000_000))
    assert few < many < few + 1


def test_how_one_lies_on_the_other_tells_for_and_against_a_pair():
    distinct = Distinct(look_alikes(0.2), 1000)
    exact, turned = certainty(distinct, match(0.8)), certainty(distinct, match(0.8, turn=0.5))
    overlapping = certainty(distinct, match(0.8, shift=0.2, covered=0.9))
    assert exact > turned > overlapping


def test_what_repeats_itself_has_to_share_more():
    distinct = Distinct(look_alikes(0.2), 1000)
    assert certainty(distinct, match(1.0)) > 0.5 > certainty(distinct, match(1.0, repeats=0.95))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_few_images_are_answered(count: int):
    distinct = Distinct(look_alikes(0.2, count), count)
    assert distinct.judged([]) == []
    assert 0 <= certainty(distinct, match(2.0)) <= 1


def test_how_two_images_lie_is_told():
    assert extent(match(1.0)) == "same"
    assert extent(match(1.0, turn=np.pi / 2)) == "same"
    assert extent(match(1.0, turn=0.2, covered=0.9)) == "turned"
    assert extent(match(1.0, shift=0.1)) == "inside"
    assert extent(match(1.0, shift=0.03, covered=0.97)) == "apart"


def test_copies_of_a_file_are_surer_than_what_was_cut_out_again():
    distinct = Distinct(look_alikes(0.2), 1000)
    ways = [match(1.6), match(1.6, turn=0.2, covered=0.9), match(1.6, shift=0.1), match(1.6, shift=0.03, covered=0.97)]
    same, turned, inside, apart = (one.copied for one in distinct.judged(ways))
    assert 1 > same > turned > inside > 0.5 > apart > 0
    less = distinct.judged([match(1.2)])[0].copied
    assert 0.5 < less < same - 0.001
