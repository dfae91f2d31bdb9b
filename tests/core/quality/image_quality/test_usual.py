from __future__ import annotations

import numpy as np
import pytest

from core.quality.image_quality.usual import (
    ODD,
    above,
    apart,
    below,
    centred,
    logit,
    odd_beyond_tail,
    odd_from,
    residual,
)


@pytest.mark.parametrize("draw", ["normal", "laplace", "uniform", "exponential"])
def test_hardly_anything_of_a_set_without_fault_is_odd(draw: str):
    values = getattr(np.random.default_rng(1), draw)(size=20_000)
    for deviations in (above(values), below(values)):
        assert (deviations >= odd_from(deviations)).mean() < 0.01


def test_a_twentieth_of_bad_images_does_not_make_itself_usual():
    values = np.random.default_rng(2).normal(size=1000)
    values[:50] -= 10
    deviations = below(values)
    assert (deviations[:50] > odd_from(deviations)).all()
    assert (deviations[50:] > odd_from(deviations)).mean() < 0.01


def test_labels_that_differ_are_judged_among_themselves_and_others_together():
    random = np.random.default_rng(3)
    labels = np.repeat([0, 1], 200)
    differ = random.normal(size=400) + 20 * labels
    differ[0] = 20  # as bright as the other label
    assert above(centred(differ, labels))[0] > 10
    alike = random.normal(size=400)
    np.testing.assert_array_equal(centred(alike, labels), alike)


def test_what_nobody_sees_is_not_odd():
    values = np.full(100, 5.0)
    values[3] = 5.01
    assert above(values, least_scale=0.1)[3] < 1
    assert above(values)[3] > 3


def test_equal_values_missing_values_and_none_at_all_are_usual():
    assert not apart(np.full(50, 3.0)).any()
    assert not apart(np.array([np.nan, 1.0, np.nan])).any()
    assert apart(np.empty(0)).shape == (0,)
    assert odd_from(np.empty(0)) == ODD
    found = above(np.array([*range(20), np.nan, np.inf], dtype=float))
    assert found[-2] == found[-1] == 0


def test_levels_of_any_type_are_brought_to_one_scale():
    dim = logit(np.array([0.001, 0.002, 0.004]))
    np.testing.assert_allclose(np.diff(dim), np.log(2), rtol=0.01)
    assert np.isfinite(logit(np.array([-1000.0, 40.0, 2000.0]))).all()


def test_a_line_is_fitted_to_the_many_and_not_to_the_odd():
    random = np.random.default_rng(4)
    cause = random.normal(size=(500, 2))
    values = cause @ np.array([2.0, -1.0]) + random.normal(scale=0.1, size=500)
    values[:20] += 5
    left = residual(values, cause)
    assert (left[:20] > 4).all()
    assert np.abs(left[20:]).max() < 1


def test_a_kind_of_image_of_its_own_is_not_odd_but_what_is_beyond_it_is():
    random = np.random.default_rng(5)
    values = np.concatenate([random.normal(size=915), random.normal(8, 1, size=84), [40.0]])
    deviations = above(values)
    assert np.flatnonzero(deviations >= odd_from(deviations)).tolist() == [999]


def test_the_end_of_a_tail_is_not_odd_but_what_stands_apart_or_is_clearly_odd_is():
    tail = np.concatenate([np.linspace(0, 3.6, 100), [3.9, 4.3, 4.9]])
    assert (tail < odd_beyond_tail(tail, 3.7, 5.5)).all()
    apart_from_it = np.array([*tail[:100], 4.6])
    assert odd_beyond_tail(apart_from_it, 3.7, 5.5) == 3.7
    assert odd_beyond_tail(np.array([*tail, 5.6]), 3.7, 5.5) == 3.7
    assert odd_beyond_tail(np.linspace(0, 3, 50), 3.7, 5.5) == odd_beyond_tail(np.empty(0), 3.7, 5.5) == 3.7
