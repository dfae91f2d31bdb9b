"""Outliers: images unlike every other, and images unlike their own label but like another.

One thing must stay true: what counts as far is learnt from this data set. A label whose images differ a lot (its own
median distance is large) is not full of outliers for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.embeddings.neighbours import Neighbours, nearest
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.label_members import members_of
from core.quality.outliers.distances import log_distance, own_label_distances
from core.quality.outliers.tails import MIN_NUMBERS, fit_tail, unlikeliness
from core.quality.spec import Case, Found
from core.translation import tr

NEIGHBOURS: Final = 10
REPORTED: Final = 0.75
"""Least score of a case: a third of one as far out is to be expected by chance in the whole data set."""
MOST: Final = 1_000
_AGREEING: Final = 0.8
_TRUSTED: Final = 50.0
"""A label of this many images counts as much for its own usual distance as the whole data set does."""


@dataclass(frozen=True, slots=True)
class Outliers:
    """How far out N images are.

    Attributes
    ----------
    score
        (N,) 0 to 1: 0.5 where one as far out is to be expected by chance; 0 where nothing is known.
    from_all, from_own
        (N,) the two scores it is the greater of: unlike every other image, and unlike its own label.
    like
        (N,) index of the label that nearly all of its neighbours have and it has not; -1 where there is none.
    usual, usual_own
        The distances between which nine in ten images lie; None where nothing is known.
    """

    score: NDArray[np.float64]
    from_all: NDArray[np.float64]
    from_own: NDArray[np.float64]
    like: NDArray[np.int64]
    usual: tuple[float, float] | None
    usual_own: tuple[float, float] | None


def outliers(neighbours: Neighbours, own: NDArray[np.float32], held: NDArray[np.bool_]) -> Outliers:
    """Judge N images by their neighbours' distances.

    Parameters
    ----------
    own
        (N, m) distances to the nearest of the same label, NaN where not known.
    held
        (N, K) which labels each has.
    """
    every, among = log_distance(neighbours.distances), log_distance(own)
    like = _other_label(neighbours.indexes, held)
    from_all, usual = _judged(every, held)
    from_own, usual_own = _judged(among, held)
    # What is unlike its label is only told apart from what is unlike everything by being like another label.
    from_own = np.where(like >= 0, from_own, 0.0)
    return Outliers(np.maximum(from_all, from_own), from_all, from_own, like, usual, usual_own)


def _judged(
    logs: NDArray[np.float64], held: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], tuple[float, float] | None]:
    known = np.isfinite(logs)
    if known.sum() < MIN_NUMBERS:
        return np.zeros(len(logs)), None
    middle = float(np.median(logs[known]))
    # A label's own median; of a small one it leans on that of all.
    shift = np.full(len(logs), -np.inf)
    for members in members_of(held):
        of_label = members[known[members]]
        count = len(of_label)
        if count:
            own = (count * float(np.median(logs[of_label])) + _TRUSTED * middle) / (count + _TRUSTED)
            shift[of_label] = np.maximum(shift[of_label], own)
    shift = np.where(np.isfinite(shift), shift, middle)
    tail = fit_tail(logs - shift)
    if tail is None:
        return np.zeros(len(logs)), None
    score = np.where(known, unlikeliness(tail.beyond(logs - shift), int(known.sum())), 0.0)
    low, high = np.exp(np.quantile(logs[known], [0.05, 0.95])).tolist()
    return score, (low, high)


def _other_label(indexes: NDArray[np.int32], held: NDArray[np.bool_]) -> NDArray[np.int64]:
    like = np.full(len(indexes), -1, dtype=np.int64)
    if not (indexes.size and held.size):
        return like
    labelled = np.flatnonzero(held.any(axis=1))
    counts = held.sum(axis=1)
    if counts.max() == 1:
        near = indexes[labelled]
        label, votes = _commonest(np.where((near >= 0) & (counts > 0)[near], held.argmax(axis=1)[near], -1))
    else:
        label, votes = _commonest_of_many(indexes[labelled], held)
    other = (votes >= _AGREEING * indexes.shape[1]) & (label >= 0) & ~held[labelled, label]
    like[labelled[other]] = label[other]
    return like


def _commonest(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the commonest label of each row (n, k), and how often it is there."""
    votes = np.stack([(labels == labels[:, [j]]).sum(axis=1) for j in range(labels.shape[1])], axis=1)
    first = votes.argmax(axis=1)
    every = np.arange(len(labels))
    return labels[every, first], votes[every, first]


def _commonest_of_many(
    indexes: NDArray[np.int32], held: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the label that most of the neighbours (n, k) have among several each, and how many do."""
    best, votes = np.zeros(len(indexes), np.int64), np.zeros(len(indexes), np.int64)
    for label in range(held.shape[1]):
        count = (held[:, label][indexes] & (indexes >= 0)).sum(axis=1)
        better = count > votes
        best[better], votes[better] = label, count[better]
    return best, votes


def find_outliers(data: QualityData, progress: Progress) -> Found:
    """Look for images that are unlike the others.

    Sources: Ramaswamy et al. 2000 and Kuan and Mueller 2022 (distances to nearest neighbours), Siffer et al. 2017
    (what is beyond a learnt tail).
    """
    if data.features is None or (data.features.rows >= 0).sum() < MIN_NUMBERS:
        return Found(note=tr("There are too few images to tell which of them are unlike the others."))
    bank, rows, held = data.features.bank, data.features.rows, data.held & data.labelled[:, None]
    found = data.neighbours or nearest(bank, rows, NEIGHBOURS, progress)
    neighbours = Neighbours(found.indexes[:, :NEIGHBOURS], found.distances[:, :NEIGHBOURS], found.exact)
    own = own_label_distances(bank, rows, held, progress)
    judged = outliers(neighbours, own, held)
    worst = np.argsort(-judged.score, kind="stable")[:MOST]
    worst = worst[judged.score[worst] >= REPORTED]
    cases = [_case(int(row), judged, neighbours, own, data) for row in worst.tolist()]
    looked_at = int(np.isfinite(neighbours.distances[:, :1]).sum())
    return Found(cases, {"looked_at": looked_at, "found": len(cases), "usual_distance": _range(judged.usual)})


def _case(row: int, judged: Outliers, neighbours: Neighbours, own: NDArray[np.float32], data: QualityData) -> Case:
    of_all = bool(judged.from_all[row] >= judged.from_own[row])
    like = int(judged.like[row])
    near = neighbours.indexes[row][neighbours.indexes[row] >= 0]
    evidence: dict[str, Json] = {
        "unlike": "all" if of_all else "label",
        "neighbours": [int(data.table.ids[j]) for j in near.tolist()],
        "distances": [_rounded(distance) for distance in neighbours.distances[row][: len(near)].tolist()],
        "distance": _rounded(np.median(neighbours.distances[row])),
        "usual": _range(judged.usual),
        "like": data.label_names[like] if like >= 0 else None,
    }
    if np.isfinite(own[row]).all():
        evidence |= {"own_distance": _rounded(np.median(own[row])), "usual_own": _range(judged.usual_own)}
    suggested = like if like >= 0 and not of_all and not data.independent else None
    return Case(FindingKind.OUTLIER, (row,), float(judged.score[row]), evidence, suggested=suggested)


def _range(usual: tuple[float, float] | None) -> Json:
    return None if usual is None else [_rounded(usual[0]), _rounded(usual[1])]


def _rounded(number: float | np.floating) -> float:
    return round(float(number), 5)
