"""Agreement of readers: the same numbers as the packages people cite, and sense where there is nothing to measure."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from core.errors import BugError
from core.evaluation.agreement import (
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    label_agreements,
    raw_agreement,
)
from core.evaluation.pairs import pairs_among

QUICK = 40  # resamples, where the interval is not looked at


def readings(seed=0, n=150, readers=3, k=4, skill=0.7):
    """Return (N, R) readings of readers who are right with a chance of `skill` and else guess."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, k, n)
    return np.stack(
        [np.where(generator.random(n) < skill, truth, generator.integers(0, k, n)) for _ in range(readers)], axis=1
    )


def with_gaps(ratings, share, seed=1):
    generator = np.random.default_rng(seed)
    return np.where(generator.random(ratings.shape) < share, -1, ratings)


@pytest.mark.parametrize(("ours", "theirs"), [("none", None), ("linear", "linear"), ("quadratic", "quadratic")])
@pytest.mark.parametrize("seed", range(3))
def test_cohens_kappa_is_that_of_scikit_learn_weighted_or_not(ours, theirs, seed):
    one, two = readings(seed, readers=2).T
    found = cohen_kappa(one, two, n_labels=4, weights=ours, resamples=QUICK)
    assert found.metric.value == pytest.approx(cohen_kappa_score(one, two, weights=theirs, labels=range(4)), abs=1e-12)


@pytest.mark.parametrize("readers", [2, 3, 6])
def test_fleiss_kappa_is_that_of_statsmodels(readers):
    ratings = readings(readers, readers=readers)
    found = fleiss_kappa(ratings, n_labels=4, resamples=QUICK)
    assert found.metric.value == pytest.approx(statsmodels_fleiss(aggregate_raters(ratings, 4)[0]), abs=1e-12)


@pytest.mark.parametrize("level", ["nominal", "ordinal"])
@pytest.mark.parametrize("gaps", [0.0, 0.3, 0.6])
def test_krippendorffs_alpha_is_that_of_the_package_with_missing_readings_too(level, gaps):
    ratings = with_gaps(readings(5, readers=4), gaps)
    theirs = krippendorff.alpha(
        np.where(ratings < 0, np.nan, ratings).T, level_of_measurement=level, value_domain=list(range(4))
    )
    found = krippendorff_alpha(ratings, n_labels=4, level=level, resamples=QUICK)
    assert found.metric.value == pytest.approx(theirs, abs=1e-12)


@given(st.integers(0, 10_000), st.integers(2, 5), st.floats(0, 0.8))
def test_alpha_and_the_package_agree_on_whatever_readings(seed, readers, gaps):
    ratings = with_gaps(readings(seed, n=20, readers=readers, k=3), gaps, seed)
    found = krippendorff_alpha(ratings, n_labels=3, resamples=0)
    if found.why:
        return
    theirs = krippendorff.alpha(
        np.where(ratings < 0, np.nan, ratings).T, level_of_measurement="nominal", value_domain=[0, 1, 2]
    )
    assert found.metric.value == pytest.approx(theirs, abs=1e-9)


def test_fleiss_kappa_leaves_out_images_with_one_reading():
    ratings = readings(readers=3)
    alone = np.concatenate([ratings, np.tile([0, -1, -1], (50, 1))])
    whole, more = (fleiss_kappa(r, n_labels=4, resamples=QUICK) for r in (ratings, alone))
    assert more.metric == whole.metric
    assert more.images == whole.images == 150


def test_the_agreement_on_a_label_is_the_share_of_the_other_readings_that_gave_it():
    ratings = np.array([[0, 0], [0, 1], [1, 1], [1, 1]])
    first, second = label_agreements(ratings, n_labels=2, resamples=QUICK)
    assert first.agreement.metric.value == pytest.approx(2 / 3)
    assert second.agreement.metric.value == pytest.approx(4 / 5)


def test_with_two_labels_the_kappa_of_each_is_fleiss_kappa():
    ratings = readings(k=2)
    whole = fleiss_kappa(ratings, n_labels=2, resamples=QUICK)
    for row in label_agreements(ratings, n_labels=2, resamples=QUICK):
        assert row.kappa.metric.value == pytest.approx(whole.metric.value, abs=1e-12)


