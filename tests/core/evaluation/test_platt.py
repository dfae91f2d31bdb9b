from __future__ import annotations

import numpy as np
import pytest

from core.errors import BugError
from core.evaluation.platt import fit_platt, sigmoid


def _made(slope: float, offset: float, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(n, 1)) * 3
    return logits, rng.random((n, 1)) < sigmoid(slope * logits + offset)


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.4, -1.5), (2.0, 1.0)])
def test_the_line_that_made_the_labels_is_found_again(slope: float, offset: float) -> None:
    slopes, offsets = fit_platt(*_made(slope, offset))
    assert slopes[0] == pytest.approx(slope, rel=0.06)
    assert offsets[0] == pytest.approx(offset, abs=0.06)


def test_the_scale_of_the_logits_does_not_matter() -> None:
    logits, truth = _made(0.7, 0.5, n=2000)
    once, again = fit_platt(logits, truth), fit_platt(logits * 8, truth)
    assert again[0][0] * 8 == pytest.approx(once[0][0], rel=1e-6)
    assert again[1][0] == pytest.approx(once[1][0], rel=1e-5, abs=1e-6)


def test_a_label_without_one_error_is_not_called_certain() -> None:
    truth = np.arange(40)[:, None] % 2 == 0
    slopes, offsets = fit_platt(np.where(truth, 9.0, -9.0), truth)
    p = sigmoid(slopes * np.where(truth, 9.0, -9.0) + offsets)
    assert 0.9 < p.max() < 0.99


@pytest.mark.parametrize("positives", [0, 1, 4, 37, 40])
def test_a_label_with_few_examples_is_left_as_it_is(positives: int) -> None:
    truth = (np.arange(40) < positives)[:, None]
    slopes, offsets = fit_platt(np.random.default_rng(0).normal(size=(40, 1)), truth)
    assert (slopes[0], offsets[0]) == (1.0, 0.0)


def test_logits_that_point_the_wrong_way_are_left_as_they_are() -> None:
    truth = np.arange(40)[:, None] % 2 == 0
    slopes, _ = fit_platt(np.where(truth, -2.0, 2.0) + np.linspace(0, 0.1, 40)[:, None], truth)
    assert slopes[0] == 1.0


def test_what_is_no_logit_is_a_bug() -> None:
    with pytest.raises(BugError):
        fit_platt(np.full((10, 1), np.nan), np.zeros((10, 1), bool))
    with pytest.raises(BugError):
        fit_platt(np.zeros((10, 2)), np.zeros((10, 1), bool))
