from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.errors import BugError
from core.quality.suspects.find import find_suspects
from tests.core.quality.suspects.made_up import average_precision, classifier, spoiled

K = 6


def self_doubt(p, labels):
    return 1 - p[np.arange(len(labels)), labels]


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_uniform_noise_is_ranked_no_worse_than_by_self_confidence(rate) -> None:
    p, true = classifier(6_000, K)
    labels = spoiled(true, K, rate)
    suspects = find_suspects(p, labels)
    wrong = labels != true
    assert average_precision(wrong, suspects.p_wrong) >= average_precision(wrong, self_doubt(p, labels)) - 2e-3
    assert suspects.noise_rate.low <= wrong.mean() <= suspects.noise_rate.high


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4])
def test_noise_between_certain_labels_is_ranked_better_than_by_self_confidence(rate) -> None:
    p, true = classifier(6_000, K, certainty=4)
    labels = spoiled(true, K, rate, step=1)
    suspects = find_suspects(p, labels)
    wrong = labels != true
    assert average_precision(wrong, suspects.p_wrong) > average_precision(wrong, self_doubt(p, labels)) + 0.01
    assert (suspects.suggested[wrong] == true[wrong]).mean() > 0.9


def test_the_expected_number_of_errors_is_near_the_truth_and_within_its_interval() -> None:
    p, true = classifier(8_000, K)
    labels = spoiled(true, K, 0.1)
    expected = find_suspects(p, labels).expected_errors
    errors = int((labels != true).sum())
    assert expected.low <= errors <= expected.high
    assert abs(expected.value - errors) < 0.3 * errors


def test_the_noise_matrix_names_the_pair_that_is_confused() -> None:
    p, true = classifier(6_000, 4)
    labels = np.where((true == 1) & (np.random.default_rng(2).random(6_000) < 0.3), 3, true)
    noise = find_suspects(p, labels).noise
    np.testing.assert_allclose(noise.sum(1), 1)
    assert 0.2 < noise[1, 3] < 0.4
    assert noise[0, 3] < 0.05


def test_rare_labels_are_not_suspected_for_being_rare() -> None:
    p, true = classifier(8_000, 3, shares=np.array([0.9, 0.08, 0.02]))
    suspects = find_suspects(p, true)
    assert suspects.flagged[true == 2].mean() < 0.1


def test_half_precision_and_rows_that_do_not_quite_sum_to_one_give_the_same_suspects() -> None:
    p, true = classifier(3_000, K)
    labels = spoiled(true, K, 0.1)
    first, second = find_suspects(p, labels), find_suspects(p.astype(np.float16), labels)
    assert (first.flagged != second.flagged).mean() < 0.005


def test_samples_without_a_label_or_with_a_nan_are_left_alone() -> None:
    p, true = classifier(1_000, K)
    labels = spoiled(true, K, 0.1)
    labels[:10] = -1
    p[10:20] = np.nan
    suspects = find_suspects(p, labels)
    assert (suspects.p_wrong[:20] == 0).all()
    assert (suspects.suggested[:20] == -1).all()
    assert not suspects.flagged[:20].any()
    assert (suspects.suggested[20:] >= 0).all()


@pytest.mark.parametrize(
    ("p", "labels"),
    [
        (np.empty((0, 3)), []),
        (np.ones((5, 1)), [0] * 5),
        (np.full((5, 3), 1 / 3), [1] * 5),
        (np.full((5, 3), 1 / 3), [-1] * 5),
        (np.full((5, 3), np.nan), [0, 1, 2, 0, 1]),
        (np.empty((4, 0)), [-1] * 4),
    ],
)
def test_where_nothing_can_be_said_nothing_is(p, labels) -> None:
    suspects = find_suspects(p, np.array(labels, dtype=np.int64))
    assert not suspects.flagged.any()
    assert suspects.expected_errors.value == 0
    assert len(suspects.order()) == len(labels)