def test_many_labels_an_image_are_added_up_before_they_are_compared_with_chance():
    generator = np.random.default_rng(3)
    first = (generator.random((80, 3)) < 0.4).astype(int)
    second = np.where(generator.random((80, 3)) < 0.8, first, 1 - first)
    kappa = cohen_kappa(first, second, n_labels=2, resamples=QUICK)
    apart = (first != second).mean(axis=0)
    shares = first.mean(axis=0), second.mean(axis=0)
    chance = shares[0] * (1 - shares[1]) + shares[1] * (1 - shares[0])
    assert kappa.metric.value == pytest.approx(1 - apart.sum() / chance.sum())
    ratings = np.stack([first, second], axis=1)
    rows = label_agreements(ratings, n_labels=2, resamples=QUICK)
    assert [row.label for row in rows] == [0, 1, 2]
    assert rows[1].kappa.metric.value == pytest.approx(fleiss_kappa(ratings[..., 1], n_labels=2).metric.value)


def test_a_label_that_is_hardly_ever_given_hardly_moves_the_agreement():
    first = (np.random.default_rng(4).random((200, 2)) < 0.5).astype(int)
    second = first.copy()
    first[0, 1], first[1:, 1], second[:, 1] = 1, 0, 0
    found = krippendorff_alpha(np.stack([first, second], axis=1), n_labels=2).metric
    assert found.value > 0.98
    assert found.low <= found.value <= found.high


def test_one_label_only_has_no_kappa_but_full_agreement():
    ratings = np.zeros((12, 3), int)
    for measure in (fleiss_kappa, krippendorff_alpha):
        found = measure(ratings, n_labels=3, resamples=QUICK)
        assert np.isnan(found.metric.value)
        assert found.why == "one_label"
    assert cohen_kappa(ratings[:, 0], ratings[:, 1], n_labels=3, resamples=QUICK).why == "one_label"
    raw = raw_agreement(ratings, n_labels=3, resamples=QUICK)
    assert raw.metric.value == 1.0
    assert 0.7 < raw.metric.low < 1.0


def test_readers_who_share_no_image_have_nothing_to_agree_on():
    ratings = np.array([[0, -1], [1, -1], [-1, 0], [-1, 1]])
    for measure in (fleiss_kappa, krippendorff_alpha, raw_agreement):
        found = measure(ratings, n_labels=2, resamples=QUICK)
        assert np.isnan(found.metric.value)
        assert (found.why, found.images) == ("no_overlap", 0)
    assert [row.agreement.why for row in label_agreements(ratings, n_labels=2)] == ["no_overlap", "no_overlap"]
    assert raw_agreement(np.zeros((0, 2), int), n_labels=2).why == "no_overlap"


def test_one_group_has_a_value_but_no_interval():
    found = krippendorff_alpha(readings(), np.zeros(150), n_labels=4, resamples=QUICK)
    assert 0 < found.metric.value < 1
    assert np.isnan(found.metric.low)
    assert found.groups == 1


def test_groups_that_agree_within_make_the_interval_wider():
    one, two = readings(readers=2, n=40).T
    alone = cohen_kappa(one, two, np.arange(40), n_labels=4).metric
    tenfold = (np.repeat(values, 10) for values in (one, two))
    grouped = cohen_kappa(*tenfold, np.repeat(np.arange(40), 10), n_labels=4).metric
    assert grouped.value == pytest.approx(alone.value)
    assert grouped.high - grouped.low == pytest.approx(alone.high - alone.low, rel=0.02)
    assert alone.low < alone.value < alone.high


def test_full_agreement_of_few_claims_less_than_that_of_many():
    few, many = (np.repeat(np.arange(n)[:, None] % 2, 2, axis=1) for n in (10, 400))
    low = [krippendorff_alpha(ratings, n_labels=2).metric for ratings in (few, many)]
    assert [metric.value for metric in low] == [1.0, 1.0]
    assert low[0].low < 0.5 < 0.97 < low[1].low < 1.0


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    truth = cohen_kappa(*readings(99, n=200_000, readers=2).T, n_labels=4, resamples=0).metric.value
    held = 0
    for seed in range(60):
        metric = cohen_kappa(*readings(seed, n=120, readers=2).T, n_labels=4, resamples=200).metric
        held += metric.low <= truth <= metric.high
    assert held >= 53


def test_the_same_seed_gives_the_same_interval():
    ratings = readings()
    one, same, other = (fleiss_kappa(ratings, n_labels=4, resamples=99, seed=seed) for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize("ratings", [np.zeros((3, 2)), np.zeros(3, int), np.full((3, 2), 7), np.full((3, 2), -2)])
def test_impossible_ratings_are_a_bug(ratings):
    with pytest.raises(BugError):
        pairs_among(ratings, None, 4, "image")
