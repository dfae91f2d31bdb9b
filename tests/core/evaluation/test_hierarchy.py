from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.domain.task import Task
from core.errors import BugError
from core.evaluation.calibration import softmax
from core.evaluation.hierarchy import parents_of, roll_up, roll_up_truth, top_of

ABOVE = {1: None, 2: 1, 3: 1, 4: 3, 5: None}


def test_the_topmost_label_stands_for_those_below_it() -> None:
    assert [top_of(label, ABOVE) for label in (1, 2, 4, 5)] == [1, 1, 1, 5]
    assert parents_of([2, 5, 4, 1], ABOVE) == ((1, 5), [0, 1, 0, 0])


def test_a_circle_ends() -> None:
    assert top_of(1, {1: 2, 2: 1}) == 2


@given(hnp.arrays(np.float64, (5, 4), elements=st.floats(-20, 20)))
def test_rolled_up_probabilities_of_single_labels_still_sum_to_one(logits: np.ndarray) -> None:
    rolled = roll_up(softmax(logits), [0, 1, 0, 1])
    np.testing.assert_allclose(rolled.sum(axis=1), 1)
    np.testing.assert_allclose(rolled[:, 0], softmax(logits)[:, [0, 2]].sum(axis=1), atol=1e-12)


def test_of_many_labels_the_likeliest_child_speaks_for_the_parent() -> None:
    p = np.array([[0.2, 0.9, 0.4]])
    assert roll_up(p, [0, 1, 0], Task.MULTI).tolist() == [[0.4, 0.9]]


def test_the_truth_rolls_up_too() -> None:
    assert roll_up_truth(np.array([0, 1, 2]), [0, 1, 0]).tolist() == [0, 1, 0]
    many = np.array([[True, False, False], [False, False, True], [False, True, False]])
    assert roll_up_truth(many, [0, 1, 0], Task.MULTI).tolist() == [[True, False], [True, False], [False, True]]


def test_parents_that_do_not_fit_are_a_bug() -> None:
    with pytest.raises(BugError):
        roll_up(np.zeros((2, 3)), [0, 1])
