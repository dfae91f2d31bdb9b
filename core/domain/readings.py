"""A reading pass: one person labels images again without knowing what they are called or were labelled before.

The order of a pass is random but seeded, and some images come twice (hidden repeats), far enough apart that nobody
remembers them: what the reader says then is compared with what they said before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SampleState

MAX_REACH: Final = 10
NOT_READ: Final = -1


@dataclass(frozen=True, slots=True)
class ReadingPass:
    """One pass of one reader over images of a project.

    Attributes
    ----------
    read, total
        How many of its positions have been read; repeats count too.
    gap
        How many positions at least lie between an image and its repeat.
    params
        How it was made: the query, how many repeats, …
    """

    id: int
    name: str
    reader: str
    seed: int
    created_at: str
    ended_at: str | None
    read: int
    total: int
    gap: int
    params: Mapping[str, object]

    @property
    def reach(self) -> int:
        """How far the reader may go back: never to where a repeat could be seen together with its first reading."""
        return max(1, min(MAX_REACH, self.gap - 1))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader said at one position of a pass; `at` is None while nothing was said.

    `label_ids` is empty where the image was uncertain or ungradable, or, in a project of many labels an image, where
    it has none of them. `note` is the reason given.
    """

    pass_id: int
    position: int
    sample_id: int
    is_repeat: bool
    label_ids: tuple[int, ...]
    state: SampleState
    note: str
    at: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ReadingTable:
    """What readers said of the same images, in columns; what agreement is measured on.

    Attributes
    ----------
    sample_ids, groups
        (N,) int64; a sample without a group is a group of its own.
    readers
        R names, each once.
    label_ids
        K labels, in the user's order: what the codes mean.
    multi
        Whether images have any number of labels.
    ratings
        (N, R) int64 label indexes, or with `multi` (N, R, K) of 0 and 1; -1 where the reader gave no label.
    states
        (N, R) int8: 0 read, 1 uncertain, 2 ungradable, -1 not read (yet).
    repeats
        For each reader (M, 2) or (M, 2, K): first and second reading of the repeated images, coded as `ratings`.
    repeat_groups
        For each reader (M,) the groups of those images.
    """

    sample_ids: NDArray[np.int64]
    groups: NDArray[np.int64]
    readers: tuple[str, ...]
    label_ids: tuple[int, ...]
    multi: bool
    ratings: NDArray[np.int64]
    states: NDArray[np.int8]
    repeats: tuple[NDArray[np.int64], ...]
    repeat_groups: tuple[NDArray[np.int64], ...]

    @property
    def codes(self) -> int:
        """How many values a rating can have: K, or 2 with `multi`."""
        return 2 if self.multi else len(self.label_ids)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An image of which readers said different things.

    Attributes
    ----------
    readings
        (reader, reading) in the order of the readers; those who did not read it are left out.
    distance
        How far apart they are, 0 to 1: the share of pairs of readings that differ. A label against “uncertain” or
        “ungradable” counts one half; sets of labels by what they do not share (Jaccard).
    decided
        Whether it has been adjudicated.
    """

    sample_id: int
    readings: tuple[tuple[str, Reading], ...]
    distance: float
    decided: bool


def reading_order(n: int, repeats: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.bool_], int]:
    """Return the order of a pass over `n` images: indexes (T,), which of them are repeats (T,), and the gap.

    Parameters
    ----------
    repeats
        Share of the images that come twice, 0 to 0.5; rounded to whole images, at least one where it is above 0 and
        there are three images.
    seed
        The same seed gives the same order.

    Notes
    -----
    Between an image and its repeat lie at least a third of the images.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(n).astype(np.int64)
    gap = max(1, n // 3)
    early = n - gap  # an image at a later place has no room left for its repeat
    wanted = min(early, max(1, round(n * repeats))) if repeats > 0 and n >= 3 else 0
    first = np.sort(generator.choice(early, wanted, replace=False))
    # Each repeat comes after a place at least `gap` behind the first one, anywhere up to the end.
    after = np.array([generator.integers(place + gap, n) for place in first.tolist()], np.int64)
    keys = np.concatenate([np.arange(n, dtype=np.float64), after + 0.5])
    ties = np.concatenate([np.zeros(n), generator.random(wanted)])
    arranged = np.lexsort((ties, keys))
    return np.concatenate([order, order[first]])[arranged], arranged >= n, gap


def reading_distance(one: Reading, two: Reading) -> float:
    """Return how far two readings of one image are apart, 0 to 1; see `Disagreement.distance`."""
    if one.state != two.state:
        return 0.5
    if one.state is not SampleState.NONE:
        return 0.0
    mine, theirs = set(one.label_ids), set(two.label_ids)
    either = mine | theirs
    return 1.0 - len(mine & theirs) / len(either) if either else 0.0
