"""Suggestions for a project's samples, from the arrays that are known of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.labels import Label
from core.domain.samples import SampleState, SampleTable
from core.domain.task import Task
from core.embeddings.bank import FeatureBank
from core.embeddings.labelled import LabelledPool, read_pool
from core.embeddings.suggestions import appraise, guess, learn, open_samples, useful_first
from core.store.edits import set_excluded, set_labels, set_state
from core.store.task import set_task
from tests.core.embeddings.blobs import FEATURES, blobs
from tests.support.projects import project_with_rows

N, KNOWN = 120, 24
LABELS = tuple(Label(10 * i, name, "#000000", "●", "", i) for i, name in enumerate(("RBC", "WBC", "Platelets"), 1))


def table(n: int, y: np.ndarray) -> SampleTable:
    label_ids = np.where(np.arange(n) < KNOWN, np.array([10, 20, 30])[y], -1)
    none = np.full(n, -1)
    return SampleTable(
        np.arange(1, n + 1), label_ids, none, np.zeros(n, np.int8), np.ones(n, np.int64), [f"{i}.png" for i in range(n)]
    )


@pytest.fixture
def case(tmp_path: Path):
    """A pool of which the first are labelled, its bank, the rows (the last one unreadable), and the truth."""
    features, y = blobs(N)
    held = np.eye(3, dtype=bool)[y] & (np.arange(N) < KNOWN)[:, None]
    keys = [str(i) for i in range(N)]
    pool = LabelledPool(LABELS, False, table(N, y), keys, held, np.arange(N) < KNOWN)
    bank = FeatureBank(tmp_path, FEATURES)
    bank.add(keys[:-1], features[:-1])
    return pool, bank, bank.rows(keys), y


def test_the_unlabelled_are_given_what_they_are(case):
    pool, bank, rows, y = case
    learned = learn(bank, rows, pool)
    where = open_samples(pool, rows)
    assert where.tolist() == list(range(KNOWN, N - 1))
    found = guess(bank, rows[where], learned.head)
    assert (found.labels.sum(1) == 1).all()
    assert (found.labels.argmax(1) == y[where]).mean() > 0.95
    assert ((found.confidence > 0.33) & (found.confidence <= 1)).all()


def test_too_few_labels_teach_nothing(case):
    pool, bank, rows, _ = case
    few = np.arange(N) < 9
    assert learn(bank, rows, replace(pool, labelled=few, held=pool.held & few[:, None])) is None
    assert learn(bank, np.full(N, -1), pool) is None


def test_the_accuracy_is_due_again_once_the_labels_have_grown(case):
    pool, bank, rows, y = case
    learned = learn(bank, rows, pool)
    assert learned.outdated
    learned = appraise(bank, rows, pool, learned)
    assert not learned.outdated
    assert learned.head.temperature == learned.judgement.temperature
    grown = np.arange(N) < KNOWN + 6
    more = replace(pool, labelled=grown, held=np.eye(3, dtype=bool)[y] & grown[:, None])
    later = learn(bank, rows, more, learned)
    assert later.outdated
    assert later.head.n == KNOWN + 6
    assert later.judgement is learned.judgement


def test_a_label_nobody_has_is_never_suggested(case):
    pool, bank, rows, y = case
    only = pool.labelled & (y != 2)
    learned = learn(bank, rows, replace(pool, labelled=only, held=pool.held & only[:, None]))
    assert learned.head.label_ids.tolist() == [10, 20]


def test_what_teaches_most_comes_first(case, monkeypatch):
    pool, bank, rows, _ = case
    learned = learn(bank, rows, pool)
    where = open_samples(pool, rows)
    order = useful_first(bank, rows[where], learned.head, batch=5)
    assert sorted(order.tolist()) == list(range(len(where)))
    doubts = guess(bank, rows[where], learned.head).doubt
    assert doubts[order[:5]].mean() > doubts.mean()
    monkeypatch.setattr("core.embeddings.suggestions.MAX_CANDIDATES", 20)
    drawn = useful_first(bank, rows[where], learned.head, batch=5)
    assert sorted(drawn.tolist()) == list(range(len(where)))
    assert np.array_equal(drawn, useful_first(bank, rows[where], learned.head, batch=5))


def test_several_labels_may_be_suggested_at_once(case):
    pool, bank, rows, y = case
    held = np.stack([y == 0, y < 2, y == 2], axis=1) & pool.labelled[:, None]
    learned = appraise(bank, rows, many := replace(pool, independent=True, held=held), learn(bank, rows, many))
    where = open_samples(many, rows)
    found = guess(bank, rows[where], learned.head)
    truth = np.stack([y == 0, y < 2, y == 2], axis=1)[where]
    assert (found.labels == truth).all(1).mean() > 0.9
    assert ((found.confidence >= 0.5) & (found.confidence <= 1)).all()


def test_a_pool_is_what_a_project_knows(tmp_path: Path):
    names = [("a.png", "RBC", "s1"), ("b.png", None, "s1"), ("c.png", "WBC", None)]
    with project_with_rows(tmp_path, names) as project:
        pool = read_pool(project)
    assert [label.name for label in pool.labels] == ["RBC", "WBC"]
    assert pool.labelled.tolist() == [True, False, True]
    assert pool.held.tolist() == [[True, False], [False, False], [False, True]]
    assert pool.known_rows().tolist() == [0, 2]
    assert pool.keys == ["a.png", "b.png", "c.png"]


def test_what_is_left_out_of_training_is_left_out_here(tmp_path: Path):
    rows = [(f"{i}.png", "RBC" if i % 2 else None, None) for i in range(6)]
    with project_with_rows(tmp_path, rows) as project:
        set_excluded(project, [1], True)
        set_state(project, [2], SampleState.UNCERTAIN, "blurry")
        set_task(project, Task.MULTI)
        set_labels(project, [3], [])
        pool = read_pool(project)
    assert pool.table.ids.tolist() == [3, 4, 5, 6]
    assert pool.independent
    assert pool.labelled.tolist() == [True, True, False, True]
    assert pool.held[:, 0].tolist() == [False, True, False, True]
