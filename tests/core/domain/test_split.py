import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.split import SplitRatios, assign_splits, parse_ratios
from core.errors import UserError

SEVENTY = parse_ratios("70/15/15")


def split(unit_of, label_of, current=None, ratios=SEVENTY, seed=0, names=None):
    unit_of = np.asarray(unit_of, dtype=np.int64)
    units = names or [f"unit {i}" for i in range(int(unit_of.max(initial=-1)) + 1)]
    now = np.zeros(len(unit_of), dtype=np.int8) if current is None else current
    return assign_splits(units, unit_of, np.asarray(label_of, dtype=np.int64), now, ratios, seed)


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(-1, 3)), min_size=1, max_size=80), st.integers(0, 5))
def test_no_unit_is_ever_in_two_splits(samples, seed):
    unit_of, label_of = (np.array(column) for column in zip(*samples, strict=True))
    codes = split(unit_of, label_of, seed=seed, names=[f"u{i}" for i in range(16)])
    assert set(codes) <= {1, 2, 3}
    for unit in set(unit_of.tolist()):
        assert len(set(codes[unit_of == unit].tolist())) == 1


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 2)), min_size=2, max_size=80), st.data())
def test_adding_samples_moves_none_that_was_there(samples, data):
    unit_of, label_of = (np.array(column) for column in zip(*samples, strict=True))
    names = [f"u{i}" for i in range(16)]
    n_before = data.draw(st.integers(1, len(samples)))
    before = split(unit_of[:n_before], label_of[:n_before], names=names)
    current = np.concatenate([before, np.zeros(len(samples) - n_before, dtype=np.int8)])
    after = split(unit_of, label_of, current, names=names)
    np.testing.assert_array_equal(after[:n_before], before)


def test_the_order_of_import_does_not_matter():
    rng = np.random.default_rng(1)
    unit_of, label_of = rng.integers(0, 40, 500), rng.integers(0, 3, 500)
    names = [f"slide {i}" for i in range(40)]
    there = split(unit_of, label_of, names=names)
    order = rng.permutation(500)
    back = split(unit_of[order], label_of[order], names=names)
    np.testing.assert_array_equal(back, there[order])


def test_labels_keep_their_proportions_when_groups_allow_it():
    rng = np.random.default_rng(2)
    unit_of = rng.integers(0, 200, 5000)
    label_of = rng.choice(3, 5000, p=[0.85, 0.08, 0.07])
    codes = split(unit_of, label_of)
    for label in range(3):
        shares = np.bincount(codes[label_of == label], minlength=4)[1:] / (label_of == label).sum()
        np.testing.assert_allclose(shares, [0.7, 0.15, 0.15], atol=0.03)


def test_single_samples_are_shared_out_exactly():
    codes = split(np.arange(100), np.repeat([0, 1], [80, 20]))
    assert np.bincount(codes).tolist() == [0, 70, 15, 15]
    assert np.bincount(codes[80:]).tolist() == [0, 14, 3, 3]


def test_another_seed_is_another_split():
    labels = np.zeros(60, dtype=np.int64)
    assert split(np.arange(60), labels, seed=1).tolist() != split(np.arange(60), labels, seed=2).tolist()


def test_a_share_of_zero_gets_nothing():
    codes = split(np.arange(50) // 2, np.zeros(50), ratios=parse_ratios("80/20/0"))
    assert set(codes.tolist()) == {1, 2}


def test_nothing_to_split_is_no_trouble():
    assert len(split([], [])) == 0


def test_ratios_are_read_and_shown_as_shares_of_a_hundred():
    assert parse_ratios("7/2/1") == SplitRatios(0.7, 0.2, 0.1)
    assert str(parse_ratios("70,15,15")) == "70/15/15"


@pytest.mark.parametrize("text", ["", "70/30", "a/b/c", "0/50/50", "-1/1/1", "nan/1/1", "70/15/15/0"])
def test_ratios_that_make_no_sense_are_refused(text):
    with pytest.raises(UserError) as caught:
        parse_ratios(text)
    assert caught.value.code == "ratios_invalid"