def test_a_label_that_is_not_there_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(BugError):
        find_suspects(np.full((3, 2), 0.5), np.array([0, 1, 2]))
    with pytest.raises(BugError):
        find_suspects(np.full((3, 2), 0.5), np.array([0, 1]))


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(2, 4)), elements=st.floats(0, 1, width=32)),
    st.integers(0, 10_000),
)
def test_any_probabilities_give_numbers_within_bounds(p, seed) -> None:
    labels = np.random.default_rng(seed).integers(-1, p.shape[1], len(p))
    suspects = find_suspects(p, labels)
    assert ((suspects.p_wrong >= 0) & (suspects.p_wrong <= 1)).all()
    expected = suspects.expected_errors
    assert 0 <= expected.low <= expected.value <= expected.high <= len(p)
    judged = suspects.suggested >= 0
    assert (suspects.suggested[judged] != labels[judged]).all()


def test_the_same_input_gives_the_same_answer_to_the_bit() -> None:
    p, true = classifier(2_000, K)
    labels = spoiled(true, K, 0.1)
    first, again = find_suspects(p, labels), find_suspects(p.copy(), labels.copy())
    assert np.array_equal(first.p_wrong, again.p_wrong)


def test_more_labels_than_samples_of_each_are_judged_too() -> None:
    p, true = classifier(3_000, 150)
    labels = spoiled(true, 150, 0.05)
    suspects = find_suspects(p, labels)
    wrong = labels != true
    assert average_precision(wrong, suspects.p_wrong) >= average_precision(wrong, self_doubt(p, labels)) - 1e-3


@pytest.mark.parametrize("temperature", [0.3, 3.0])
def test_probabilities_that_are_too_sure_or_not_sure_enough_lead_to_the_same_order(temperature) -> None:
    p, true = classifier(6_000, K)
    labels = spoiled(true, K, 0.05)
    other = p ** (1 / temperature)
    other /= other.sum(1, keepdims=True)
    wrong = labels != true
    as_it_is, tempered = (average_precision(wrong, find_suspects(each, labels).p_wrong) for each in (p, other))
    assert tempered == pytest.approx(as_it_is, abs=0.01)


def test_rare_noise_between_two_labels_is_found_among_the_confusions_of_the_classifier() -> None:
    p, true = classifier(20_000, K, certainty=4)
    labels = np.where((true == 1) & (np.random.default_rng(2).random(len(true)) < 0.03), 2, true)
    wrong = labels != true
    found = average_precision(wrong, find_suspects(p, labels).p_wrong)
    assert found > average_precision(wrong, self_doubt(p, labels)) + 0.05


def test_next_to_nothing_is_suspected_where_nothing_is_wrong() -> None:
    p, true = classifier(20_000, K, certainty=5)
    suspects = find_suspects(p, true)
    assert suspects.flagged.mean() < 0.002
    assert suspects.expected_errors.low == 0


def test_noise_of_one_label_is_found_among_many_labels_with_few_samples() -> None:
    p, true = classifier(4_000, 40, certainty=5)
    labels = np.where((true == 7) & (np.random.default_rng(4).random(len(true)) < 0.3), 8, true)
    suspects, wrong = find_suspects(p, labels), labels != true
    assert average_precision(wrong, suspects.p_wrong) > average_precision(wrong, self_doubt(p, labels)) + 0.1
    assert suspects.expected_errors.low <= wrong.sum() <= suspects.expected_errors.high


def test_rare_labels_that_go_wrong_are_counted_beside_a_frequent_one_that_does_not() -> None:
    p, true = classifier(5_000, 3, certainty=9, shares=np.array([0.08, 0.84, 0.08]))
    random = np.random.default_rng(5).random(len(true))
    labels = np.where((true != 1) & (random < 0.1), np.where(true == 0, 1, 0), true)
    expected, errors = find_suspects(p, labels).expected_errors, int((labels != true).sum())
    assert expected.low <= errors <= expected.high
    assert expected.value > errors / 2
