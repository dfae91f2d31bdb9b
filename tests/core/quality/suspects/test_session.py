from __future__ import annotations

import numpy as np
import pytest

from core.quality.suspects.find import find_suspects
from core.quality.suspects.session import CleaningSession
from tests.core.quality.suspects.made_up import classifier, spoiled

K = 5


def session_of(suspects, labels, **options):
    return CleaningSession(suspects.p_wrong, suspects.suggested, labels, **options)


@pytest.fixture(scope="module")
def case():
    p, true = classifier(3_000, K, certainty=4)
    labels = spoiled(true, K, 0.1)
    return find_suspects(p, labels), labels, true


def test_the_most_suspicious_comes_first(case) -> None:
    suspects, labels, _ = case
    order = session_of(suspects, labels).order()
    assert len(order) == len(labels)
    believed = session_of(suspects, labels).p_wrong()[order]
    assert (np.diff(believed) <= 1e-9).all()


def test_the_first_few_are_the_beginning_of_the_whole_order(case) -> None:
    suspects, labels, _ = case
    session = session_of(suspects, labels)
    assert session.order(30).tolist() == session.order()[:30].tolist()


def test_what_was_decided_leaves_the_queue_and_undo_brings_it_back(case) -> None:
    suspects, labels, true = case
    session = session_of(suspects, labels)
    before, left = session.order(), session.expected_left()
    first = int(before[0])
    session.decide(first, wrong=True, label=int(true[first]))
    assert first not in session.order()
    assert session.undo() is not None
    assert session.order().tolist() == before.tolist()
    assert session.expected_left().value == pytest.approx(left.value, rel=1e-3)
    assert session.undo() is None


def test_labels_that_turn_out_right_make_their_like_less_suspicious(case) -> None:
    suspects, labels, _ = case
    session = session_of(suspects, labels)
    before = session.p_wrong()
    pair = (labels[session.order(1)[0]], suspects.suggested[session.order(1)[0]])
    like = np.flatnonzero((labels == pair[0]) & (suspects.suggested == pair[1]) & (before > 0.05))
    for row in like[:10].tolist():
        session.decide(row, wrong=False)
    assert session.p_wrong()[like[10:]].mean() < before[like[10:]].mean()


def test_one_decision_about_several_is_undone_as_one(case) -> None:
    suspects, labels, _ = case
    session = session_of(suspects, labels)
    rows = session.order(4).tolist()
    session.decide_together([*rows, rows[0]], wrong=True)
    assert not set(rows) & set(session.order().tolist())
    assert session.undo().rows == tuple(rows)
    assert session.order(4).tolist() == rows


def test_the_errors_left_are_within_their_interval_as_a_session_goes_on(case) -> None:
    suspects, labels, true = case
    wrong, session = labels != true, session_of(suspects, labels)
    open_ = np.ones(len(labels), dtype=bool)
    for step in range(300):
        row = int(session.order(1)[0])
        session.decide(row, bool(wrong[row]))
        open_[row] = False
        if step % 50 == 49:
            left = session.expected_left()
            assert left.low <= (wrong & open_).sum() <= left.high


def test_the_advice_is_to_stop_once_hardly_anything_is_found(case) -> None:
    suspects, labels, true = case
    session = session_of(suspects, labels)
    assert not session.advice().stop
    rows = np.flatnonzero(suspects.p_wrong > 0.02)
    session.resume({row: bool(labels[row] != true[row]) for row in rows.tolist()})
    assert session.advice().stop


def test_an_empty_queue_has_nothing_left() -> None:
    suspects = find_suspects(np.full((4, 2), 0.5), np.array([-1, -1, -1, -1]))
    session = session_of(suspects, np.array([-1, -1, -1, -1]))
    assert len(session.order()) == 0
    assert session.expected_left().high == 0
    assert session.advice().stop


def test_look_alikes_share_label_and_suggestion_and_are_near(case) -> None:
    suspects, labels, _ = case
    neighbours = np.stack([(np.arange(len(labels)) + step) % len(labels) for step in range(1, 40)], axis=1)
    session = session_of(suspects, labels, neighbours=neighbours)
    row = 17
    alike = session.look_alikes(row)
    assert row not in alike
    assert (labels[alike] == labels[row]).all()
    assert (suspects.suggested[alike] == suspects.suggested[row]).all()
    assert (((alike - row) % len(labels)) < 80).all()
    session.decide(int(alike[0]), wrong=True)
    assert alike[0] not in session.look_alikes(row)


def test_what_nothing_is_known_about_makes_the_interval_wider_until_decisions_tell(case) -> None:
    suspects, labels, true = case
    sure, unsure = session_of(suspects, labels).expected_left(), session_of(suspects, labels, unsure=1.0)
    left = unsure.expected_left()
    assert left.low <= sure.low
    assert left.high > 1.3 * sure.high
    rows = np.flatnonzero(suspects.p_wrong > 0.02)
    unsure.resume({row: bool(labels[row] != true[row]) for row in rows.tolist()})
    assert unsure.expected_left().high < 0.5 * left.high
