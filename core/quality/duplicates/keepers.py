"""Clusters in which every image agrees with the one that is kept: what only a chain of others joins is taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.duplicates.verify import Match

Pair = tuple[int, int]
Cluster = tuple[int, ...]
Pairs = NDArray[np.int64]

MANY: Final = 12
"""Copies of an image beyond which each has to be near-certain: so many look-alikes are likelier than copies."""
NEAR_CERTAIN: Final = 0.9
_ROUNDS: Final = 3

Compare = Callable[[Pairs], list[Match]]
"""Lays pairs of rows (P, 2) over one another and returns those that agree, each with its certainty."""
Best = Callable[[Sequence[int]], int]
"""Returns which of some rows is kept."""


def held_together(
    clusters: Iterable[Cluster], original: NDArray[np.int64], matches: Sequence[Match], best: Best, compare: Compare
) -> tuple[list[Cluster], list[int], list[Match]]:
    """Return clusters whose members each agree with the kept one, which that is, and all matches.

    Kept is the `best`, or, where others do not agree with it, the one that most agree with; what is left over is
    looked at anew.

    Parameters
    ----------
    original
        (N,) the first row with the same pixels.
    matches
        What is known to agree.
    """
    known = _Known(matches)
    waiting = [_Part(cluster, original) for cluster in clusters]
    found: list[tuple[Cluster, int]] = []
    for number in range(len(original)):
        asked = sorted({pair for part in waiting for pair in part.unknown(best, known)}) if number < _ROUNDS else []
        if asked:
            known.add(asked, compare(np.array(asked, dtype=np.int64)))
        rest: list[_Part] = []
        for part in waiting:
            kept, members, others = part.settled(best, known)
            if len(members) > 1:
                found.append((members, kept))
            if len(others) > 1:
                rest.append(_Part(others, original))
        waiting = rest
        if not waiting:
            break
    found.sort()
    return [members for members, _ in found], [kept for _, kept in found], known.matches


class _Known:
    """What was compared, and what agrees."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self.matches: list[Match] = []
        self.links: dict[int, dict[int, float]] = {}
        self._compared: set[Pair] = set()
        self.add([], matches)

    def add(self, asked: Iterable[Pair], matches: Sequence[Match]) -> None:
        """Take note of pairs that were compared and of the matches among them."""
        self._compared.update(asked)
        for match in matches:
            self._compared.add(_key(match.frame, match.host))
            self.links.setdefault(match.frame, {})[match.host] = match.certainty
            self.links.setdefault(match.host, {})[match.frame] = match.certainty
        self.matches.extend(matches)

    def least(self, *ends: int) -> float:
        """Return how certain a link has to be: more where an end of it has many."""
        return NEAR_CERTAIN if max(len(self.links.get(end, ())) for end in ends) >= MANY else 0.0

    def compared(self, pair: Pair) -> bool:
        """Return whether it is known if they agree."""
        return pair in self._compared


class _Part:
    """Rows that may belong together."""

    def __init__(self, members: Sequence[int], original: NDArray[np.int64]) -> None:
        self._members, self._original = members, original
        self._originals = {int(original[row]) for row in members}

    def unknown(self, best: Best, known: _Known) -> set[Pair]:
        """Return the pairs to compare: each with the best and with the one that most agree with."""
        firsts = {int(self._original[best(self._members)]), self._hub(known)}
        pairs = {_key(first, other) for first in firsts for other in self._originals if other != first}
        return {pair for pair in pairs if not known.compared(pair)}

    def settled(self, best: Best, known: _Known) -> tuple[int, Cluster, list[int]]:
        """Return the one to keep, those that agree with it (itself among them), and the others."""
        kept = best(self._members)
        agreeing = self._agreeing(int(self._original[kept]), known)
        if len(agreeing) < len(self._originals):
            hub = self._hub(known)
            around = self._agreeing(hub, known)
            if len(around) > len(agreeing):
                agreeing = around
                kept = best([row for row in self._members if self._original[row] == hub])
        members = tuple(row for row in self._members if int(self._original[row]) in agreeing)
        return kept, members, [row for row in self._members if int(self._original[row]) not in agreeing]

    def _hub(self, known: _Known) -> int:
        return max(self._originals, key=lambda row: (len(self._agreeing(row, known)), -row))

    def _agreeing(self, first: int, known: _Known) -> set[int]:
        found = {other: sure for other, sure in known.links.get(first, {}).items() if other in self._originals}
        return {first} | {other for other, sure in found.items() if sure >= known.least(first, other)}


def _key(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)
