"""The head behind suggestions: what it learns from, how it is kept up to date, and that it is honest about itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.embeddings.suggester import MAX_JUDGED, can_suggest, draw, fit_suggestions, grouped_share, judge
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from tests.core.embeddings.blobs import blobs, one_hot

IDS = np.array([10, 20, 30])


@pytest.mark.parametrize(
    ("y", "enough"), [([0] * 9 + [1], True), ([0] * 8 + [1], False), ([2] * 40, False), ([], False)]
)
def test_ten_labels_of_two_kinds_are_enough(y, enough):
    assert can_suggest(one_hot(np.array(y, dtype=int))) is enough


def test_a_dozen_labels_tell_what_most_others_are():
    features, y = blobs(12)
    others, truth = blobs(300, seed=1)
    head = fit_suggestions(features, one_hot(y), IDS)
    found = head.probabilities(others)
    assert np.allclose(found.sum(1), 1, atol=1e-5)
    assert (found.argmax(1) == truth).mean() > 0.9


def test_a_head_kept_up_to_date_is_the_one_fitted_from_nothing():
    features, y = blobs(200, apart=1.0)
    before = fit_suggestions(features[:190], one_hot(y[:190]), IDS)
    warm = fit_suggestions(features, one_hot(y), IDS, before=before)
    cold = fit_suggestions(features, one_hot(y), IDS)
    assert warm.passes < cold.passes
    np.testing.assert_allclose(warm.probabilities(features), cold.probabilities(features), atol=0.02)


def test_a_label_that_is_new_joins_and_one_that_left_leaves():
    features, y = blobs(90)
    two = y < 2
    before = fit_suggestions(features[two], one_hot(y[two], 2), IDS[[1, 0]])
    head = fit_suggestions(features, one_hot(y), IDS, before=before)
    assert head.label_ids.tolist() == [10, 20, 30]
    assert (head.probabilities(features).argmax(1) == y).mean() > 0.95
    after = fit_suggestions(features[~(y == 0)], one_hot(y[~(y == 0)])[:, 1:], IDS[1:], before=head)
    assert after.probabilities(features).shape == (90, 2)


def test_the_same_labels_give_the_same_head():
    features, y = blobs(50)
    one, two = (fit_suggestions(features, one_hot(y), IDS) for _ in range(2))
    assert np.array_equal(one.weight, two.weight)


def test_labels_that_may_hold_together_are_suggested_each_by_itself():
    features, y = blobs(120)
    targets = np.stack([y == 0, y < 2, y == 2], axis=1).astype(np.float32)
    head = fit_suggestions(features, targets, IDS, independent=True)
    others, truth = blobs(90, seed=4)
    found = head.probabilities(others) >= 0.5
    assert (found == np.stack([truth == 0, truth < 2, truth == 2], axis=1)).mean() > 0.95


def test_the_accuracy_is_what_other_samples_show():
    features, y = blobs(150, apart=0.8)
    others, truth = blobs(3000, apart=0.8, seed=5)
    judgement = judge(features, one_hot(y), np.arange(150))
    head = fit_suggestions(features, one_hot(y), IDS)
    fresh = (head.probabilities(others).argmax(1) == truth).mean()
    assert 0.5 < judgement.accuracy.value < 0.95
    assert judgement.accuracy.low - 0.03 < fresh < judgement.accuracy.high + 0.03
    assert (judgement.n, judgement.groups) == (150, 150)


def test_what_can_be_learnt_by_heart_alone_is_not_held_to_be_right():
    random = np.random.default_rng(0)
    features = random.normal(size=(60, 200)).astype(np.float32)
    y = random.integers(0, 3, 60)
    head = fit_suggestions(features, one_hot(y), IDS)
    assert (head.probabilities(features).argmax(1) == y).all()
    assert judge(features, one_hot(y), np.arange(60)).accuracy.value < 0.6


def test_a_slide_never_vouches_for_itself():
    """Every slide has a look of its own that gives its label away: only on other slides does that not help."""
    random = np.random.default_rng(1)
    slides = np.repeat(np.arange(12), 10)
    y = random.integers(0, 3, 12)[slides]
    features = (random.normal(size=(12, 64))[slides] * 3 + random.normal(size=(120, 64))).astype(np.float32)
    by_slide = judge(features, one_hot(y), slides).accuracy
    by_image = judge(features, one_hot(y), np.arange(120)).accuracy
    assert by_image.value > 0.95 > 0.7 > by_slide.value
    assert by_slide.high - by_slide.low > by_image.high - by_image.low


def test_confidences_are_brought_down_where_the_labels_are_noisy():
    features, y = blobs(300, apart=1.2)
    noisy = np.where(np.random.default_rng(3).random(300) < 0.3, (y + 1) % 3, y)
    judgement = judge(features, one_hot(noisy), np.arange(300))
    head = fit_suggestions(features, one_hot(noisy), IDS).calibrated(judgement)
    others, truth = blobs(2000, apart=1.2, seed=8)
    wrong = np.where(np.random.default_rng(4).random(2000) < 0.3, (truth + 1) % 3, truth)
    found = head.probabilities(others)
    assert abs(found.max(1).mean() - (found.argmax(1) == wrong).mean()) < 0.08


def test_of_very_many_labels_a_part_is_judged():
    features, y = blobs(MAX_JUDGED + 500)
    judgement = judge(features, one_hot(y), np.arange(len(y)))
    assert (judgement.n, judgement.of_labelled) == (MAX_JUDGED, len(y))


def test_drawing_is_by_the_seed_and_keeps_the_order():
    assert draw(5, 10).tolist() == [0, 1, 2, 3, 4]
    some = draw(100, 10, seed=3)
    assert np.array_equal(some, np.unique(some))
    assert np.array_equal(some, draw(100, 10, seed=3))
    assert not np.array_equal(some, draw(100, 10, seed=4))


def test_a_fit_can_be_stopped():
    token = CancelToken()
    token.cancel()
    features, y = blobs(60)
    with pytest.raises(Cancelled):
        fit_suggestions(features, one_hot(y), IDS, progress=Progress(token=token))


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(np.bool_, st.integers(2, 80)),
    st.integers(1, 20),
)
def test_an_interval_always_holds_its_share(right, n_groups):
    found = grouped_share(right, np.arange(len(right)) % n_groups)
    if n_groups == 1:
        assert np.isnan(found.low)
    else:
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 8)
    covered = 0
    for _ in range(400):
        by_group = random.beta(8, 2, 20)[groups]
        found = grouped_share(random.random(160) < by_group, groups)
        covered += found.low <= 0.8 <= found.high
    assert covered / 400 > 0.92
