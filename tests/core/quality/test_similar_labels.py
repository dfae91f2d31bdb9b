from __future__ import annotations

import numpy as np
import pytest

from core.errors import Cancelled
from core.progress import CancelToken, Progress
from core.quality.similar_labels import find_similar_labels
from tests.core.quality.made_up import clouds, made_up

LABELS = np.arange(320) % 4


def test_two_names_for_the_same_thing_are_found(tmp_path):
    shown = np.where(LABELS == 3, 1, LABELS)  # D shows what B shows
    found = find_similar_labels(made_up(tmp_path, clouds(shown), LABELS), Progress())
    assert [case.evidence["labels"] for case in found.cases] == [["B", "D"]]
    case = found.cases[0]
    assert case.score > 0.6
    assert case.evidence["auc"]["low"] <= 0.55
    assert set(case.rows) <= set(np.flatnonzero((LABELS == 1) | (LABELS == 3)).tolist())


def test_labels_that_differ_are_left_alone_whatever_the_seed(tmp_path):
    for seed in range(8):
        data = made_up(tmp_path / str(seed), clouds(LABELS, seed=seed), LABELS)
        assert find_similar_labels(data, Progress()).cases == []


def test_of_too_few_images_nothing_is_said(tmp_path):
    given = np.array([0] * 60 + [1] * 4)
    found = find_similar_labels(made_up(tmp_path, clouds(given * 0), given), Progress())
    assert found.cases == []


def test_labels_that_hold_together_are_compared_where_one_of_them_holds(tmp_path):
    held = LABELS[:, None] == np.arange(3)
    shown = np.where(LABELS == 2, 1, LABELS)
    held[::5, 0] = True
    found = find_similar_labels(made_up(tmp_path, clouds(shown), held=held), Progress())
    assert ["B", "C"] in [case.evidence["labels"] for case in found.cases]


def test_a_thousand_labels_are_compared_where_they_come_close(tmp_path):
    given = np.arange(10_000) % 1_000
    random = np.random.default_rng(0)
    centres = random.normal(0, 4, (1_000, 24))
    centres[77] = centres[78]
    features = (centres[given] + random.normal(size=(10_000, 24))).astype(np.float32)
    found = find_similar_labels(made_up(tmp_path, features, given), Progress())
    assert [case.evidence["labels"] for case in found.cases] == [["L77", "L78"]]


@pytest.mark.parametrize("given", [np.full(50, -1), np.zeros(50, np.int64), np.zeros(0, np.int64)])
def test_without_two_labels_it_says_why_not(tmp_path, given):
    found = find_similar_labels(made_up(tmp_path, np.ones((len(given), 4), np.float32), given, n_labels=2), Progress())
    assert (found.cases, bool(found.note)) == ([], True)


def test_identical_images_under_two_labels_cannot_be_told_apart(tmp_path):
    given = np.arange(60) % 2
    found = find_similar_labels(made_up(tmp_path, np.ones((60, 4), np.float32), given), Progress())
    assert len(found.cases) == 1


def test_a_stop_is_heard(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_similar_labels(made_up(tmp_path, clouds(LABELS), LABELS), Progress(token=token))
