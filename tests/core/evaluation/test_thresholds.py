from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from core.errors import BugError
from core.evaluation.thresholds import FALLBACK, FEWEST, tune_thresholds


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_no_other_threshold_has_a_better_f1(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.random((60, 1)) < 0.3
    truth[:FEWEST], truth[FEWEST : 2 * FEWEST] = True, False
    p = np.round(rng.random((60, 1)) * 0.5 + truth * rng.random((60, 1)) * 0.5, 2)
    found = tune_thresholds(p, truth).values[0]
    best = max(f1_score(truth[:, 0], p[:, 0] >= cut) for cut in np.unique(p))
    assert f1_score(truth[:, 0], p[:, 0] >= found) == pytest.approx(best)


def test_a_label_told_apart_without_error_is_cut_in_the_middle_of_the_gap() -> None:
    truth = np.arange(20)[:, None] >= 10
    found = tune_thresholds(np.where(truth, 0.9, 0.3), truth)
    assert found.values[0] == pytest.approx(0.6)
    assert found.tuned.all()


def test_a_label_with_few_examples_is_cut_at_one_half_and_this_is_told() -> None:
    truth = np.zeros((30, 2), bool)
    truth[: FEWEST - 1, 0] = True
    truth[:, 1] = True
    found = tune_thresholds(np.random.default_rng(0).random((30, 2)), truth)
    assert found.values.tolist() == [FALLBACK, FALLBACK]
    assert not found.tuned.any()


def test_shapes_that_do_not_match_are_a_bug() -> None:
    with pytest.raises(BugError):
        tune_thresholds(np.zeros((3, 2)), np.zeros((3, 1)))
