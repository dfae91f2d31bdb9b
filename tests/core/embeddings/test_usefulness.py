from __future__ import annotations

import numpy as np

from core.embeddings.usefulness import diverse_batch, doubt, usefulness_order
from tests.core.embeddings.blobs import blobs


def test_a_draw_is_all_doubt_and_certainty_none():
    found = doubt(np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.6, 0.3, 0.1]], np.float32))
    np.testing.assert_allclose(found, [1.0, 0.0, 0.7], atol=1e-6)


def test_of_independent_labels_the_most_doubtful_counts():
    found = doubt(np.array([[0.99, 0.5], [0.99, 0.01], [0.3, 0.0]], np.float32), independent=True)
    np.testing.assert_allclose(found, [1.0, 0.02, 0.6], atol=1e-6)


def test_copies_of_one_hard_case_are_asked_for_once():
    features, _ = blobs(30, seed=2)
    features[10:20] = features[10]
    doubts = np.full(30, 0.2, np.float32)
    doubts[10:20] = 1.0
    first = diverse_batch(features, doubts, 5)
    assert first[0] == 10
    assert not set(first[1:].tolist()) & set(range(11, 20))


def test_a_batch_takes_none_twice_and_no_more_than_there_are():
    features, _ = blobs(8)
    assert sorted(diverse_batch(features, np.zeros(8, np.float32), 20).tolist()) == list(range(8))
    assert len(diverse_batch(features[:0], np.zeros(0, np.float32), 20)) == 0


def test_every_candidate_is_in_the_order_and_the_surest_last():
    features, _ = blobs(200)
    doubts = np.random.default_rng(0).random(200).astype(np.float32)
    order = usefulness_order(lambda rows: features[rows], doubts, batch=4)
    assert sorted(order.tolist()) == list(range(200))
    assert order[-1] == doubts.argmin()
    rest = doubts[order[4:]]
    assert (np.diff(rest) <= 0).all()
    assert np.array_equal(order, usefulness_order(lambda rows: features[rows], doubts, batch=4))
