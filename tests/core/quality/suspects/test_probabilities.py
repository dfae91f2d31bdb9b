from __future__ import annotations

import numpy as np
import pytest

from core.embeddings.bank import FeatureBank
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from core.quality.suspects.probabilities import out_of_fold, out_of_fold_each

N, K, F = 400, 3, 12


@pytest.fixture
def world(tmp_path):
    random = np.random.default_rng(3)
    y = random.integers(0, K, N)
    features = (np.eye(K, F)[y] * 3 + random.normal(size=(N, F))).astype(np.float32)
    bank = FeatureBank(tmp_path, F)
    bank.add([f"{i:064x}" for i in range(N)], features)
    return bank, np.arange(N), y, np.arange(N) // 4


def test_most_labels_are_guessed_by_heads_that_have_not_seen_them(world) -> None:
    p = out_of_fold(*world, n_labels=K)
    np.testing.assert_allclose(p.sum(1), 1, atol=1e-5)
    assert (p.argmax(1) == world[2]).mean() > 0.85


def test_a_head_never_answers_for_a_group_it_has_seen(world) -> None:
    bank, rows, _, _ = world
    random = np.random.default_rng(0)
    # Labels at random, the same in a group whose samples are all but identical: only memory could know them.
    groups = np.arange(N) // 8
    labels = random.integers(0, K, N // 8)[groups]
    centres = random.normal(size=(N // 8, F))
    twins = FeatureBank(bank._features.parent / "twins", F)
    twins.add([f"{i:064x}" for i in range(N)], (centres[groups] + random.normal(size=(N, F)) * 0.01).astype(np.float32))
    p = out_of_fold(twins, rows, labels, groups, n_labels=K)
    assert (p.argmax(1) == labels).mean() < 0.6


def test_a_part_is_learnt_from_and_all_are_answered(world) -> None:
    p = out_of_fold(*world, n_labels=K, most=120)
    assert np.isfinite(p).all()
    assert (p.argmax(1) == world[2]).mean() > 0.8


def test_samples_without_features_or_with_a_nan_are_nan(world, tmp_path) -> None:
    bank, rows, y, groups = world
    rows = rows.copy()
    rows[:5] = -1
    bank.add(["f" * 64], np.full((1, F), np.nan, np.float32))
    rows[5] = N
    p = out_of_fold(bank, rows, y, groups, n_labels=K)
    assert np.isnan(p[:6]).all()
    assert np.isfinite(p[6:]).all()


def test_a_label_of_one_group_only_cannot_be_judged(world) -> None:
    bank, rows, y, groups = world
    labels = np.where(groups == 7, K, y)
    p = out_of_fold(bank, rows, labels, groups, n_labels=K + 1)
    assert np.isnan(p[groups == 7]).all()
    assert np.isfinite(p[groups != 7]).all()


def test_labels_that_nobody_has_and_samples_without_a_label_are_no_trouble(world) -> None:
    bank, rows, y, groups = world
    labels = np.where(np.arange(N) % 3 == 0, -1, y)
    p = out_of_fold(bank, rows, labels, groups, n_labels=K + 2)
    assert p.shape == (N, K + 2)
    assert p[:, K:].max() < 0.2


@pytest.mark.parametrize("labels", [np.full(N, -1), np.zeros(N, dtype=np.int64)])
def test_without_two_labels_there_is_nothing_to_learn(world, labels) -> None:
    bank, rows, _, groups = world
    assert out_of_fold(bank, rows, labels, groups, n_labels=K) is None
    assert out_of_fold(bank, rows[:0], labels[:0], groups[:0], n_labels=K) is None


def test_identical_images_give_even_probabilities(tmp_path) -> None:
    bank = FeatureBank(tmp_path, F)
    bank.add([f"{i:064x}" for i in range(40)], np.ones((40, F), np.float32))
    y = np.arange(40) % 2
    p = out_of_fold(bank, np.arange(40), y, np.full(40, -1), n_labels=2)
    np.testing.assert_allclose(p, 0.5, atol=0.1)


def test_everything_in_one_group_is_folded_by_sample(world) -> None:
    bank, rows, y, groups = world
    p = out_of_fold(bank, rows, y, np.zeros_like(groups), n_labels=K)
    assert (p.argmax(1) == y).mean() > 0.8


def test_labels_that_hold_together_are_judged_each_by_itself(world) -> None:
    bank, rows, y, groups = world
    held = np.eye(K, dtype=bool)[y]
    held[:, 0] |= y == 1
    p = out_of_fold_each(bank, rows, held, np.ones(N, dtype=bool), groups)
    assert ((p > 0.5) == held).mean() > 0.85


def test_a_stop_is_heeded(world) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        out_of_fold(*world, Progress(token=token), n_labels=K)
