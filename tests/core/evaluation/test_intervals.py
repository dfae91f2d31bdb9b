import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BugError
from core.evaluation.calibration import expected_calibration_error, softmax
from core.evaluation.intervals import Evaluation, evaluate
from core.evaluation.metrics import accuracy, confusion_matrix, macro_f1, tally


def _scenario(seed: int, n: int = 80, k: int = 3, n_groups: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) + 2.0 * np.eye(k)[y]
    return softmax(logits), y, rng.integers(0, n_groups, n)


def _judge(seed: int, **changes: int) -> Evaluation:
    return evaluate(*_scenario(seed, **changes), resamples=100)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(1, 12))
def test_every_number_is_its_plain_value_inside_its_interval(seed: int, k: int, n_groups: int) -> None:
    p, y, groups = _scenario(seed, k=k, n_groups=n_groups)
    found = evaluate(p, y, groups, resamples=50)

    confusion = confusion_matrix(y, p.argmax(axis=1), k)
    np.testing.assert_array_equal(found.confusion, confusion)
    assert found.metrics["accuracy"].value == pytest.approx(float(accuracy(tally(confusion))))
    assert found.metrics["macro_f1"].value == pytest.approx(float(macro_f1(tally(confusion))))
    assert found.metrics["ece"].value == pytest.approx(expected_calibration_error(p, y))
    every = [*found.metrics.values(), *(m for row in found.per_label for m in (row.precision, row.recall, row.f1))]
    known = [m for m in every if not np.isnan(m.low)]
    assert known or n_groups == 1
    assert all(m.low <= m.value + 1e-12 and m.value <= m.high + 1e-12 for m in known)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_samples_nor_the_names_of_groups_matter(seed: int) -> None:
    p, y, groups = _scenario(seed)
    shuffled = np.random.default_rng(seed).permutation(len(y))
    names = np.array([f"slide{g:02d}" for g in groups])

    one, other = evaluate(p, y, groups, resamples=40), evaluate(p[shuffled], y[shuffled], names[shuffled], resamples=40)
    for name, metric in one.metrics.items():
        assert other.metrics[name].value == pytest.approx(metric.value)
        assert other.metrics[name].low == pytest.approx(metric.low)
        assert other.metrics[name].high == pytest.approx(metric.high)


def test_the_same_seed_gives_the_same_intervals() -> None:
    assert _judge(5).to_json() == _judge(5).to_json()


def test_whole_groups_are_drawn_so_alike_samples_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    good = np.repeat(rng.random(40) < 0.8, 25)
    p, y = np.where(good[:, None], [0.9, 0.1], [0.1, 0.9]), np.zeros(1000, np.int64)

    grouped = evaluate(p, y, np.repeat(np.arange(40), 25)).metrics["accuracy"]
    alone = evaluate(p, y, np.arange(1000)).metrics["accuracy"]
    assert grouped.high - grouped.low > 3 * (alone.high - alone.low)


def test_one_group_gives_values_but_no_interval() -> None:
    p, y, _ = _scenario(1)
    found = evaluate(p, y, np.zeros(len(y), np.int64))

    assert found.groups == 1
    assert all(not np.isnan(m.value) and np.isnan(m.low) and np.isnan(m.high) for m in found.metrics.values())


def test_no_samples_give_an_evaluation_that_says_so() -> None:
    found = evaluate(np.zeros((0, 3)), [], [])

    assert (found.n, found.groups, found.confusion.sum()) == (0, 0, 0)
    assert all(np.isnan(m.value) for m in found.metrics.values())


def test_a_single_label_is_judged() -> None:
    found = evaluate(np.ones((4, 1)), [0, 0, 0, 0], [0, 1, 2, 3])

    assert found.metrics["macro_f1"].value == 1.0
    assert found.confusion.tolist() == [[4]]


def test_a_label_seen_in_one_group_has_no_interval_of_its_own() -> None:
    p, y, groups = _scenario(2)
    groups = np.where(y == 2, 0, groups)
    rare = evaluate(p, y, groups, resamples=50).per_label[2]

    assert rare.groups == 1 and not np.isnan(rare.recall.value) and np.isnan(rare.recall.low)


def test_a_flawless_test_does_not_claim_certainty() -> None:
    y = np.arange(60) % 3
    found = evaluate(np.eye(3)[y], y, np.arange(60) // 3)

    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert found.metrics[name].value == found.metrics[name].high == 1.0
        assert 0.8 < found.metrics[name].low < 0.9
    assert all(row.recall.low < 0.9 for row in found.per_label)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    covered = 0
    for trial in range(200):
        skill = np.repeat(rng.beta(8, 2, size=15), 12)
        right = rng.random(len(skill)) < skill
        p = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
        found = evaluate(p, np.zeros(len(p), np.int64), np.arange(len(p)) // 12, seed=trial, resamples=200)
        covered += found.metrics["accuracy"].low <= 0.8 <= found.metrics["accuracy"].high
    assert 0.91 <= covered / 200 <= 0.99


def test_json_has_nulls_where_nothing_is_known() -> None:
    text = json.dumps(evaluate(np.zeros((0, 2)), [], []).to_json(), allow_nan=False)

    assert json.loads(text)["metrics"]["accuracy"] == {"value": None, "low": None, "high": None}


@pytest.mark.parametrize(
    ("p", "y", "groups"),
    [
        (np.ones(3), [0, 0, 0], [0, 0, 0]),
        (np.ones((2, 2)) / 2, [0], [0, 0]),
        (np.ones((2, 2)) / 2, [0, 1], [0]),
        (np.ones((2, 2)) / 2, [0, 2], [0, 0]),
        (np.full((2, 2), np.nan), [0, 1], [0, 0]),
    ],
)
def test_input_that_cannot_be_is_refused(p: np.ndarray, y: list[int], groups: list[int]) -> None:
    with pytest.raises(BugError):
        evaluate(p, y, groups)
