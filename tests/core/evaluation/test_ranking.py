from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, label_ranking_average_precision_score, roc_auc_score

from core.evaluation.ranking import (
    Ranking,
    average_precision,
    mean_average_precision,
    roc_auc,
    sample_label_ranking,
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_average_precision_and_roc_curve_are_those_of_scikit_learn_ties_included(seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random(40) < 0.4
    truth[:2] = True, False
    scores = rng.integers(0, levels, 40) / levels
    assert average_precision(scores, truth) == pytest.approx(average_precision_score(truth, scores))
    assert roc_auc(scores, truth) == pytest.approx(roc_auc_score(truth, scores))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6))
def test_label_ranking_is_that_of_scikit_learn_ties_and_empty_rows_included(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random((20, k)) < 0.4
    scores = rng.integers(0, 4, (20, k)) / 4
    expected = label_ranking_average_precision_score(truth, scores) if k > 1 else 1.0
    assert sample_label_ranking(scores, truth).mean() == pytest.approx(expected)


def test_weights_count_a_sample_as_often_as_it_was_drawn() -> None:
    rng = np.random.default_rng(0)
    scores, truth = rng.random(30), rng.random(30) < 0.5
    times = rng.integers(0, 3, (4, 30))
    found = Ranking.of(scores, truth).scores(times)
    for row, drawn in enumerate(times):
        repeated = np.repeat(np.arange(30), drawn)
        assert found[0][row] == pytest.approx(average_precision_score(truth[repeated], scores[repeated]))
        assert found[1][row] == pytest.approx(roc_auc_score(truth[repeated], scores[repeated]))


def test_a_label_nobody_has_has_no_score_and_is_left_out_of_the_mean() -> None:
    scores = np.array([[0.1, 0.9], [0.8, 0.2]])
    truth = np.array([[False, False], [True, False]])
    assert np.isnan(average_precision(scores[:, 1], truth[:, 1]))
    assert np.isnan(roc_auc(scores[:, 1], truth[:, 1]))
    assert mean_average_precision(scores, truth) == 1.0
    assert np.isnan(mean_average_precision(scores[:0], truth[:0]))
