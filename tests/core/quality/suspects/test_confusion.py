from __future__ import annotations

import numpy as np

from core.quality.suspects.confusion import own_confusion, threshold_shift
from core.quality.suspects.find import find_suspects
from tests.core.quality.suspects.made_up import spoiled

K = 6


def overlapping(n=3_000, apart=0.9):
    """Return the probabilities (n, K) that a perfectly calibrated classifier gives labels that overlap, and these."""
    random = np.random.default_rng(0)
    true = random.integers(0, K, n)
    places = random.normal(size=(K, 4)) * apart
    seen = places[true] + random.normal(size=(n, 4))
    logs = -((seen[:, None] - places) ** 2).sum(2) / 2
    p = np.exp(logs - logs.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True), true


def test_a_classifier_that_errs_as_often_as_it_says_is_confused() -> None:
    p, true = overlapping()
    assert (p.argmax(1) != true).mean() > 0.25
    assert own_confusion(p, true) > 0.5


def test_wrong_labels_are_no_confusion_of_a_classifier_that_is_mostly_right() -> None:
    p, true = overlapping(apart=3)
    assert own_confusion(p, spoiled(true, K, 0.2)) == 0


def test_what_may_be_confusion_is_not_counted_for_certain() -> None:
    p, true = overlapping()
    few = spoiled(true, K, 0.01)
    errors = find_suspects(p, few).expected_errors
    assert errors.low <= (few != true).sum() <= errors.high
    assert find_suspects(p, few).unsure > 0.5


def test_labels_that_are_hardly_ever_said_are_lifted_only_where_the_classifier_is_confused() -> None:
    p, true = overlapping()
    p[:, 0] *= 0.05
    p /= p.sum(1, keepdims=True)
    assert threshold_shift(p, true, 1.0).argmax() == 0
    assert not threshold_shift(p, true, 0.1).any()
