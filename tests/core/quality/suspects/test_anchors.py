from __future__ import annotations

import numpy as np
import pytest

from core.quality.suspects.anchors import anchor_counts, rate_deviation, spread_evenly
from core.quality.suspects.matrix import matrix_of_anchors
from tests.core.quality.suspects.made_up import classifier, spoiled


def test_more_samples_are_anchors_where_the_classifier_hardly_errs() -> None:
    easy, hard = (classifier(4_000, 4, certainty=certainty) for certainty in (12, 3))
    taken = [anchor_counts(p, spoiled(true, 4, 0.05)).sum() for p, true in (easy, hard)]
    assert taken[0] > 0.6 * 4_000
    assert taken[1] < 0.4 * 4_000


def test_few_errors_of_one_pair_are_no_uniform_noise_where_a_frequent_label_has_none() -> None:
    anchors = np.array([[66.0, 5, 0], [0, 834, 0], [3, 0, 68]])
    assert not spread_evenly(anchors)[1]


def test_without_errors_noise_counts_as_uniform() -> None:
    assert spread_evenly(np.diag([40.0, 30, 30])) == (1.0, True)


@pytest.mark.parametrize("seen", [30.0, 3_000.0])
def test_the_more_anchors_the_surer_the_rate(seen) -> None:
    few = rate_deviation(np.array([[9.0, 1], [0, 10]]), 10_000)
    assert rate_deviation(np.array([[seen, seen / 10], [0, seen]]), 10_000) < few
    assert rate_deviation(np.diag([50.0, 50]), 100) == 0


def test_labels_with_few_anchors_lean_on_what_the_others_have_in_common() -> None:
    k = 12
    likest = (np.arange(k) + 1) % k
    held = np.full((k, k), 0.01) + 0.8 * np.eye(k)
    held[np.arange(k), likest] = 0.1
    anchors = 30 * np.eye(k)
    anchors[np.arange(6), likest[:6]] = 3
    confusions, share = held / held.sum(1, keepdims=True), np.full(k, 1 / k)
    matrix = matrix_of_anchors(anchors, confusions, anchors, held, share)
    np.testing.assert_allclose(matrix.sum(1), 1)
    # Label 9 has no error among its anchors: what is likest is still the likeliest.
    assert matrix[9, likest[9]] > 5 * matrix[9, 2]
    assert matrix[0, likest[0]] > matrix[9, likest[9]]
