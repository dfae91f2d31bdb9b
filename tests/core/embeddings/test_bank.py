from __future__ import annotations

from pathlib import Path

import numpy as np

from core.embeddings.bank import FeatureBank
from tests.core.embeddings.blobs import FEATURES, blobs


def keys(count: int, start: int = 0) -> list[str]:
    return [f"digest {number}" for number in range(start, start + count)]


def test_what_was_added_is_there_in_half_precision_also_for_the_next_one(tmp_path: Path):
    features, _ = blobs(10)
    bank = FeatureBank(tmp_path / "bank", FEATURES)
    bank.add(keys(6), features[:6])
    bank.add(keys(4, 6), features[6:])
    again = FeatureBank(tmp_path / "bank", FEATURES)
    assert len(again) == 10
    rows = again.rows([*keys(10), "unknown"])
    assert rows.tolist() == [*range(10), -1]
    shuffled = np.array([7, 0, 9, 7])
    np.testing.assert_allclose(again.take(shuffled), features[shuffled], rtol=1e-3, atol=1e-3)


def test_a_bank_of_which_nothing_is_there_is_empty(tmp_path: Path):
    bank = FeatureBank(tmp_path / "none", FEATURES)
    assert len(bank) == 0
    assert bank.rows(["a"]).tolist() == [-1]
    assert bank.take(np.empty(0, np.int64)).shape == (0, FEATURES)
    assert not (tmp_path / "none").exists()


def test_chunks_are_all_the_rows_once(tmp_path: Path):
    features, _ = blobs(50)
    bank = FeatureBank(tmp_path, FEATURES)
    bank.add(keys(50), features)
    for rows in (np.arange(50), np.random.default_rng(0).permutation(50)[:33]):
        found = np.empty((len(rows), FEATURES), np.float32)
        for part, chunk in bank.chunks(rows, size=8):
            assert len(chunk) <= 8
            found[part] = chunk.numpy()
        np.testing.assert_array_equal(found, bank.take(rows))


def test_a_row_counts_once_its_digest_is_written(tmp_path: Path):
    features, _ = blobs(9)
    bank = FeatureBank(tmp_path, FEATURES)
    bank.add(keys(5), features[:5])
    with (tmp_path / "bank.features").open("ab") as file:
        file.write(b"a killed process was here")
    with (tmp_path / "bank.digests").open("ab") as file:
        file.write(b"half")
    after = FeatureBank(tmp_path, FEATURES)
    assert len(after) == 5
    after.add(keys(4, 5), features[5:])
    np.testing.assert_allclose(FeatureBank(tmp_path, FEATURES).take(np.arange(9)), features, rtol=1e-3, atol=1e-3)


def test_numbers_beyond_half_precision_stay_finite(tmp_path: Path):
    bank = FeatureBank(tmp_path, 2)
    bank.add(["a"], np.array([[1e9, -1e9]], np.float32))
    assert np.isfinite(bank.take(np.array([0]))).all()


def test_adding_nothing_changes_nothing(tmp_path: Path):
    features, _ = blobs(6)
    bank = FeatureBank(tmp_path, FEATURES)
    bank.add(keys(6), features)
    bank.add([], features[:0])
    assert len(FeatureBank(tmp_path, FEATURES)) == 6


def test_two_that_add_at_once_do_not_write_over_each_other(tmp_path: Path):
    features, _ = blobs(9)
    one, other = FeatureBank(tmp_path, FEATURES), FeatureBank(tmp_path, FEATURES)
    one.add(keys(5), features[:5])
    other.add([*keys(2), *keys(4, 5)], features[[0, 1, 5, 6, 7, 8]])
    one.add(["later"], features[:1])
    for bank in (one, other, FeatureBank(tmp_path, FEATURES)):
        rows = bank.rows(keys(9))
        np.testing.assert_allclose(bank.take(rows), features, rtol=1e-3, atol=1e-3)
    assert len(FeatureBank(tmp_path, FEATURES)) == 10
