"""Whether two images share far more of their structure than look-alikes of this data set do.

Silhouettes on black agree almost wholly with any other of their kind, and so do rings, squares and stars. How much
look-alikes share is learnt from the set's own: Fisher's z of the correlation of each band of detail (Fisher, 1921), its
middle and spread. A pair has to lie beyond, the farther the odder the way in which one would lie on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.duplicates.verify import Match

_BEFOREHAND: Final = ((0.15, 0.4, 0.8), (0.2, 0.35, 0.5), 30.0)
"""What is taken for look-alikes before any is seen: middles, spreads, and the look-alikes that they weigh."""
_QUANTILES: Final = {0.9: 1.282, 0.97: 1.881}
"""With how many spreads above the middle they are of a normal distribution."""
_NARROWEST, _WIDEST = 0.12, (0.3, 0.4, 0.5)
_BEYOND: Final = 3.2
"""Spreads beyond the middle that a pair lies at least, the bands taken together."""
_MANY: Final = 20_000
"""Pairs compared from which on the likest by chance are told by more."""
_STEEP: Final = 0.35
_ALIKE, _USUALLY_ALIKE = 0.5, 0.5
"""Spreads more for each by which look-alikes share more than is usual: what is left to tell them by is little."""
_ALL_BUT_FEW, _CLEAR = 0.99, 0.3
_COPY: Final = 1.3
"""z of the finest band from which a pair may be a copy, if it is also beyond what the others reach."""
_FEW, _TAIL = 0.05, 3.5
_ODD, _PLAIN = 1.0, -0.6
_EXACT, _INSIDE, _LEVEL = 0.03, 0.96, 0.06
_SAME_EXTENT, _SAME_MIDDLE, _WHOLLY_INSIDE = 0.016, 0.006, 0.99
"""Of half a side, how far corners or the middle may lie apart in a copy; the share that lies within the other."""
_MADE: Final = {"same": -2.0, "turned": 0.0, "inside": 2.5, "apart": 6.0}
"""Spreads beyond the limit at which a pair is as likely made from one file as taken or cut out again."""
_MADE_SPREAD: Final = 1.5
_USUAL_REPEATS, _MONOTONOUS = 0.75, 30.0
"""How well pictures agree with themselves, once moved, before that tells against a pair; spreads for each beyond."""


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """How much different images of a set share.

    Attributes
    ----------
    middle, spread
        (k,) of Fisher's z of each band.
    count
        How many pairs that was learnt from.
    compared
        How many pairs are judged by it: of more, the most alike by chance are more alike.
    farthest
        Spreads beyond the middle that all but a few of them lie at most.
    """

    middle: NDArray[np.float64]
    spread: NDArray[np.float64]
    count: int
    compared: int = 1
    farthest: float = 0.0

    @property
    def limit(self) -> float:
        """Spreads beyond the middle from which a pair is a copy rather than a look-alike."""
        usual = _BEYOND + _STEEP * max(0.0, float(np.log10(max(self.compared, 1) / _MANY)))
        alike = _ALIKE * max(0.0, float(self.middle[0]) - _USUALLY_ALIKE)
        return max(usual, self.farthest + _CLEAR) + alike

    def beyond(self, bands: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) how many spreads beyond the middle pairs lie, from (n, k) Fisher's z."""
        found: NDArray[np.float64] = ((bands - self.middle) / self.spread).mean(axis=1)
        return found


class Distinct:
    """Tells copies from look-alikes.

    Parameters
    ----------
    sample
        Pairs of the set that look alike, however much they share.
    compared
        How many pairs are judged.
    """

    def __init__(self, sample: Sequence[Match], compared: int) -> None:
        self.look_alikes = _learnt(sample, compared)
        self._exact = float(np.mean([oddness(match) < 0 for match in sample])) if sample else 0.0

    def judged(self, matches: Sequence[Match]) -> list[Match]:
        """Return the matches, each with its `certainty`, a half at the limit, and how sure it was `copied`."""
        if not matches:
            return []
        limits = self.look_alikes.limit + np.array([self._more(match) for match in matches])
        excess = self.look_alikes.beyond(np.array([match.bands for match in matches])) - limits
        certain = np.where(excess >= 0, 1 - 0.5 * np.exp(-np.abs(excess)), 0.5 * np.exp(-np.abs(excess)))
        made = (excess - np.array([_MADE[extent(match)] for match in matches])) / _MADE_SPREAD
        copied = 0.5 + 0.5 * np.tanh(made / 2)
        both = zip(matches, certain.tolist(), copied.tolist(), strict=True)
        return [replace(match, certainty=sure, copied=made) for match, sure, made in both]

    def _more(self, match: Match) -> float:
        """Return by how many spreads more a pair has to agree; where look-alikes lie exactly on one another as well,
        that it does speaks for nothing."""
        odd = oddness(match)
        return _monotony(match) + (odd if odd >= 0 else odd * (1 - self._exact))


