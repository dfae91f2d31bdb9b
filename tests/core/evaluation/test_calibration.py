import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import log_loss

from core.errors import BugError
from core.evaluation.calibration import (
    MAX_TEMPERATURE,
    MIN_TEMPERATURE,
    expected_calibration_error,
    fit_temperature,
    reliability,
    sample_brier,
    sample_log_loss,
    softmax,
)

logit_rows = hnp.arrays(np.float64, st.tuples(st.integers(1, 20), st.integers(1, 6)), elements=st.floats(-1e6, 1e6))
temperatures = st.floats(MIN_TEMPERATURE, MAX_TEMPERATURE)


def _draw(probabilities: np.ndarray, seed: int = 3) -> np.ndarray:
    chance = np.random.default_rng(seed).random((len(probabilities), 1))
    return (probabilities.cumsum(axis=1) < chance).sum(axis=1).clip(max=probabilities.shape[1] - 1)


@given(logit_rows, temperatures)
def test_softmax_rows_are_probabilities_that_sum_to_one(logits: np.ndarray, temperature: float) -> None:
    p = softmax(logits, temperature)

    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p.sum(axis=-1), 1.0)


@given(logit_rows, st.floats(-1e5, 1e5))
def test_softmax_does_not_see_a_constant_added_to_all_logits(logits: np.ndarray, constant: float) -> None:
    np.testing.assert_allclose(softmax(logits + constant), softmax(logits), atol=1e-8)


@given(hnp.arrays(np.float64, (8, 4), elements=st.integers(-50, 50)), temperatures)
def test_a_temperature_never_changes_which_label_wins(logits: np.ndarray, temperature: float) -> None:
    p = softmax(logits, temperature)

    assert (p[np.arange(8), logits.argmax(axis=1)] >= p.max(axis=1) - 1e-12).all()


@pytest.mark.parametrize("temperature", [0.3, 1.0, 1.7, 6.0])
def test_the_temperature_that_made_the_labels_is_found_again(temperature: float) -> None:
    logits = np.random.default_rng(0).normal(size=(20_000, 6)) * 4
    y = _draw(softmax(logits, temperature))

    assert fit_temperature(logits.astype(np.float32), y) == pytest.approx(temperature, rel=0.05)


@given(st.integers(0, 1000), st.floats(0.2, 5))
def test_scaling_the_logits_scales_the_temperature(seed: int, factor: float) -> None:
    logits = np.random.default_rng(seed).normal(size=(60, 3)) * 2
    y = _draw(softmax(logits), seed)
    once, scaled = fit_temperature(logits, y), fit_temperature(logits * factor, y)

    expected = np.clip(once * factor, MIN_TEMPERATURE, MAX_TEMPERATURE)
    if MIN_TEMPERATURE * 1.01 < once < MAX_TEMPERATURE * 0.99:
        assert scaled == pytest.approx(expected, rel=1e-4)


def test_the_fitted_temperature_has_the_least_loss() -> None:
    logits = np.random.default_rng(1).normal(size=(5_000, 4)) * 5
    y = _draw(softmax(logits, 2.0))
    fitted = fit_temperature(logits, y)

    losses = [sample_log_loss(softmax(logits, fitted * by), y).mean() for by in (0.95, 1.0, 1.05)]
    assert losses[1] == min(losses)


def test_a_split_without_an_error_keeps_some_doubt() -> None:
    logits = np.eye(4)[np.arange(40) % 4] * 8
    temperature = fit_temperature(logits, np.arange(40) % 4)

    confidence = softmax(logits, temperature).max(axis=1)
    assert 0.95 < confidence.min() < 1 - 1e-3


def test_a_network_that_is_always_wrong_gets_the_largest_temperature() -> None:
    assert fit_temperature(np.eye(3) * 9, [1, 2, 0]) == pytest.approx(MAX_TEMPERATURE)


@pytest.mark.parametrize(
    ("logits", "y"), [(np.zeros((0, 3)), []), (np.array([[4.0], [2.0]]), [0, 0]), (np.ones((5, 3)), [0, 1, 2, 0, 1])]
)
def test_nothing_to_fit_leaves_the_probabilities_as_they_are(logits: np.ndarray, y: list[int]) -> None:
    assert fit_temperature(logits, y) == 1.0


@pytest.mark.parametrize(
    ("logits", "y"), [(np.zeros(3), [0, 1, 2]), (np.zeros((2, 3)), [0]), (np.array([[np.nan, 0.0]]), [0])]
)
def test_logits_that_cannot_be_are_refused(logits: np.ndarray, y: list[int]) -> None:
    with pytest.raises(BugError):
        fit_temperature(logits, y)


def test_honest_probabilities_have_almost_no_calibration_error_and_boasting_ones_do() -> None:
    logits = np.random.default_rng(2).normal(size=(50_000, 5)) * 2
    y = _draw(softmax(logits))

    assert expected_calibration_error(softmax(logits), y) < 0.01
    assert expected_calibration_error(softmax(logits * 4), y) > 0.1


def test_reliability_puts_each_confidence_in_its_bin_and_leaves_empty_ones_unknown() -> None:
    p = np.array([[0.95, 0.05], [0.91, 0.09], [0.6, 0.4]])
    bins = reliability(p, [0, 1, 0], bins=10)

    assert bins.counts.tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 2]
    assert bins.accuracy[9] == 0.5 and bins.confidence[9] == pytest.approx(0.93)
    assert np.isnan(bins.accuracy[0])
    assert bins.error == pytest.approx((2 * 0.43 + 0.4) / 3)


def test_reliability_of_nothing_is_unknown() -> None:
    assert np.isnan(expected_calibration_error(np.zeros((0, 3)), []))


@given(st.integers(0, 500))
def test_log_loss_agrees_with_scikit_learn(seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(30, 3)) * 3
    p, y = softmax(logits), np.arange(30) % 3

    assert sample_log_loss(p, y).mean() == pytest.approx(log_loss(y, p))
    np.testing.assert_allclose(sample_brier(p, y), ((p - np.eye(3)[y]) ** 2).sum(axis=1), atol=1e-12)


def test_a_certain_mistake_costs_much_but_not_everything() -> None:
    assert sample_log_loss(np.array([[1.0, 0.0]]), np.array([1]))[0] == pytest.approx(36.04, abs=0.01)
