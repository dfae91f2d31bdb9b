import numpy as np
import pytest

from core.embeddings.kmeans import kmeans
from core.errors import Cancelled
from core.progress import Progress
from tests.support.stopping import StopsAt

CENTRES = np.array([[0, 0], [10, 0], [0, 10]], dtype=np.float32)


def points(count=600):
    rng = np.random.default_rng(2)
    return (CENTRES[np.arange(count) % 3] + rng.normal(0, 0.5, (count, 2))).astype(np.float32)


def test_the_middles_are_where_the_points_are():
    found = kmeans(points(), 3, Progress(), turns=8, per_group=100, seed=1)
    apart = np.linalg.norm(found[:, None] - CENTRES[None], axis=2)
    assert sorted(apart.argmin(1).tolist()) == [0, 1, 2]
    assert apart.min(1).max() < 0.3


def test_equal_points_give_equal_middles():
    one, other = (kmeans(points(), 3, Progress(), turns=4, per_group=50, seed=1) for _ in range(2))
    assert np.array_equal(one, other)


def test_spherical_middles_have_length_one():
    found = kmeans(points() + 1, 3, Progress(), turns=4, per_group=100, seed=1, spherical=True)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_it_stops_between_two_turns():
    token = StopsAt(3)
    with pytest.raises(Cancelled):
        kmeans(points(), 3, Progress(token=token), turns=50, per_group=100, seed=1)
    assert token.asked == 3
