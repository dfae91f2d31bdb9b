from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.quality.duplicates.keepers import MANY, held_together
from core.quality.duplicates.verify import Match


def match(a: int, b: int, certainty: float = 0.95) -> Match:
    return Match(a, b, np.eye(2, 3, dtype=np.float32), 0.99, 0.9, 1.0, 1.0, 1.0, 0.0, certainty)


def nothing(_: NDArray[np.int64]) -> list[Match]:
    return []


def everything(asked: NDArray[np.int64]) -> list[Match]:
    return [match(a, b) for a, b in asked.tolist()]


def test_a_chain_whose_ends_do_not_agree_is_taken_apart():
    chain = [match(row, row + 1) for row in range(9)]
    found, kept, _ = held_together([tuple(range(10))], np.arange(10), chain, min, nothing)
    agree = {(one.frame, one.host) for one in chain}
    for members, keeper in zip(found, kept, strict=True):
        assert all((min(keeper, row), max(keeper, row)) in agree for row in members if row != keeper)
    assert max(map(len, found)) <= 3


def test_members_that_were_never_compared_with_the_kept_one_are_compared():
    chain = [match(row, row + 1) for row in range(3)]
    found, kept, matches = held_together([(0, 1, 2, 3)], np.arange(4), chain, max, everything)
    assert (found, kept) == ([(0, 1, 2, 3)], [3])
    assert {(one.frame, one.host) for one in matches} >= {(0, 3), (1, 3), (2, 3)}


def test_the_one_that_most_agree_with_is_kept_where_they_do_not_agree_with_the_best():
    star = [match(2, row) for row in (0, 1, 3)]
    assert held_together([(0, 1, 2, 3)], np.arange(4), star, min, nothing)[:2] == ([(0, 1, 2, 3)], [2])


def test_equal_pixels_stay_together():
    original = np.array([0, 0, 0, 3])
    assert held_together([(0, 1, 2, 3)], original, [match(0, 3)], max, nothing)[:2] == ([(0, 1, 2, 3)], [3])
    assert held_together([(0, 1, 2)], original, [], min, nothing)[:2] == ([(0, 1, 2)], [0])


def test_so_many_copies_have_to_be_near_certain():
    members = tuple(range(MANY + 5))
    original = np.arange(len(members))
    unsure = [match(0, row, 0.6) for row in members[1:]]
    assert held_together([members], original, unsure, min, nothing)[0] == []
    assert held_together([members], original, [match(0, row) for row in members[1:]], min, nothing)[0] == [members]
