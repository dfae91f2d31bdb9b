from __future__ import annotations

import numpy as np
import pytest

from core.domain.findings import FindingKind
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from core.quality.amounts.curve import FRACTIONS, MORE, _curve
from core.quality.amounts.find import find_amounts, imbalance_score
from core.quality.amounts.power_law import predicted_errors
from tests.core.quality.made_up import clouds, made_up


def of(found, kind):
    return [case for case in found.cases if case.kind == kind]


def labelled(*counts):
    return np.repeat(np.arange(len(counts)), counts)


def test_a_label_with_a_tenth_of_the_images_is_told_as_imbalance(tmp_path):
    given = labelled(300, 200, 20)
    case = of(find_amounts(made_up(tmp_path, clouds(given), given), Progress()), FindingKind.IMBALANCE)[0]
    assert (case.evidence["rarest"], case.evidence["commonest"], case.evidence["ratio"]) == ("C", "A", 15.0)
    assert set(case.rows) <= set(range(500, 520))
    assert imbalance_score(np.array([1000, 100])) == pytest.approx(0.5)
    assert imbalance_score(np.array([5, 5, 0])) == 0.0


def test_a_label_with_few_images_or_groups_has_too_few(tmp_path):
    given = labelled(120, 120, 15)
    groups = np.where(given == 1, 0, 1 + np.arange(len(given)) // 3)
    cases = of(find_amounts(made_up(tmp_path, clouds(given), given, groups=groups), Progress()), FindingKind.TOO_FEW)
    assert {case.evidence["label"]: case.evidence["why"][0] for case in cases} == {"B": "groups", "C": "images"}


def test_the_curve_promises_more_where_a_label_is_hard(tmp_path):
    given = labelled(150, 150, 150)
    features = clouds(given, apart=8, seed=1)
    random = np.random.default_rng(1)
    # A and B differ in many weak ways, which takes many images to learn; C is plain to see.
    weak = random.normal(size=(450, 60)) + 0.18 * np.where(given == 0, 1.0, -1.0)[:, None] * (given < 2)[:, None]
    features[given == 1] = clouds(given, apart=8, seed=51)[given == 0]
    data = made_up(tmp_path, np.concatenate([features, weak], axis=1).astype(np.float32), given)
    summary = find_amounts(data, Progress()).summary
    gain = {name: summary["labels"][name]["curve"]["gain"] for name in "ABC"}
    assert gain["C"]["value"] < 0.002 < min(gain["A"]["value"], gain["B"]["value"])
    assert gain["A"]["low"] <= gain["A"]["value"] <= gain["A"]["high"]
    everything = summary["curve"]
    assert everything["gain"]["value"] > 0.005
    assert everything["f1"][-1] > everything["f1"][0]


def test_an_inverse_power_law_is_continued():
    counts = np.array([25.0, 50, 100, 200])
    errors = 0.05 + 2.0 * counts**-0.5
    ahead = predicted_errors(counts, errors, np.full(4, 0.003), np.array([200.0, 400.0]))
    assert ahead[0] == pytest.approx(errors[-1], abs=0.01)
    assert ahead[1] == pytest.approx(0.05 + 2.0 * 400**-0.5, abs=0.015)
    flat = predicted_errors(counts, np.full(4, 0.3), np.full(4, 0.01), np.array([200.0, 400.0]))
    assert flat[0] - flat[1] < 0.02


@pytest.mark.parametrize(("size", "floor"), [(40, 0.0), (60, 0.1), (150, 0.03), (300, 0.0)])
def test_what_one_addition_brings_lies_within_its_interval(size, floor):
    """Judged images are as hard as they are, for every head; each head has a little more or less luck with its own."""
    random = np.random.default_rng(size)

    def right(hardness, count):
        luck = np.exp(random.normal(0, 0.1))
        return hardness > floor + 1.2 * count**-0.5 * luck

    inside = []
    for _ in range(60):
        judged, others = random.random(size), random.random(size)
        heads = np.stack([right(judged, part * size) for part in FRACTIONS], axis=1)
        drawn = np.concatenate([np.ones((1, size), int), random.multinomial(size, np.full(size, 1 / size), 200)])
        curve = _curve(0, list((drawn @ heads / size).T), float(size), size)
        gained = right(others, size + MORE).mean() - right(others, size).mean()
        inside.append(curve.gain.low <= gained <= curve.gain.high)
        assert curve.gain.low < curve.gain.value < curve.gain.high
    assert np.mean(inside) >= 0.85


def test_enough_of_everything_is_quiet_whatever_the_seed(tmp_path):
    for seed in range(4):
        given = labelled(100, 100, 100)
        found = find_amounts(made_up(tmp_path / str(seed), clouds(given, seed=seed), given), Progress())
        assert found.cases == []


def test_images_of_several_labels_have_curves_too(tmp_path):
    given = labelled(100, 100, 100)
    held = given[:, None] == np.arange(3)
    held[::3, 2] = True
    found = find_amounts(made_up(tmp_path, clouds(given), held=held), Progress())
    assert len(found.summary["labels"]["B"]["curve"]["f1"]) == 4


def test_without_labels_it_says_why_not_and_with_one_it_counts(tmp_path):
    found = find_amounts(made_up(tmp_path / "a", clouds(labelled(50)), np.full(50, -1), n_labels=2), Progress())
    assert (found.cases, bool(found.note)) == ([], True)
    found = find_amounts(made_up(tmp_path / "b", clouds(labelled(60)), labelled(60)), Progress())
    assert found.cases == []
    assert found.summary["labels"]["A"] == {"images": 60, "groups": 60}


def test_without_features_it_still_counts(tmp_path):
    given = labelled(300, 20)
    found = find_amounts(made_up(tmp_path, None, given), Progress())
    assert {case.kind for case in found.cases} == {FindingKind.IMBALANCE, FindingKind.TOO_FEW}


def test_broken_features_and_one_group_alone_are_no_trouble(tmp_path):
    given = labelled(60, 60)
    features = clouds(given)
    features[::7] = np.nan
    found = find_amounts(made_up(tmp_path, features, given, groups=np.zeros(120, np.int64)), Progress())
    assert {case.evidence["why"][0] for case in of(found, FindingKind.TOO_FEW)} == {"groups"}


def test_a_stop_is_heard(tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_amounts(made_up(tmp_path, clouds(labelled(50, 50)), labelled(50, 50)), Progress(token=token))