def oddness(match: Match) -> float:
    """Return by how many spreads more a pair has to agree, for how the one would lie on the other.

    Less where it covers the other exactly, turned by quarters or not at all; more where neither lies within the other,
    but for corners after a turn, or where it is sheared.
    """
    linear, shift = match.map[:, :2].astype(np.float64), match.map[:, 2]
    aligned = np.abs(linear) @ np.ones(2) - np.abs(linear).max(axis=1)
    straight = aligned.max() < _EXACT
    if straight and np.abs(np.abs(linear).max(axis=1) - 1).max() < _EXACT and np.abs(shift).max() < _EXACT:
        return _PLAIN
    if straight and max(match.covered, match.contained) >= _INSIDE:
        return 0.0
    sizes = np.linalg.svd(linear, compute_uv=False)
    turned = abs(sizes[0] / max(sizes[1], 1e-6) - 1) < 3 * _LEVEL
    same_size = abs(float(np.sqrt(sizes[0] * sizes[1])) - 1) < _LEVEL and np.abs(shift).max() < _LEVEL
    return 0.0 if turned and (same_size or max(match.covered, match.contained) >= _INSIDE) else _ODD


def extent(match: Match) -> str:
    """Return how what the two show lies: ``same``, turned by quarters or mirrored or not; ``turned`` about the middle;
    ``inside``, the one within the other; ``apart``, each shows what the other does not.

    Who makes a copy of a file does one of the first three. A box that is drawn again, or a field photographed again,
    is the fourth, or by chance the third.
    """
    linear, shift = match.map[:, :2].astype(np.float64), np.abs(match.map[:, 2]).max()
    straight = np.where(np.abs(linear) >= np.abs(linear).max(axis=1, keepdims=True), np.sign(linear), 0.0)
    if (np.abs(linear - straight).sum(axis=1) + shift).max() < _SAME_EXTENT:
        return "same"
    if max(match.covered, match.contained) >= _WHOLLY_INSIDE:
        return "inside"
    same_size = abs(float(np.sqrt(abs(np.linalg.det(linear)))) - 1) < _LEVEL
    return "turned" if same_size and shift < _SAME_MIDDLE else "apart"


def _monotony(match: Match) -> float:
    """Return by how many spreads more a pair has to agree for repeating itself."""
    return _MONOTONOUS * max(0.0, match.repeats - _USUAL_REPEATS)


def _all_copies(sample: Sequence[Match], bands: NDArray[np.float64]) -> bool:
    """Return whether nearly all pairs share nearly all, and most lie on one another exactly."""
    exact = np.array([oddness(match) < 0 for match in sample], dtype=np.bool_)
    return bool((bands[:, 0] <= _COPY).mean() < _FEW and exact.mean() > 0.5)


def _top(finest: NDArray[np.float64]) -> float:
    """Return what look-alikes reach, from the lower tail of z (n,): of all, more than half may be copies."""
    low, quarter = np.quantile(finest, [0.05, 0.25])
    spread = max(float(quarter - low) / (1.645 - 0.674), _NARROWEST)
    return float(quarter) + (0.674 + _TAIL) * spread


def _learnt(sample: Sequence[Match], compared: int) -> LookAlikes:
    """Return what look-alikes share: quantiles, of which the higher ones tell whether the tail is a long one."""
    middle, spread, weight = (np.array(one, dtype=np.float64) for one in _BEFOREHAND)
    bands = np.array([match.bands for match in sample], dtype=np.float64).reshape(-1, len(middle))
    if len(bands) > 1 and not _all_copies(sample, bands):
        bands = bands[bands[:, 0] <= max(_COPY, _top(bands[:, 0]))]
    else:
        bands = bands[:0]
    if len(bands) < 2:
        return LookAlikes(middle, spread, len(bands), compared)
    half, *high = np.quantile(bands, [0.5, *_QUANTILES], axis=0)
    seen = np.max([(one - half) / spreads for one, spreads in zip(high, _QUANTILES.values(), strict=True)], axis=0)
    seen = np.clip(seen, _NARROWEST, _WIDEST)
    share = float(len(bands) / (len(bands) + weight))
    found = LookAlikes(share * half + (1 - share) * middle, share * seen + (1 - share) * spread, len(bands), compared)
    return replace(found, farthest=float(np.quantile(found.beyond(bands), _ALL_BUT_FEW)))
