"""Splits of samples that have many labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.split import assign_splits, parse_ratios

RATIOS = parse_ratios("70/15/15")


def _scenario(seed: int, n: int, k: int, n_groups: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    has_label = rng.random((n, k)) < np.geomspace(0.02, 0.5, k)
    groups = rng.permutation(n) % n_groups
    return [f"group {i}" for i in range(n_groups)], groups.astype(np.int64), has_label


def _assign(seed: int, n: int = 1000, k: int = 6, n_groups: int = 1000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    names, groups, has_label = _scenario(seed, n, k, n_groups)
    return assign_splits(names, groups, has_label, np.zeros(n, np.int8), RATIOS, 0), groups, has_label


def test_every_label_has_its_share_of_every_split_the_rare_ones_too() -> None:
    codes, _, has_label = _assign(3)
    for code, share in ((1, 0.7), (2, 0.15), (3, 0.15)):
        assert abs((codes == code).sum() - 1000 * share) <= 6
        assert (np.abs(has_label[codes == code].sum(axis=0) - share * has_label.sum(axis=0)) <= 2).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_groups_stay_whole_and_everything_gets_a_split(seed: int, n_groups: int) -> None:
    codes, groups, _ = _assign(seed, n=120, k=4, n_groups=n_groups)
    assert set(np.unique(codes)) <= {1, 2, 3}
    for group in range(n_groups):
        assert len(np.unique(codes[groups == group])) == 1


def test_groups_keep_the_labels_close_to_their_shares() -> None:
    codes, _, has_label = _assign(5, n=3000, n_groups=200)
    train = has_label[codes == 1].sum(axis=0) / has_label.sum(axis=0)
    assert np.abs(train - 0.7).max() < 0.05


def test_the_order_of_import_does_not_matter() -> None:
    names, groups, has_label = _scenario(7, 300, 4, 300)
    once = assign_splits(names, groups, has_label, np.zeros(300, np.int8), RATIOS, 0)
    order = np.random.default_rng(0).permutation(300)
    again = assign_splits(names, groups[order], has_label[order], np.zeros(300, np.int8), RATIOS, 0)
    np.testing.assert_array_equal(once[order], again)


def test_what_is_in_a_split_stays_there_and_others_make_up_for_it() -> None:
    names, groups, has_label = _scenario(9, 400, 4, 400)
    current = np.where(np.arange(400) < 100, 3, 0).astype(np.int8)
    codes = assign_splits(names, groups, has_label, current, RATIOS, 0)
    assert (codes[:100] == 3).all()
    assert (codes[100:] == 3).sum() == 0


def test_samples_known_to_have_no_label_are_dealt_in_proportion() -> None:
    names, groups, _ = _scenario(1, 100, 2, 100)
    codes = assign_splits(names, groups, np.zeros((100, 2), bool), np.zeros(100, np.int8), RATIOS, 0)
    assert [int((codes == code).sum()) for code in (1, 2, 3)] == pytest.approx([70, 15, 15])


def test_a_share_of_nothing_gets_nothing() -> None:
    names, groups, has_label = _scenario(2, 60, 3, 60)
    codes = assign_splits(names, groups, has_label, np.zeros(60, np.int8), parse_ratios("80/20/0"), 0)
    assert not (codes == 3).any()
