"""Clusters of images that show the same, from pairs; in whatever order the pairs come.

Two rules keep chains from running away. Images that show the whole of the same picture are one, through any number of
steps: a copy of a copy is a copy. An image that shows a part of another goes to one of those that it agrees with, and
takes nobody along: the left half and the right half of a picture are not the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]


def clusters(same: Iterable[Pair], part: Iterable[Pair] = ()) -> list[tuple[int, ...]]:
    """Return the clusters of two and more, each in ascending order, by their first member.

    Parameters
    ----------
    same
        Pairs that show the whole of the same picture.
    part
        Pairs of which one shows a part of the other.
    """
    root = _Roots()
    for a, b in same:
        root.join(a, b)
    links: dict[int, set[int]] = {}
    for a, b in part:
        left, right = root.of(a), root.of(b)
        if left != right:
            links.setdefault(left, set()).add(right)
            links.setdefault(right, set()).add(left)
    centre_of = _stars(links)
    found: dict[int, list[int]] = {}
    for member in root.members().tolist():
        own = root.of(member)
        found.setdefault(centre_of.get(own, own), []).append(member)
    return sorted(tuple(sorted(members)) for members in found.values() if len(members) > 1)


def groups_of_equal(keys: Sequence[bytes]) -> list[tuple[int, ...]]:
    """Return the groups of two and more whose keys are equal; an empty key equals none."""
    found: dict[bytes, list[int]] = {}
    for index, key in enumerate(keys):
        if key:
            found.setdefault(key, []).append(index)
    return [tuple(members) for members in found.values() if len(members) > 1]


def _stars(links: dict[int, set[int]]) -> dict[int, int]:
    """Return the centre of each: whoever has the most links takes all of its own that are free."""
    found: dict[int, int] = {}
    for centre in sorted(links, key=lambda node: (-len(links[node]), node)):
        if centre not in found:
            found[centre] = centre
            found.update({other: centre for other in links[centre] if other not in found})
    return found


class _Roots:
    """Sets that are joined; each is known by its lowest member."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}

    def of(self, member: int) -> int:
        """Return the lowest member of its set, which is itself where it was never joined."""
        path = []
        self._parent.setdefault(member, member)
        while self._parent[member] != member:
            path.append(member)
            member = self._parent[member]
        for passed in path:
            self._parent[passed] = member
        return member

    def join(self, a: int, b: int) -> None:
        """Make the sets of both one."""
        low, high = sorted((self.of(a), self.of(b)))
        self._parent[high] = low

    def members(self) -> NDArray[np.int64]:
        """Return all that were ever named, ascending."""
        return np.array(sorted(self._parent), dtype=np.int64)
