"""The order of a reading pass: random, seeded, with repeats far apart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.domain.readings import Reading, reading_distance, reading_order
from core.domain.samples import SampleState


@given(st.integers(1, 300), st.floats(0, 0.5), st.integers(0, 1000))
def test_every_image_comes_once_and_each_repeat_at_least_a_third_later(n, repeats, seed):
    order, repeated, gap = reading_order(n, repeats, seed)
    assert sorted(order[~repeated].tolist()) == list(range(n))
    assert gap == max(1, n // 3)
    assert repeated.sum() == (max(1, round(n * repeats)) if repeats > 0 and n >= 3 else 0)
    for place in np.flatnonzero(repeated):
        [first] = np.flatnonzero((order == order[place]) & ~repeated)
        assert place - first > gap


def test_the_order_is_that_of_the_seed_and_random():
    one, same, other = (reading_order(100, 0.1, seed)[0] for seed in (7, 7, 8))
    assert one.tolist() == same.tolist() != other.tolist()
    assert one.tolist() != sorted(one.tolist())


def reading(*label_ids, state=SampleState.NONE):
    return Reading(1, 0, 1, False, label_ids, state, "", "2026-01-01")


def test_readings_are_as_far_apart_as_what_they_do_not_share():
    assert reading_distance(reading(1), reading(1)) == 0
    assert reading_distance(reading(1), reading(2)) == 1
    assert reading_distance(reading(1, 2), reading(2, 3)) == 1 - 1 / 3
    assert reading_distance(reading(), reading()) == 0
    assert reading_distance(reading(1), reading(state=SampleState.UNGRADABLE)) == 0.5
    assert reading_distance(reading(state=SampleState.UNCERTAIN), reading(state=SampleState.UNCERTAIN)) == 0
