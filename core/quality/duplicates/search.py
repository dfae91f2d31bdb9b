"""All images of a data set that show the same, byte for byte, pixel for pixel, or after a transformation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.embeddings.neighbours import Neighbours
from core.progress import Progress
from core.quality.duplicates.candidates import EXACT_LOOKS, candidate_pairs
from core.quality.duplicates.clusters import clusters, groups_of_equal
from core.quality.duplicates.distinct import Distinct
from core.quality.duplicates.keepers import Best, held_together
from core.quality.duplicates.verify import ANY, Match, ReadRgb, verified

_NOTHING: Final = bytes(16)
_CERTAIN: Final = 0.5
_SAMPLE: Final = 800
_SEED: Final = 4


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What shows the same.

    Attributes
    ----------
    clusters
        Rows, ascending, two and more in each; every row in one at most.
    keepers
        Of each cluster, the row that all others of it agree with.
    copied
        Of each cluster, how sure it is that all were made from the file of the one that is kept, rather than taken or
        cut out again, 0 to 1; 1 where their pixels are equal.
    matches
        Pairs that agree, laid over one another, far better than look-alikes of this set do; of images with equal
        pixels, only the first is among them.
    original
        (N,) the first row with the same bytes or pixels; itself where there is none before it.
    """

    clusters: list[tuple[int, ...]]
    keepers: list[int]
    copied: list[float]
    matches: list[Match]
    original: NDArray[np.int64]


def search_duplicates(
    keys: Sequence[str],
    pixel_digest: NDArray[np.uint8] | None,
    small: NDArray[np.uint8] | None,
    neighbours: Neighbours | None,
    read: ReadRgb,
    progress: Progress,
    *,
    exact_rows: int = EXACT_LOOKS,
    best: Best = min,
) -> Duplicates:
    """Return the images that show the same.

    Parameters
    ----------
    keys
        N content digests; empty where a file was never read.
    pixel_digest
        (N, 16) of the decoded pixels, zeros where unreadable; None where not known.
    small
        (N, 32, 32) grey pictures, stretched; None where not known, and then only equal bytes and pixels are found.
    neighbours
        By features, where they are known: they add pairs to look at.
    read
        Gives the image of a row.
    best
        Which of some rows is worth keeping.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    count = len(keys)
    same = _equal(keys, pixel_digest)
    original = np.arange(count, dtype=np.int64)
    for group in clusters(same):
        original[list(group)] = group[0]
    if small is None:
        found = clusters(same)
        return Duplicates(found, [best(members) for members in found], [1.0] * len(found), [], original)
    pairs = candidate_pairs(small, original, neighbours, progress, exact_rows=exact_rows)
    distinct = Distinct(verified(_some(pairs), small, read, progress, ANY), len(pairs))
    matches = verified(pairs, small, read, progress)
    matches = _certain(distinct.judged(matches))
    whole = [(match.frame, match.host) for match in matches if match.whole]
    part = [(match.frame, match.host) for match in matches if not match.whole]
    found, keepers, matches = held_together(
        clusters([*same, *whole], part),
        original,
        matches,
        best,
        lambda asked: _certain(distinct.judged(verified(asked, small, read, progress))),
    )
    return Duplicates(found, keepers, _copied(found, keepers, original, matches), matches, original)


def _copied(
    found: Sequence[tuple[int, ...]], keepers: Sequence[int], original: NDArray[np.int64], matches: Sequence[Match]
) -> list[float]:
    """Return of each cluster how sure it is that the least sure one was made from the kept one."""
    sure = {frozenset((match.frame, match.host)): match.copied for match in matches}
    return [
        min(
            (sure[pair] for row in members if (pair := frozenset((int(original[row]), int(original[kept])))) in sure),
            default=1.0,
        )
        for members, kept in zip(found, keepers, strict=True)
    ]


def _certain(matches: Sequence[Match]) -> list[Match]:
    return [match for match in matches if match.certainty >= _CERTAIN]


def _some(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a few of the pairs (P, 2), by chance, most of which are look-alikes."""
    chosen = np.random.default_rng(_SEED).permutation(len(pairs))[:_SAMPLE]
    found: NDArray[np.int64] = pairs[np.sort(chosen)]
    return found


def _equal(keys: Sequence[str], pixel_digest: NDArray[np.uint8] | None) -> list[tuple[int, int]]:
    """Return pairs of equal bytes or equal pixels."""
    groups = groups_of_equal([key.encode() for key in keys])
    if pixel_digest is not None:
        digests = [digest.tobytes() for digest in np.ascontiguousarray(pixel_digest)]
        groups += groups_of_equal([b"" if digest == _NOTHING else digest for digest in digests])
    return [(group[0], other) for group in groups for other in group[1:]]
