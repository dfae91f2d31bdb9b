import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as sk

from core.errors import BugError
from core.evaluation.metrics import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    f1,
    macro_f1,
    precision,
    recall,
    tally,
)

N_LABELS = 4
labels = st.integers(0, N_LABELS - 1)
answers = st.lists(st.tuples(labels, labels), min_size=1, max_size=60).map(lambda pairs: np.array(pairs).T)


@given(answers)
def test_scores_agree_with_scikit_learn(pair: np.ndarray) -> None:
    y, p = pair
    counts = tally(confusion_matrix(y, p, N_LABELS))
    present = np.unique(y)

    assert float(accuracy(counts)) == pytest.approx(sk.accuracy_score(y, p))
    assert float(macro_f1(counts)) == pytest.approx(sk.f1_score(y, p, labels=present, average="macro", zero_division=0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert float(balanced_accuracy(counts)) == pytest.approx(sk.balanced_accuracy_score(y, p))


@given(answers)
def test_per_label_scores_agree_with_scikit_learn_where_they_are_defined(pair: np.ndarray) -> None:
    y, p = pair
    counts = tally(confusion_matrix(y, p, N_LABELS))
    every = np.arange(N_LABELS)

    for score, theirs in ((precision, sk.precision_score), (recall, sk.recall_score)):
        np.testing.assert_allclose(score(counts), theirs(y, p, labels=every, average=None, zero_division=np.nan))
    np.testing.assert_allclose(
        f1(counts)[counts.true > 0],
        sk.f1_score(y, p, labels=every, average=None, zero_division=0)[counts.true > 0],
    )


@given(answers)
def test_the_confusion_matrix_counts_every_sample_once_by_true_row(pair: np.ndarray) -> None:
    y, p = pair
    confusion = confusion_matrix(y, p, N_LABELS)

    np.testing.assert_array_equal(confusion, sk.confusion_matrix(y, p, labels=np.arange(N_LABELS)))
    assert confusion.sum() == len(y)


def test_a_label_without_samples_is_left_out_of_the_averages_and_has_no_recall() -> None:
    counts = tally(confusion_matrix([0, 0, 1], [0, 2, 1], 3))

    assert np.isnan(recall(counts)[2]) and np.isnan(f1(counts)[2])
    assert precision(counts)[2] == 0.0
    assert float(balanced_accuracy(counts)) == pytest.approx((0.5 + 1.0) / 2)
    assert float(macro_f1(counts)) == pytest.approx((2 / 3 + 1.0) / 2)


def test_a_label_never_predicted_has_no_precision_but_an_f1_of_zero() -> None:
    counts = tally(confusion_matrix([0, 1], [0, 0], 2))

    assert np.isnan(precision(counts)[1])
    assert f1(counts)[1] == 0.0


def test_no_samples_give_nan_without_a_warning() -> None:
    counts = tally(confusion_matrix([], [], 3))

    assert all(np.isnan(score(counts)) for score in (accuracy, balanced_accuracy, macro_f1))


@given(hnp.arrays(np.int64, (5, N_LABELS, N_LABELS), elements=st.integers(0, 9)))
def test_many_confusion_matrices_are_scored_as_one_by_one(confusions: np.ndarray) -> None:
    together = tally(confusions)

    for score in (accuracy, balanced_accuracy, macro_f1, precision, recall, f1):
        np.testing.assert_allclose(score(together), np.stack([score(tally(c)) for c in confusions]))


@pytest.mark.parametrize(("y", "p"), [([0, 1], [0]), ([0, 3], [0, 0]), ([-1], [0]), ([0.5], [0]), ([[0]], [[0]])])
def test_labels_that_cannot_be_are_refused(y: list, p: list) -> None:
    with pytest.raises(BugError):
        confusion_matrix(y, p, 3)
