from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.embeddings.bank import FeatureBank
from core.embeddings.neighbours import nearest
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from tests.core.embeddings.blobs import blobs


def bank_of(folder: Path, features: NDArray, start: int = 0) -> FeatureBank:
    bank = FeatureBank(folder, features.shape[1])
    bank.add([f"digest {start + number}" for number in range(len(features))], features)
    return bank


def by_hand(features: NDArray, k: int) -> NDArray:
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    distances = 1 - unit @ unit.T
    np.fill_diagonal(distances, np.inf)
    return np.sort(distances, axis=1)[:, :k]


def test_up_to_a_number_of_samples_every_pair_is_compared(tmp_path: Path):
    features, _ = blobs(300)
    bank = bank_of(tmp_path, features)
    rows = np.random.default_rng(0).permutation(300)
    found = nearest(bank, rows, 7)
    assert found.exact
    expected = by_hand(bank.take(rows), 7)
    np.testing.assert_allclose(found.distances, expected, atol=1e-5)
    assert not (found.indexes == np.arange(300)[:, None]).any()


def test_beyond_it_nearly_all_nearest_neighbours_are_found(tmp_path: Path):
    features, _ = blobs(4000, kinds=40)
    bank = bank_of(tmp_path, features)
    rows = np.arange(4000)
    found = nearest(bank, rows, 10, exact_rows=100)
    truth = nearest(bank, rows, 10)
    assert not found.exact
    assert truth.exact
    assert np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found.indexes, truth.indexes, strict=True)]) > 0.9
    assert (np.diff(found.distances, axis=1) >= 0).all()
    assert not (found.indexes == rows[:, None]).any()


@pytest.mark.parametrize("exact_rows", [10_000, 50])
def test_samples_without_features_have_no_neighbours_and_are_none(tmp_path: Path, exact_rows: int):
    features, _ = blobs(120)
    features[3], features[4], features[5, 2] = 0, np.nan, np.inf
    bank = FeatureBank(tmp_path, features.shape[1])
    bank.add([str(number) for number in range(120)], features)
    rows = np.arange(120)
    rows[6] = -1
    found = nearest(bank, rows, 5, exact_rows=exact_rows)
    for row in (3, 4, 6):
        assert (found.indexes[row] == -1).all()
        assert np.isinf(found.distances[row]).all()
    assert not np.isin(found.indexes, [3, 4, 6]).any()
    assert (found.indexes[7] >= 0).all()


@pytest.mark.parametrize("exact_rows", [10_000, 0])
def test_fewer_samples_than_neighbours_leave_places_empty(tmp_path: Path, exact_rows: int):
    features, _ = blobs(3)
    bank = bank_of(tmp_path, features)
    found = nearest(bank, np.arange(3), 5, exact_rows=exact_rows)
    assert (found.indexes[:, 2:] == -1).all()
    assert sorted(found.indexes[0, :2].tolist()) == [1, 2]
    assert nearest(bank, np.arange(1), 5, exact_rows=exact_rows).indexes.tolist() == [[-1] * 5]
    assert nearest(bank, np.empty(0, np.int64), 5, exact_rows=exact_rows).indexes.shape == (0, 5)


@pytest.mark.parametrize("exact_rows", [10_000, 100])
def test_equal_images_are_at_no_distance_and_stay_quick(tmp_path: Path, exact_rows: int):
    bank = bank_of(tmp_path, np.ones((9_000 if exact_rows == 100 else 500, 8), np.float32))
    found = nearest(bank, np.arange(len(bank)), 3, exact_rows=exact_rows)
    assert (found.indexes >= 0).all()
    assert found.distances.max() < 1e-5


def test_equal_inputs_give_equal_answers_and_are_kept(tmp_path: Path):
    features, _ = blobs(3000)
    first = nearest(bank_of(tmp_path / "a", features), np.arange(3000), 4, exact_rows=10)
    second = nearest(bank_of(tmp_path / "b", features), np.arange(3000), 4, exact_rows=10)
    np.testing.assert_array_equal(first.indexes, second.indexes)
    cancelled = CancelToken()
    cancelled.cancel()
    # Nothing has to be computed, so there is nothing to stop.
    kept = nearest(
        FeatureBank(tmp_path / "a", features.shape[1]), np.arange(3000), 4, Progress(token=cancelled), exact_rows=10
    )
    np.testing.assert_array_equal(first.indexes, kept.indexes)
    np.testing.assert_array_equal(first.distances, kept.distances)


def test_what_is_kept_goes_by_the_content_of_the_rows(tmp_path: Path):
    features, _ = blobs(60)
    nearest(bank_of(tmp_path, features), np.arange(60), 3)
    for file in tmp_path.glob("bank.*"):
        file.unlink()
    other = bank_of(tmp_path, features[::-1].copy(), start=1000)
    np.testing.assert_allclose(nearest(other, np.arange(60), 3).distances, by_hand(features[::-1], 3), atol=2e-3)
    damaged = max(tmp_path.glob("neighbours-*.npz"), key=lambda path: path.stat().st_mtime_ns)
    damaged.write_bytes(b"not an archive")
    assert nearest(other, np.arange(60), 3).exact


@pytest.mark.parametrize("exact_rows", [10_000, 10])
def test_the_search_can_be_cancelled_midway(tmp_path: Path, exact_rows: int):
    features, _ = blobs(3000)
    bank, token, reports = bank_of(tmp_path, features), CancelToken(), []

    def stop(report: object) -> None:
        reports.append(report)
        if len(reports) == 4:
            token.cancel()

    with pytest.raises(Cancelled):
        nearest(bank, np.arange(3000), 3, Progress(stop, token, interval_s=0), exact_rows=exact_rows)
    assert not list(tmp_path.glob("neighbours-*"))
