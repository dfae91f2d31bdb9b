from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.embeddings import similarity as module
from core.embeddings.bank import FeatureBank
from core.embeddings.similarity import Likeness, similarity, similarity_order
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from tests.core.embeddings.blobs import FEATURES, blobs


@pytest.fixture
def kinds(tmp_path: Path):
    """A bank of ninety samples of three kinds; rows in another order than theirs."""
    features, y = blobs(90)
    bank = FeatureBank(tmp_path, FEATURES)
    bank.add([str(i) for i in range(90)], features)
    rows = np.random.default_rng(0).permutation(90)
    return bank, rows, y[rows], features[rows]


@pytest.mark.parametrize("likeness", list(Likeness))
def test_more_like_these_are_of_their_kind(kinds, likeness):
    bank, rows, y, _ = kinds
    chosen = np.flatnonzero(y == 1)[[2, 5]]
    order = similarity_order(bank, rows, chosen, likeness)
    assert sorted(order.tolist()) == list(range(90))
    assert set(order[:2].tolist()) == set(chosen.tolist())
    assert (y[order[:30]] == 1).mean() > 0.9


def test_like_any_one_of_them_finds_both_kinds(kinds):
    bank, rows, y, _ = kinds
    chosen = np.array([np.flatnonzero(y == 0)[0], np.flatnonzero(y == 2)[0]])
    first = y[similarity_order(bank, rows, chosen, Likeness.CLOSEST)[:40]]
    assert min((first == 0).sum(), (first == 2).sum()) > 8


def test_the_score_is_the_cosine(kinds):
    bank, rows, _, features = kinds
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    np.testing.assert_allclose(similarity(bank, rows, np.array([4])), unit @ unit[4], atol=2e-3)


def test_of_a_thousand_chosen_a_part_is_compared(kinds, monkeypatch):
    bank, rows, y, _ = kinds
    monkeypatch.setattr(module, "MAX_EXEMPLARS", 5)
    order = similarity_order(bank, rows, np.flatnonzero(y == 1), Likeness.MEAN)
    assert set(y[order[:30]].tolist()) == {1}


def test_comparing_can_be_stopped(kinds):
    bank, rows, _, _ = kinds
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        similarity(bank, rows, np.array([0]), progress=Progress(token=token))
