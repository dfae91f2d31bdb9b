from __future__ import annotations

import numpy as np
import pytest

from core.errors import Cancelled
from core.progress import CancelToken, Progress
from core.quality.leakage.find import MOST_VALUES, find_leakage
from core.quality.leakage.sessions import alike_within, tells_sessions
from core.quality.leakage.units import joined, straddling_codes
from tests.core.quality.made_up import clouds, made_up

N = 400
LABELS = np.arange(N) % 4
SPLITS = np.where(np.arange(N) < 240, 1, np.where(np.arange(N) < 300, 2, 3))


def test_copies_on_both_sides_are_found_and_their_effect_is_measured(tmp_path):
    random = np.random.default_rng(0)
    features = clouds(LABELS, apart=1.2)
    # A hard test set of which half lies in the training set too: what is memorised is right.
    copies = [(300 + i, i) for i in range(50)]
    for test, train in copies:
        features[test] = features[train] + random.normal(0, 0.01, features.shape[1])
    wide = np.concatenate([features, random.normal(0, 1.5, (N, 120))], axis=1).astype(np.float32)
    wide[[test for test, _ in copies]] = wide[[train for _, train in copies]]
    data = made_up(tmp_path, wide, LABELS, splits=SPLITS, duplicates=tuple(copies))
    found = find_leakage(data, Progress())
    assert len(found.cases) == 50
    assert set(found.cases[0].rows) in [set(pair) for pair in copies]
    assert found.cases[0].rows[0] >= 300  # the test image first
    assert found.cases[0].evidence["splits"] == {"train": 1, "test": 1}
    measured = found.summary["inflation"]["of_split"]
    assert measured["difference"]["value"] > 0.1
    assert measured["difference"]["low"] > 0
    assert found.summary["test_touched"] == {"images": 50, "of": 100}


def test_a_group_on_both_sides_is_found_and_a_whole_one_is_not(tmp_path):
    groups = np.where(np.arange(N) < 240, np.arange(N) // 10, 1_000 + np.arange(N) // 10)
    groups[395] = 3
    found = find_leakage(made_up(tmp_path, clouds(LABELS), LABELS, splits=SPLITS, groups=groups), Progress())
    assert [(case.evidence["group"], case.rows[0]) for case in found.cases] == [(3, 395)]


def test_a_split_that_takes_no_notice_of_groups_is_one_case(tmp_path):
    groups = np.arange(N) % 100
    found = find_leakage(made_up(tmp_path, clouds(LABELS), LABELS, splits=SPLITS, groups=groups), Progress())
    assert [case.key for case in found.cases] == ["group:all"]
    assert found.cases[0].evidence["values"] == 100 > MOST_VALUES


def test_folds_without_regard_to_groups_are_shown_to_flatter(tmp_path):
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 10)
    given = (np.arange(40) % 4)[groups]  # a label per patient: who the patient is tells the label
    features = clouds(given, apart=0.5, groups=groups, shift=3.0)
    splits = np.where(groups < 30, 1, 3)
    order = random.permutation(N)
    data = made_up(tmp_path, features[order], given[order], groups=groups[order], splits=splits[order])
    found = find_leakage(data, Progress())
    assert found.cases == []
    assert found.summary["inflation"]["of_random_folds"]["difference"]["low"] > 0.2


def test_a_clean_split_is_quiet_whatever_the_seed(tmp_path):
    sure = 0
    for seed in range(6):
        groups = np.arange(N) // 5
        data = made_up(tmp_path / str(seed), clouds(LABELS, seed=seed, apart=2), LABELS, splits=SPLITS, groups=groups)
        found = find_leakage(data, Progress())
        assert found.cases == []
        sure += found.summary["inflation"]["of_random_folds"]["difference"]["low"] > 0
    assert sure <= 1


def test_without_splits_it_says_why_not(tmp_path):
    found = find_leakage(made_up(tmp_path, clouds(LABELS), LABELS), Progress())
    assert (found.cases, bool(found.note)) == ([], True)


@pytest.mark.parametrize("given", [np.full(N, -1), np.zeros(N, np.int64)])
def test_without_labels_to_learn_leaks_are_found_but_not_measured(tmp_path, given):
    data = made_up(tmp_path, clouds(LABELS), given, splits=SPLITS, duplicates=((0, 399),), n_labels=2)
    found = find_leakage(data, Progress())
    assert len(found.cases) == 1
    assert found.summary["inflation"]["of_split"] is None


def test_images_of_several_labels_are_judged_too(tmp_path):
    held = LABELS[:, None] == np.arange(3)
    found = find_leakage(
        made_up(tmp_path, clouds(LABELS), held=held, splits=SPLITS, duplicates=((0, 399),)), Progress()
    )
    assert len(found.cases) == 1
    assert found.summary["inflation"]["of_split"]["n"] == 100


def test_a_stop_is_heard(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_leakage(made_up(tmp_path, clouds(LABELS), LABELS, splits=SPLITS), Progress(token=token))


def test_ties_are_followed_through():
    codes = np.array([5, -1, -1, 5, -1, 7, 7, -1])
    units = joined(8, [(0, 1), (2, 4), (4, 6)], codes)
    parts = {frozenset(np.flatnonzero(units == unit).tolist()) for unit in units}
    assert parts == {frozenset({0, 1, 3}), frozenset({2, 4, 5, 6}), frozenset({7})}


def test_what_is_in_no_split_is_on_no_side():
    codes, splits = np.array([1, 1, 2, 2, 2]), np.array([1, 0, 3, 1, 0], dtype=np.int8)
    assert [leak.rows for leak in straddling_codes("group", codes, splits)] == [(2, 3)]


def test_a_minute_in_which_slides_were_taken_is_a_session_and_a_microscope_is_not():
    minutes = np.repeat(np.arange(40), 10)
    assert tells_sessions(minutes)
    assert not tells_sessions(np.arange(N) % 2)
    assert not tells_sessions(np.arange(N))
    assert not tells_sessions(np.full(N, -1))
    # Neighbours of the same minute, and neighbours by chance.
    near = (minutes[:, None] * 10 + (np.arange(N)[:, None] + np.arange(1, 6)) % 10).astype(np.int32)
    assert alike_within(minutes, LABELS, near)
    by_chance = np.random.default_rng(0).integers(0, N, (N, 5)).astype(np.int32)
    assert not alike_within(minutes, LABELS, by_chance)


def test_files_that_are_the_same_are_found_also_where_nobody_looked_for_duplicates(tmp_path):
    data = made_up(tmp_path, clouds(LABELS), LABELS, splits=SPLITS)
    data.keys[399] = data.keys[2]
    found = find_leakage(data, Progress())
    assert [case.rows for case in found.cases] == [(399, 2)]


def test_a_cluster_that_is_named_twice_is_one_case(tmp_path):
    twice = ((0, 399), (0, 399))
    found = find_leakage(made_up(tmp_path, clouds(LABELS), LABELS, splits=SPLITS, duplicates=twice), Progress())
    assert len(found.cases) == 1
