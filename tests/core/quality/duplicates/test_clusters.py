from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from core.quality.duplicates.clusters import clusters, groups_of_equal

NODES = st.integers(0, 12)
PAIRS = st.lists(st.tuples(NODES, NODES).filter(lambda pair: pair[0] != pair[1]), max_size=25)


@given(PAIRS, PAIRS, st.randoms())
def test_the_order_of_the_pairs_makes_no_difference(same, part, shuffle: random.Random):
    other_same, other_part = [pair[:: shuffle.choice((1, -1))] for pair in same], [pair[::-1] for pair in part]
    shuffle.shuffle(other_same)
    shuffle.shuffle(other_part)
    assert clusters(same, part) == clusters(other_same, other_part)


@given(PAIRS, PAIRS)
def test_everyone_is_in_one_cluster_at_most_and_pairs_that_are_the_same_stay_together(same, part):
    found = clusters(same, part)
    members = [member for cluster in found for member in cluster]
    assert len(members) == len(set(members))
    where = {member: place for place, cluster in enumerate(found) for member in cluster}
    assert all(where[a] == where[b] for a, b in same)
    assert all(len(cluster) > 1 and list(cluster) == sorted(cluster) for cluster in found)


def test_a_copy_of_a_copy_is_a_copy():
    assert clusters([(0, 1), (3, 2), (1, 2), (7, 8)]) == [(0, 1, 2, 3), (7, 8)]


def test_parts_do_not_chain():
    chain = [(row, row + 1) for row in range(20)]
    assert max(map(len, clusters([], chain))) <= 3
    assert clusters([], [(0, 5), (1, 5), (2, 5)]) == [(0, 1, 2, 5)]
    assert clusters([(0, 9)], [(9, 4)]) == [(0, 4, 9)]


def test_equal_keys_are_grouped_and_empty_ones_are_not():
    assert groups_of_equal([b"a", b"", b"b", b"a", b""]) == [(0, 3)]
