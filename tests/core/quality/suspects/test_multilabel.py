from __future__ import annotations

import numpy as np
import pytest

from core.quality.suspects.answers import answer_session
from core.quality.suspects.multilabel import doubted, find_suspects_each, worst_of


def answers(n: int, k: int, rate: float, seed: int = 0, *, share: float = 0.3):
    """Return probabilities out of sample of a good classifier, what images were said to have, and what is wrong."""
    random = np.random.default_rng(seed)
    truth, sure = random.random((n, k)) < share, 4.6
    seen = np.where(truth, 1, -1) * sure / 2 + random.normal(0, sure**0.5 / 2, (n, k))
    p = 1 / (1 + np.exp(-(4 * seen + np.log(share / (1 - share)))))
    wrong = random.random((n, k)) < rate
    return p.astype(np.float32), truth ^ wrong, wrong


def told(p, held):
    suspects, _, each = find_suspects_each(p, held, np.ones(len(p), bool))
    return answer_session(each, held, suspects.unsure)


@pytest.mark.parametrize(("n", "k", "rate"), [(300, 3, 0.0), (300, 8, 0.03), (300, 16, 0.05), (300, 16, 0.01)])
def test_every_wrong_answer_is_counted_also_several_of_one_image(n, k, rate) -> None:
    within, ratios = 0, []
    for seed in range(3):
        p, held, wrong = answers(n, k, rate, seed)
        left = told(p, held).session.expected_left()
        within += left.low <= wrong.sum() <= left.high
        ratios.append((left.value + 3) / (wrong.sum() + 3))
    assert within >= 2
    assert 0.75 < np.mean(ratios) < 1.3


def test_what_is_said_of_each_label_knows_nothing_of_images_without_labels() -> None:
    p, held, _ = answers(200, 3, 0.05)
    known = np.arange(200) < 150
    suspects, answer, each = find_suspects_each(p, held, known)
    assert np.isnan(each[150:]).all()
    assert (answer[150:] == -1).all()
    assert np.isfinite(each[:150]).all()
    assert suspects.p_wrong[:150] == pytest.approx(each[:150].max(axis=1))


def test_a_case_is_about_its_worst_answer_and_all_that_are_rather_wrong() -> None:
    each = np.array([[0.2, 0.1, 0.3], [0.9, 0.1, 0.6], [np.nan] * 3], np.float32)
    assert doubted(each).tolist() == [[False, False, True], [True, False, True], [False] * 3]
    assert worst_of(each)[1].tolist() == [2, 0, -1]


def test_what_nobody_doubts_is_counted_together_and_as_much_as_one_by_one() -> None:
    p, held, _ = answers(400, 6, 0.03)
    suspects, _, each = find_suspects_each(p, held, np.ones(400, bool))
    rows = answer_session(each, held, suspects.unsure)
    assert rows.total == 2400
    assert rows.session.expected_left().value == pytest.approx(each.sum(), rel=0.02)
    assert len(rows.session.p_wrong()) < 800


def test_deciding_about_one_answer_leaves_the_others_of_its_image() -> None:
    each = np.full((100, 3), 0.01, np.float32)
    each[7] = 0.9, 0.8, 0.01
    held = np.zeros((100, 3), bool)
    rows = answer_session(each, held, 0.0)
    first, second = rows.row(7, 0), rows.row(7, 1)
    rows.session.decide(first, wrong=True)
    assert second in rows.session.order()
    assert first not in rows.session.order()
    assert rows.session.expected_left().value > 0.8
    assert rows.row(7, 2) is None


def test_look_alikes_are_near_images_with_the_same_answer_in_doubt() -> None:
    each = np.full((10, 2), 0.01, np.float32)
    each[:4, 0], each[4, 1] = 0.6, 0.6
    near = np.array([[1, 4, -1]] * 10)
    rows = answer_session(each, np.zeros((10, 2), bool), 0.0, near)
    assert rows.session.look_alikes(rows.row(0, 0)).tolist() == [rows.row(1, 0)]
