from __future__ import annotations

import numpy as np
import pytest

from core.domain.findings import FindingKind
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from core.quality.outliers.find import find_outliers
from core.quality.outliers.tails import fit_tail, unlikeliness
from tests.core.quality.made_up import clouds, made_up

LABELS = np.arange(300) % 3


def test_what_is_unlike_everything_comes_first(tmp_path):
    features = clouds(LABELS)
    strange = [7, 100, 250]
    features[strange] = -20.0 * np.eye(3, features.shape[1])
    found = find_outliers(made_up(tmp_path, features, LABELS), Progress())
    assert {case.rows[0] for case in found.cases[:3]} == set(strange)
    case = found.cases[0]
    assert (case.kind, case.evidence["unlike"]) == (FindingKind.OUTLIER, "all")
    assert case.evidence["distance"] > case.evidence["usual"][1]
    assert len(case.evidence["neighbours"]) == len(case.evidence["distances"]) == 10


def test_what_is_unlike_its_own_label_is_said_to_be_like_the_other(tmp_path):
    given = LABELS.copy()
    given[[9, 30]] = 1  # they are of label A
    found = find_outliers(made_up(tmp_path, clouds(LABELS), given), Progress())
    assert {case.rows[0] for case in found.cases} == {9, 30}
    assert {case.evidence["unlike"] for case in found.cases} == {"label"}
    assert {(case.evidence["like"], case.suggested) for case in found.cases} == {("A", 0)}


def test_two_copies_of_a_stray_image_do_not_vouch_for_each_other(tmp_path):
    features = clouds(LABELS)
    features[[5, 6, 8]] = -20.0
    found = find_outliers(made_up(tmp_path, features, LABELS), Progress())
    assert {case.rows[0] for case in found.cases} == {5, 6, 8}


def test_clean_data_are_quiet(tmp_path):
    alarms = 0
    for seed in range(10):
        spread = np.exp(np.random.default_rng(seed).normal(0, 0.1, (300, 1)))
        data = made_up(tmp_path / str(seed), (clouds(LABELS, seed=seed) * spread).astype(np.float32), LABELS)
        alarms += len(find_outliers(data, Progress()).cases)
    assert alarms <= 5  # of 3,000 images


def test_a_label_whose_images_differ_a_lot_is_not_full_of_outliers(tmp_path):
    features = clouds(LABELS)
    wide = LABELS == 2
    features[wide] += np.random.default_rng(1).normal(0, 3, features[wide].shape).astype(np.float32)
    found = find_outliers(made_up(tmp_path, features, LABELS), Progress())
    assert len(found.cases) <= 2


def test_several_labels_an_image_are_judged_by_the_one_that_fits_best(tmp_path):
    held = LABELS[:, None] == np.arange(3)
    held[:, 2] |= np.arange(300) % 4 == 0
    features = clouds(LABELS)
    features[11] = -20.0
    found = find_outliers(made_up(tmp_path, features, held=held), Progress())
    assert [case.rows[0] for case in found.cases] == [11]


@pytest.mark.parametrize("n", [0, 1, 5])
def test_too_few_images_are_not_judged(tmp_path, n):
    given = np.zeros(n, np.int64)
    found = find_outliers(made_up(tmp_path, np.ones((n, 4), np.float32), given), Progress())
    assert (found.cases, bool(found.note)) == ([], True)


def test_identical_images_and_images_without_features_or_labels_are_no_outliers(tmp_path):
    given = np.full(40, -1)
    features = np.ones((40, 8), np.float32)
    assert find_outliers(made_up(tmp_path / "same", features, given), Progress()).cases == []
    features = np.random.default_rng(0).normal(3, 1, (40, 8)).astype(np.float32)
    features[::9] = np.nan
    found = find_outliers(made_up(tmp_path / "nan", features, given), Progress())
    assert not {case.rows[0] for case in found.cases} & set(range(0, 40, 9))


def test_a_stop_is_heard(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_outliers(made_up(tmp_path, clouds(LABELS), LABELS), Progress(token=token))


def test_a_learnt_tail_is_not_bent_by_what_it_is_to_find():
    normal = np.random.default_rng(0).normal(size=2_000)
    bent = normal.copy()
    bent[:40] = 50.0
    clean, dirty = fit_tail(normal), fit_tail(bent)
    assert dirty.scale == pytest.approx(clean.scale, rel=0.15)
    assert unlikeliness(dirty.beyond(np.array([50.0])), 2_000)[0] > 0.99
    assert unlikeliness(clean.beyond(np.array([3.0])), 2_000)[0] < 0.5
    assert fit_tail(np.zeros(3)) is None
