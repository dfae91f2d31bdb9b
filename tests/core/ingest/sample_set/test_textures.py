import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ingest.sample_set.textures import bent, canvas_of, dots, ellipse, inside, layered_noise, noise, scatter

CANVAS = canvas_of(100, 140, 7.0)


@pytest.mark.parametrize("scale_um", [0.2, 0.5, 2.0, 6.0])
def test_noise_has_about_mean_zero_and_deviation_one(scale_um: float) -> None:
    planes = np.stack([noise(np.random.default_rng(seed), CANVAS, scale_um) for seed in range(40)])

    assert planes.shape[1:] == CANVAS.shape and planes.dtype == np.float32
    assert abs(planes.mean()) < 0.15
    assert 0.7 < planes.std() < 1.5


def test_wider_noise_is_smoother() -> None:
    def roughness(scale_um: float) -> float:
        return float(np.abs(np.diff(noise(np.random.default_rng(0), CANVAS, scale_um))).mean())

    assert roughness(0.3) > 2 * roughness(1.2) > 4 * roughness(6.0)


@given(st.integers(1, 50), st.integers(1, 50), st.floats(0.1, 30))
def test_noise_fills_a_canvas_of_any_size(height: int, width: int, scale_um: float) -> None:
    canvas = canvas_of(height, width, 5.0)

    assert layered_noise(np.random.default_rng(0), canvas, scale_um).shape == (height, width)


def test_an_ellipse_has_the_area_of_its_radius_whatever_its_aspect() -> None:
    for aspect in (1.0, 1.5):
        covered = inside(ellipse(CANVAS.x, CANVAS.y, 4.0, aspect, 0.6), 0.05).sum() / 7.0**2
        assert covered == pytest.approx(np.pi * 16, rel=0.02)


def test_dots_lie_where_they_were_put() -> None:
    plane = dots(CANVAS, np.array([[2.0, -3.0]]), np.array([1.0]))
    weight = plane / plane.sum()

    assert float((weight * CANVAS.x).sum()) == pytest.approx(2.0, abs=0.05)
    assert float((weight * CANVAS.y).sum()) == pytest.approx(-3.0, abs=0.05)
    assert float(plane.sum()) / 49 == pytest.approx(np.pi, rel=0.2)


def test_points_are_scattered_only_where_they_are_allowed() -> None:
    left = (CANVAS.x < 0).astype(np.float32)
    points = scatter(np.random.default_rng(0), CANVAS, left, 50, 6.0)

    assert 0 < len(points) <= 50
    assert (points[:, 0] < 0.1).all()


def test_bending_moves_coordinates_a_little() -> None:
    x, _ = bent(np.random.default_rng(0), CANVAS, 0.3, 3.0)

    assert 0.1 < np.abs(x - CANVAS.x).mean() < 0.6
