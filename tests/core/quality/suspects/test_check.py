from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.domain.findings import FindingKind
from core.embeddings.neighbours import nearest
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from core.quality.suspects.check import find_label_suspects, groups_with_duplicates
from core.quality.suspects.session import CleaningSession
from tests.core.quality.made_up import clouds, made_up
from tests.core.quality.suspects.made_up import spoiled

N, K = 600, 4


@pytest.fixture
def spoiled_data(tmp_path):
    true = np.random.default_rng(0).integers(0, K, N)
    given = spoiled(true, K, 0.05)
    data = made_up(tmp_path, clouds(true), given, groups=np.arange(N) // 3)
    return replace(data, neighbours=nearest(data.features.bank, data.features.rows, 20)), given != true, true


def test_wrong_labels_come_first_with_what_they_should_be(spoiled_data) -> None:
    data, wrong, true = spoiled_data
    found = find_label_suspects(data, Progress())
    first = found.cases[: int(wrong.sum())]
    rows = [case.rows[0] for case in first]
    assert wrong[rows].mean() > 0.9
    assert np.mean([case.suggested == true[case.rows[0]] for case in first]) > 0.9
    assert all(case.kind is FindingKind.LABEL_SUSPECT for case in found.cases)
    assert [case.score for case in found.cases] == sorted((case.score for case in found.cases), reverse=True)


def test_the_evidence_names_neighbours_that_have_the_suggested_label(spoiled_data) -> None:
    data, _, _ = spoiled_data
    case = find_label_suspects(data, Progress()).cases[0]
    rows = np.array(case.evidence["neighbours"]) - 1
    assert len(rows) == len(case.evidence["distances"]) > 0
    assert (data.given[rows] == case.suggested).all()
    assert case.evidence["given"] == data.label_names[data.given[case.rows[0]]]
    assert data.label_names[case.suggested] in case.evidence["probabilities"]


def test_the_summary_says_how_many_errors_there_are(spoiled_data) -> None:
    data, wrong, _ = spoiled_data
    expected = find_label_suspects(data, Progress()).summary["expected_errors"]
    assert expected["low"] <= wrong.sum() <= expected["high"]


def test_what_is_kept_is_enough_to_work_through_the_cases(spoiled_data) -> None:
    data, _, _ = spoiled_data
    found = find_label_suspects(data, Progress())
    session = CleaningSession.kept(found.arrays)
    assert session.order(1)[0] == found.cases[0].rows[0]
    assert session.expected_left().value > 0


def test_labels_that_hold_together_are_doubted_one_by_one(tmp_path) -> None:
    kind = np.random.default_rng(0).integers(0, 3, N)
    held = np.eye(3, dtype=bool)[kind]
    true = held.copy()
    spoilt = np.random.default_rng(1).choice(N, 24, replace=False)
    held[spoilt[:12], kind[spoilt[:12]]] = False
    held[spoilt[12:], (kind[spoilt[12:]] + 1) % 3] = True
    found = find_label_suspects(made_up(tmp_path, clouds(kind), held=held), Progress())
    rows = [case.rows[0] for case in found.cases[:24]]
    assert np.isin(rows, spoilt).mean() > 0.8
    case = found.cases[0]
    label = "ABC".index(case.evidence["label"])
    assert case.evidence["holds"] == bool(held[case.rows[0], label]) != bool(true[case.rows[0], label])
    assert case.suggested == (None if case.evidence["holds"] else label)
    assert case.evidence["doubted"][0]["label"] == case.evidence["label"]


@pytest.mark.parametrize("given", [np.full(30, -1), np.zeros(30, dtype=np.int64), np.empty(0, dtype=np.int64)])
def test_without_two_labels_it_says_why_it_cannot_look(tmp_path, given) -> None:
    features = np.random.default_rng(0).normal(size=(len(given), 16)).astype(np.float32)
    data = made_up(tmp_path, features if len(given) else None, given)
    found = find_label_suspects(data, Progress())
    assert not found.cases
    assert found.note


def test_identical_images_with_different_labels_do_not_trip_it(tmp_path) -> None:
    data = made_up(tmp_path, np.ones((40, 16), np.float32), np.arange(40) % 2)
    assert all(0 <= case.score <= 1 for case in find_label_suspects(data, Progress()).cases)


def test_features_that_are_not_finite_are_left_out(tmp_path) -> None:
    given = np.random.default_rng(0).integers(0, 2, 80)
    features = clouds(given)
    features[:5] = np.nan
    found = find_label_suspects(made_up(tmp_path, features, given), Progress())
    assert found.summary["not_judged"] == 5


def test_it_can_be_stopped(spoiled_data) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_label_suspects(spoiled_data[0], Progress(token=token))


def test_samples_that_show_the_same_are_in_one_group() -> None:
    groups = groups_with_duplicates(np.array([7, 7, 9, -1, -1, -1]), ((1, 2), (3, 4)))
    assert groups[0] == groups[1] == groups[2]
    assert groups[3] == groups[4] != groups[5]
    assert len(set(groups.tolist())) == 3


def test_what_a_conflict_of_duplicates_tells_is_not_suspected_as_well(spoiled_data) -> None:
    data, _, _ = spoiled_data
    first = find_label_suspects(data, Progress()).cases[0].rows[0]
    other = next(row for row in range(N) if data.given[row] != data.given[first])
    found = find_label_suspects(replace(data, duplicates=((first, other),)), Progress())
    assert found.cases
    assert not {first, other} & {case.rows[0] for case in found.cases}


def test_a_label_in_a_conflict_of_duplicates_is_not_counted_here_as_well(spoiled_data) -> None:
    data, wrong, _ = spoiled_data
    in_conflict = np.flatnonzero(wrong)[:20]
    copies = tuple(
        (row, next(other for other in range(N) if data.given[other] != data.given[row] and not wrong[other]))
        for row in in_conflict.tolist()
    )
    found, before = (find_label_suspects(one, Progress()) for one in (replace(data, duplicates=copies), data))
    counted = CleaningSession.kept(found.arrays).expected_left()
    assert found.summary["expected_errors"] == counted.to_json()
    assert counted.low <= wrong.sum() - 20 <= counted.high
    assert found.summary["looked_at"] == before.summary["looked_at"] - len({row for pair in copies for row in pair})
    assert found.summary["not_judged"] == 0
    assert found.note is None
