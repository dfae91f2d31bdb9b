from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from core.embeddings.bank import FeatureBank
from core.embeddings.kept_map import FILE_NAME, read_map
from core.embeddings.projection import fill_square, kept_positions, pca_map, refine_map
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from tests.core.embeddings.blobs import FEATURES, blobs

SHORT = 60


def bank_of(folder: Path, features: np.ndarray, first: int = 0) -> FeatureBank:
    bank = FeatureBank(folder, features.shape[1])
    bank.add([str(first + i) for i in range(len(features))], features)
    return bank


@pytest.fixture
def kinds(tmp_path: Path):
    """A bank of ninety samples of three kinds, the rows of all, and their kinds."""
    features, y = blobs(90)
    return bank_of(tmp_path / "bank", features), np.arange(90), y


def refined(bank: FeatureBank, rows: np.ndarray, **options: int) -> np.ndarray:
    *_, last = refine_map(bank, rows, **{"iterations": SHORT, **options})
    assert last.finished
    return last.positions


def share_near_own(positions: np.ndarray, y: np.ndarray) -> float:
    """Return the share of samples whose nearest other is of their kind."""
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float((y[apart.argmin(axis=1)] == y).mean())


def test_the_first_map_is_there_at_once_and_tells_kinds_apart(kinds):
    bank, rows, y = kinds
    positions = pca_map(bank, rows)
    assert positions.shape == (90, 2)
    assert positions.dtype == np.float32
    assert np.abs(positions).max() == pytest.approx(1.0)
    assert share_near_own(positions, y) > 0.9


def test_the_refined_map_keeps_kinds_together(kinds):
    bank, rows, y = kinds
    assert share_near_own(refined(bank, rows), y) > 0.9


def test_equal_data_give_the_equal_map(kinds, tmp_path):
    bank, rows, _ = kinds
    other = bank_of(tmp_path / "other", blobs(90)[0])
    np.testing.assert_array_equal(pca_map(bank, rows), pca_map(other, rows))
    np.testing.assert_array_equal(refined(bank, rows), refined(other, rows))


def test_the_order_of_the_samples_changes_nothing(kinds, tmp_path):
    bank, rows, _ = kinds
    other = bank_of(tmp_path / "other", blobs(90)[0])
    mixed = np.random.default_rng(1).permutation(90)
    np.testing.assert_allclose(refined(other, mixed), refined(bank, rows)[mixed], atol=1e-6)


def test_a_refinement_that_was_stopped_goes_on_and_ends_where_it_would_have(kinds, tmp_path):
    bank, rows, _ = kinds
    whole = refined(bank_of(tmp_path / "whole", blobs(90)[0]), rows)
    token = CancelToken()
    seen = 0
    with pytest.raises(Cancelled):
        for frame in refine_map(bank, rows, Progress(token=token), iterations=SHORT):
            seen = frame.iteration
            if seen == 30:
                token.cancel()
    assert kept_positions(bank, rows) is None
    first = next(iter(refine_map(bank, rows, iterations=SHORT)))
    assert first.iteration > seen
    np.testing.assert_allclose(refined(bank, rows), whole, atol=1e-6)


def test_closing_a_refinement_keeps_it_too(kinds):
    bank, rows, _ = kinds
    frames = refine_map(bank, rows, iterations=SHORT)
    list(islice(frames, 2))
    frames.close()
    kept = read_map(bank.folder)
    assert kept is not None
    assert kept.descent is not None
    assert kept.descent.iteration == 20


def test_a_finished_map_is_there_at_once_the_next_time(kinds):
    bank, rows, _ = kinds
    positions = refined(bank, rows)
    np.testing.assert_array_equal(kept_positions(bank, rows), positions)
    [only] = refine_map(bank, rows, iterations=SHORT)
    np.testing.assert_array_equal(only.positions, positions)


def test_deleting_or_damaging_the_kept_map_is_harmless(kinds):
    bank, rows, _ = kinds
    positions = refined(bank, rows)
    (bank.folder / FILE_NAME).write_bytes(b"PK not a map")
    assert kept_positions(bank, rows) is None
    np.testing.assert_array_equal(refined(bank, rows), positions)
    (bank.folder / FILE_NAME).unlink()
    np.testing.assert_array_equal(refined(bank, rows), positions)


def test_a_sample_that_leaves_leaves_the_others_where_they_are(kinds):
    bank, rows, _ = kinds
    before = refined(bank, rows)
    after = kept_positions(bank, rows[5:])
    np.testing.assert_allclose(after, fill_square(before[5:]), atol=1e-6)


def test_a_few_new_samples_are_placed_among_their_like_without_a_new_fit(kinds):
    bank, rows, y = kinds
    before = refined(bank, rows)
    features, kinds_of_new = blobs(6, seed=7)
    bank.add([f"new {i}" for i in range(6)], features)
    [only] = refine_map(bank, np.arange(96), iterations=SHORT)
    np.testing.assert_allclose(fill_square(only.positions[:90]), before, atol=1e-5)
    assert share_near_own(only.positions, np.concatenate([y, kinds_of_new])) > 0.9


def test_of_many_samples_a_part_is_fitted_and_the_others_lie_among_their_like(tmp_path):
    features, y = blobs(400)
    bank = bank_of(tmp_path, features)
    positions = refined(bank, np.arange(400), max_fitted=80)
    assert np.isfinite(positions).all()
    assert share_near_own(positions, y) > 0.9


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11, 12, 13])
def test_few_samples_have_a_map_too(tmp_path, count):
    bank = bank_of(tmp_path, blobs(max(1, count))[0])
    rows = np.arange(count)
    assert pca_map(bank, rows).shape == (count, 2)
    positions = refined(bank, rows)
    assert positions.shape == (count, 2)
    assert np.isfinite(positions).all()


def test_identical_images_lie_on_one_another(tmp_path):
    bank = bank_of(tmp_path, np.ones((40, FEATURES), dtype=np.float32))
    assert np.allclose(pca_map(bank, np.arange(40)), 0, atol=1e-3)
    assert np.allclose(refined(bank, np.arange(40)), 0, atol=1e-3)


def test_half_of_them_identical_is_no_trouble(tmp_path):
    features, _ = blobs(60)
    features[30:] = features[30]
    assert np.isfinite(refined(bank_of(tmp_path, features), np.arange(60))).all()


@pytest.mark.filterwarnings("ignore:invalid value")
def test_samples_without_finite_features_are_nowhere(tmp_path):
    features, _ = blobs(40)
    features[3] = np.nan
    bank = bank_of(tmp_path, features)
    rows = np.arange(40)
    rows[7] = -1
    for positions in (pca_map(bank, rows), refined(bank, rows), kept_positions(bank, rows)):
        assert positions is not None
        assert np.flatnonzero(np.isnan(positions).any(axis=1)).tolist() == [3, 7]


def test_a_cancelled_first_map_stops(kinds):
    bank, rows, _ = kinds
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        pca_map(bank, rows, Progress(token=token))
