from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from core.errors import BugError
from core.evaluation.multilabel import MultiEvaluation, evaluate_multi
from core.evaluation.platt import sigmoid


def _scenario(seed: int, n: int = 90, k: int = 4, n_groups: int = 15) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    truth = rng.random((n, k)) < np.linspace(0.15, 0.6, k)
    truth[0], truth[1] = True, False
    p = np.round(sigmoid(rng.normal(size=(n, k)) + 2.0 * truth - 1.0), 2)
    return p, truth, p >= 0.5, rng.integers(0, n_groups, n)


def _judge(seed: int, *, resamples: int = 60, **changes: int) -> MultiEvaluation:
    return evaluate_multi(*_scenario(seed, **changes), thresholds=[0.5] * changes.get("k", 4), resamples=resamples)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_every_number_is_that_of_scikit_learn(seed: int, k: int) -> None:
    p, truth, given_labels, _ = _scenario(seed, k=k)
    found = {name: metric.value for name, metric in _judge(seed, k=k, resamples=5).metrics.items()}
    expected = {
        "macro_f1": reference.f1_score(truth, given_labels, average="macro", zero_division=0),
        "micro_f1": reference.f1_score(truth, given_labels, average="micro"),
        "mean_average_precision": reference.average_precision_score(truth, p, average="macro"),
        "macro_roc_auc": reference.roc_auc_score(truth, p, average="macro"),
        "exact_match": reference.accuracy_score(truth, given_labels),
        "hamming_loss": reference.hamming_loss(truth, given_labels),
        "label_ranking": reference.label_ranking_average_precision_score(truth, p),
        "brier": np.square(p - truth).mean(),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_every_label_is_told_with_its_two_by_two_table() -> None:
    p, truth, given_labels, _ = _scenario(3)
    for row, (absent, false, missed, right) in zip(
        _judge(3).per_label,
        [table.ravel() for table in reference.multilabel_confusion_matrix(truth, given_labels)],
        strict=True,
    ):
        assert (row.rightly_absent, row.false_alarms, row.missed, row.right) == (absent, false, missed, right)
        assert row.support == truth[:, row.label].sum()
        assert row.f1.value == pytest.approx(reference.f1_score(truth[:, row.label], given_labels[:, row.label]))
        average = reference.average_precision_score(truth[:, row.label], p[:, row.label])
        assert row.average_precision.value == pytest.approx(average)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_every_interval_holds_its_value(seed: int, n_groups: int) -> None:
    found = _judge(seed, n_groups=n_groups)
    rows = [getattr(row, name) for row in found.per_label for name in ("average_precision", "roc_auc", "f1")]
    known = [m for m in [*found.metrics.values(), *rows] if not np.isnan(m.low)]
    assert known or found.groups == 1
    assert all(m.low <= m.value <= m.high for m in known)


def test_the_same_seed_gives_the_same_intervals_whatever_the_order_of_the_samples() -> None:
    p, truth, given_labels, groups = _scenario(5)
    order = np.random.default_rng(1).permutation(len(p))
    one = evaluate_multi(p, truth, given_labels, groups, resamples=40)
    other = evaluate_multi(p[order], truth[order], given_labels[order], groups[order], resamples=40)
    for name, metric in one.metrics.items():
        assert other.metrics[name].low == pytest.approx(metric.low)
        assert other.metrics[name].high == pytest.approx(metric.high)
    assert _judge(5).to_json() == _judge(5).to_json()


def test_whole_groups_are_drawn_so_alike_samples_widen_the_interval() -> None:
    p, truth, given_labels, _ = _scenario(2, n=60)
    four = [np.repeat(part, 4, axis=0) for part in (p, truth, given_labels)]
    apart = evaluate_multi(*four, np.arange(240), resamples=200).metrics["mean_average_precision"]
    together = evaluate_multi(*four, np.repeat(np.arange(60), 4), resamples=200).metrics["mean_average_precision"]
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_a_label_nobody_has_is_unknown_and_not_counted() -> None:
    p, truth, given_labels, groups = _scenario(4)
    truth[:, 1] = False
    found = evaluate_multi(p, truth, given_labels, groups, resamples=30)
    assert np.isnan(found.per_label[1].average_precision.value)
    assert np.isnan(found.per_label[1].f1.value)
    others = [found.per_label[i].f1.value for i in (0, 2, 3)]
    assert found.metrics["macro_f1"].value == pytest.approx(np.mean(others))


def test_without_samples_nothing_is_known_and_the_report_is_still_json() -> None:
    nothing = np.zeros((0, 3))
    found = evaluate_multi(nothing, nothing, nothing, np.zeros(0, int))
    assert all(np.isnan(metric.value) for metric in found.metrics.values())
    assert json.loads(json.dumps(found.to_json()))["metrics"]["macro_f1"]["value"] is None


def test_the_pairs_say_which_labels_are_given_to_which() -> None:
    truth = np.array([[True, False], [True, False], [False, True]])
    given_labels = np.array([[True, True], [False, True], [False, True]])
    found = evaluate_multi(truth.astype(float), truth, given_labels, np.arange(3), resamples=5)
    assert found.pairs.tolist() == [[1, 2], [0, 1]]


def test_shapes_that_do_not_match_are_a_bug() -> None:
    p, truth, given_labels, groups = _scenario(1)
    for wrong in ((p[1:], truth, given_labels, groups), (p, truth, given_labels, groups[1:])):
        with pytest.raises(BugError):
            evaluate_multi(*wrong)
    p[0, 0] = np.nan
    with pytest.raises(BugError):
        evaluate_multi(p, truth, given_labels, groups)
