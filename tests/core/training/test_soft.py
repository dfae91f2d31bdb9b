import numpy as np

from core.domain.labels import Label
from core.domain.samples import SampleTable
from core.training.dataset import Dataset
from core.training.soft import shares

NAN = float("nan")


def dataset(y):
    ids = np.arange(len(y))
    table = SampleTable(ids, ids, ids, ids.astype(np.int8), ids, [str(i) for i in ids])
    return Dataset(tuple(Label(i, str(i), "#000000", "", "", i) for i in range(2)), table, y)


def test_votes_are_learnt_and_labels_where_nobody_voted():
    votes = np.array([[0.75, 0.25], [NAN, NAN], [0.0, 0.0]])
    found = shares(votes, dataset(np.array([1, 1, 0])))
    assert found.tolist() == [[0.75, 0.25], [0.0, 1.0], [1.0, 0.0]]


def test_votes_for_labels_the_run_does_not_know_leave_the_shares_of_the_others():
    assert shares(np.array([[0.4, 0.1]]), dataset(np.array([1]))).tolist() == [[np.float32(0.8), np.float32(0.2)]]


def test_of_many_labels_every_share_stands_for_itself():
    found = shares(np.array([[0.75, 1.0], [NAN, NAN]]), dataset(np.array([[True, False], [False, True]])))
    assert found.tolist() == [[0.75, 1.0], [0.0, 1.0]]
