import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.evaluation.bootstrap import (
    basic_interval,
    compress,
    draws,
    expanded_tail,
    mean_of_shares,
    percentile_interval,
    perfect_bound,
    share_interval,
    student_quantile,
)


@given(st.integers(1, 40), st.integers(0, 100))
def test_each_resample_draws_as_many_groups_as_there_are(n_groups: int, seed: int) -> None:
    drawn = list(draws(n_groups, 5, seed))

    assert len(drawn) == 5
    assert all(times.shape == (n_groups,) and times.sum() == n_groups for times in drawn)


def test_the_same_seed_draws_the_same_groups() -> None:
    assert np.array_equal(list(draws(30, 4, 1)), list(draws(30, 4, 1)))
    assert not np.array_equal(list(draws(30, 4, 1)), list(draws(30, 4, 2)))


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 20, 363, 50_000])
def test_students_quantile_is_right(freedom: int) -> None:
    assert student_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=2e-3)


def test_tails_move_out_for_few_groups_and_not_for_many() -> None:
    assert expanded_tail(5) < expanded_tail(20) < expanded_tail(100_000)
    assert expanded_tail(100_000) == pytest.approx(0.025, rel=1e-3)


def test_an_interval_that_rests_on_one_group_is_unknown() -> None:
    metric = percentile_interval(0.9, [0.9, 0.9], 1)

    assert metric.value == 0.9 and np.isnan(metric.low) and np.isnan(metric.high)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 1), st.integers(2, 50))
def test_every_interval_holds_its_value(resampled: list[float], value: float, n_groups: int) -> None:
    for interval in (percentile_interval, basic_interval, share_interval):
        metric = interval(value, resampled, n_groups)
        assert 0 <= metric.low <= metric.value <= metric.high


def test_a_share_without_an_error_is_not_claimed_for_certain() -> None:
    metric = share_interval(1.0, np.ones(100), 30)

    assert metric.high == 1.0
    assert metric.low == pytest.approx(stats.beta.ppf(0.025, 30, 1)) == pytest.approx(perfect_bound(30))
    assert share_interval(0.0, np.zeros(100), 30).high == pytest.approx(1 - metric.low)


def test_one_error_never_promises_more_than_none() -> None:
    groups, drawn = 56, np.random.default_rng(0)
    flawless = share_interval(1.0, np.ones(1000), groups)
    shares = 1 - drawn.binomial(groups, 1 / groups, 1000) / groups
    flawed = share_interval(1 - 1 / groups, shares, groups)

    assert flawed.low <= flawless.low < flawed.value < flawed.high
    assert share_interval(1 / groups, 1 - shares, groups).high >= 1 - flawless.low
    mean = mean_of_shares(percentile_interval(1 - 1 / groups, shares, groups), [groups, groups])
    assert mean.low <= mean_of_shares(percentile_interval(1.0, np.ones(9), groups), [groups, groups]).low < 1


def test_resamples_without_the_label_are_left_aside() -> None:
    assert percentile_interval(0.5, [0.4, np.nan, 0.6], 40) == percentile_interval(0.5, [0.4, 0.6], 40)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-9, 9)), max_size=30))
def test_compressing_keeps_the_sum_of_each_key(pairs: list[tuple[int, int]]) -> None:
    keys = np.array([key for key, _ in pairs], np.int64)
    values = np.array([value for _, value in pairs], np.float64)
    distinct, sums = compress(keys, values)

    assert distinct.tolist() == sorted(set(keys.tolist()))
    assert sums.tolist() == [values[keys == key].sum() for key in distinct]
