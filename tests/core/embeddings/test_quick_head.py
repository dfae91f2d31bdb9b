from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.domain.task import Task
from core.embeddings.quick_head import fit_quick_head, group_folds, out_of_fold_logits

K = 3


@pytest.fixture(scope="module")
def data() -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Features (300, 20) on odd scales, labels, and 60 groups."""
    random = np.random.default_rng(5)
    y = random.integers(0, K, 300)
    centres = random.normal(size=(K, 20))
    features = (centres[y] + random.normal(size=(300, 20)) * 1.5) * random.uniform(0.5, 2, 20) + 7
    return features.astype(np.float32), y, np.arange(300) // 5


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    out: NDArray[np.float32] = shifted / shifted.sum(1, keepdims=True)
    return out


def test_the_unit_and_the_origin_of_the_features_do_not_matter(data) -> None:
    features, y, _ = data
    moved = features * 50 - 300
    first, second = fit_quick_head(features, y, K), fit_quick_head(moved, y, K)
    np.testing.assert_allclose(softmax(first.logits(features)), softmax(second.logits(moved)), atol=2e-3)


def test_features_that_hardly_change_hardly_count(data) -> None:
    features, y, _ = data
    noise = np.random.default_rng(0).normal(size=(300, 20)).astype(np.float32) * 1e-3
    with_noise = np.concatenate([features, noise], axis=1)
    # a weaker penalty: the scale that is common to all has become smaller by the root of two
    head = fit_quick_head(with_noise, y, K)
    plain = fit_quick_head(features, y, K)
    np.testing.assert_allclose(softmax(head.logits(with_noise)), softmax(plain.logits(features)), atol=0.1)


def test_the_same_data_give_the_same_head_to_the_bit(data) -> None:
    features, y, _ = data
    first, again = fit_quick_head(features, y, K), fit_quick_head(features.copy(), y, K)
    assert np.array_equal(first.weight, again.weight)
    assert np.array_equal(first.bias, again.bias)
    assert first.gradient <= 1e-5


def test_a_feature_that_never_changes_is_left_out(data) -> None:
    features, y, _ = data
    constant = np.concatenate([features, np.full((300, 1), 4.2, np.float32)], axis=1)
    head = fit_quick_head(constant, y, K)
    assert np.isfinite(head.weight).all()
    assert np.abs(head.weight[:, -1]).max() < 1e-3


def test_the_caller_keeps_the_features_as_they_were(data) -> None:
    features, y, _ = data
    before = features.copy()
    fit_quick_head(features, y, K)
    assert np.array_equal(features, before)


def test_a_class_weight_is_worth_as_many_copies(data) -> None:
    features, y, _ = data
    weighted = fit_quick_head(features, y, K, class_weights=np.array([3, 1, 1], np.float32), l2=1e-2)
    rows = np.concatenate([np.arange(300), *[np.flatnonzero(y == 0)] * 2])
    # the copies shift the mean and the spread that features are scaled with, and so the penalty, a little
    copied = fit_quick_head(features[rows], y[rows], K, l2=1e-2)
    apart = np.abs(softmax(weighted.logits(features)) - softmax(copied.logits(features)))
    unweighted = np.abs(
        softmax(fit_quick_head(features, y, K, l2=1e-2).logits(features)) - softmax(copied.logits(features))
    )
    assert apart.mean() < 0.25 * unweighted.mean()


def test_smoothed_targets_keep_the_head_from_certainty(data) -> None:
    features, y, _ = data
    sharp, smooth = (fit_quick_head(features, y, K, label_smoothing=s, l2=1e-4) for s in (0.0, 0.3))
    assert softmax(smooth.logits(features)).max() < softmax(sharp.logits(features)).max()
    assert np.mean(softmax(smooth.logits(features)).max(1)) < 0.9


def test_a_label_without_samples_gets_a_low_probability(data) -> None:
    features, y, _ = data
    head = fit_quick_head(features, y, K + 1)
    assert head.weight.shape == (K + 1, 20)
    assert softmax(head.logits(features))[:, K].max() < 0.05


def test_no_sample_is_judged_by_a_head_that_has_seen_its_fold(data) -> None:
    features, y, groups = data
    folds = group_folds(groups, y, 4)
    logits = out_of_fold_logits(features, y, K, folds)
    # whatever the labels of a fold are turned into, its own predictions stay
    turned = np.where(folds == 2, (y + 1) % K, y)
    again = out_of_fold_logits(features, turned, K, folds)
    np.testing.assert_allclose(logits[folds == 2], again[folds == 2], atol=1e-4)
    assert not np.allclose(logits[folds != 2], again[folds != 2], atol=1e-2)


def test_out_of_fold_predictions_are_those_of_heads_fitted_one_by_one(data) -> None:
    features, y, groups = data
    folds = group_folds(groups, y, 3)
    logits = out_of_fold_logits(features, y, K, folds)
    for fold in range(3):
        held_out = folds == fold
        head = fit_quick_head(features[~held_out], y[~held_out], K)
        # alone, the scaling is of the fold's own samples
        np.testing.assert_allclose(softmax(head.logits(features[held_out])), softmax(logits[held_out]), atol=0.05)


def test_one_fold_is_not_enough(data) -> None:
    features, y, _ = data
    with pytest.raises(ValueError, match="two folds"):
        out_of_fold_logits(features, y, K, np.zeros(300, dtype=np.int64))


def test_weights_that_leave_no_sample_are_refused(data) -> None:
    features, y, _ = data
    with pytest.raises(ValueError, match="weighs nothing"):
        fit_quick_head(features, y, K, class_weights=np.zeros(K, np.float32))


@given(
    groups=st.lists(st.integers(-5, 20), min_size=1, max_size=80),
    n_folds=st.integers(2, 6),
    seed=st.integers(0, 3),
    data=st.data(),
)
def test_folds_keep_groups_whole(groups: list[int], n_folds: int, seed: int, data: st.DataObject) -> None:
    y = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(groups), max_size=len(groups))))
    codes = np.array(groups)
    folds = group_folds(codes, y, n_folds, seed)
    assert folds.min() >= 0
    assert folds.max() < n_folds
    assert all(len(set(folds[codes == group])) == 1 for group in set(groups))
    assert len(set(folds)) == min(n_folds, len(set(groups)))
    assert np.array_equal(folds, group_folds(codes, y, n_folds, seed))


def test_folds_hold_alike_numbers_of_every_label() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(200), random.integers(1, 20, 200))
    y = np.where(random.random(len(groups)) < 0.1, 1, 0)
    folds = group_folds(groups, y, 5)
    counts = np.array([[np.sum((folds == fold) & (y == label)) for label in (0, 1)] for fold in range(5)])
    assert np.ptp(counts[:, 0]) <= 0.1 * counts[:, 0].mean()
    assert np.ptp(counts[:, 1]) <= 0.25 * counts[:, 1].mean()


def test_features_that_never_change_at_all_leave_the_label_shares() -> None:
    y = np.array([0, 0, 0, 1])
    head = fit_quick_head(np.ones((4, 5), np.float32), y, 2)
    np.testing.assert_allclose(softmax(head.logits(np.ones((1, 5), np.float32)))[0], [0.75, 0.25], atol=1e-3)


def test_many_labels_are_each_fitted_as_one_against_the_rest(data) -> None:
    from sklearn.linear_model import LogisticRegression

    features, y, groups = data
    many = np.stack([y == 0, y > 0, np.random.default_rng(0).random(len(y)) < 0.2], axis=1)
    head = fit_quick_head(features, many, K, task=Task.MULTI, l2=1e-2)
    scaled = (features - features.mean(0)) / (features.std(0) + np.sqrt(np.square(features.std(0)).mean()))
    for k in range(K):
        expected = LogisticRegression(C=1 / (1e-2 * len(y)), tol=1e-8, max_iter=2000).fit(scaled, many[:, k])
        np.testing.assert_allclose(head.logits(features)[:, k], expected.decision_function(scaled), atol=0.02)
    folds = group_folds(groups, many, 5)
    logits = out_of_fold_logits(features, many, K, folds, task=Task.MULTI)
    assert ((logits > 0) == many)[:, :2].mean() > 0.75


def test_a_label_whose_presence_counts_more_is_given_more_often(data) -> None:
    features, y, _ = data
    rare = (np.random.default_rng(0).random((len(y), 1)) < 0.1) & (y == 0)[:, None]
    plain = fit_quick_head(features, rare, 1, task=Task.MULTI)
    weighed = fit_quick_head(features, rare, 1, task=Task.MULTI, class_weights=np.array([9.0], np.float32))
    assert (weighed.logits(features) > 0).sum() > (plain.logits(features) > 0).sum()
