import numpy as np
import pytest

from core.errors import BugError
from core.evaluation.calibration import softmax
from core.evaluation.comparison import compare
from core.evaluation.intervals import evaluate


def _two(skill: float, other: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y, groups, shared = rng.integers(0, 3, 600), rng.integers(0, 30, 600), rng.normal(size=(600, 3))
    own, baseline = (
        softmax(shared + 0.5 * rng.normal(size=(600, 3)) + strength * np.eye(3)[y]) for strength in (skill, other)
    )
    return own, baseline, y, groups


def test_a_difference_is_that_of_the_two_values() -> None:
    p, q, y, groups = _two(2.0, 1.0)
    differences = compare(p, q, y, groups, resamples=100)
    own, other = (evaluate(each, y, groups, resamples=2).metrics for each in (p, q))

    assert set(differences) == set(own)
    for name, metric in differences.items():
        assert metric.value == pytest.approx(own[name].value - other[name].value)
        assert metric.low <= metric.value <= metric.high


def test_a_clearly_better_classifier_is_beyond_luck_and_an_equal_one_is_not() -> None:
    better, equal = compare(*_two(2.5, 1.0)), compare(*_two(1.5, 1.5))

    assert better["macro_f1"].low > 0 > better["log_loss"].high
    assert equal["macro_f1"].low < 0 < equal["macro_f1"].high


def test_a_classifier_does_not_differ_from_itself() -> None:
    p, _, y, groups = _two(1.0, 1.0)

    assert all(m.low == m.value == m.high == 0 for m in compare(p, p, y, groups, resamples=20).values())


def test_what_both_find_hard_cancels_out() -> None:
    p, q, y, groups = _two(1.6, 1.5)
    paired = compare(p, q, y, groups)["accuracy"]
    alone = evaluate(p, y, groups).metrics["accuracy"]

    assert paired.high - paired.low < 1.3 * (alone.high - alone.low)


def test_one_group_or_no_sample_leaves_the_interval_unknown() -> None:
    p, q, y, _ = _two(2.0, 1.0)

    assert np.isnan(compare(p, q, y, np.zeros(600, np.int64))["accuracy"].low)
    assert np.isnan(compare(np.zeros((0, 2)), np.zeros((0, 2)), [], [])["accuracy"].value)


def test_predictions_for_other_samples_are_refused() -> None:
    p, q, y, groups = _two(2.0, 1.0)

    with pytest.raises(BugError):
        compare(p, q[:-1], y, groups)
