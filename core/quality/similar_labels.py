"""Labels that the data can hardly tell apart: pair by pair, by heads that haven't seen the images they judge.

For each pair, how surely the one is ranked above the other (area under the ROC curve of the difference of the two
scores, among the images that have one of the two: Hand and Till 2001), and how often they are taken for one another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.domain.metrics import Metric
from core.evaluation.bootstrap import draws, percentile_interval
from core.evaluation.intervals import metric_json
from core.evaluation.ranking import Ranking, roc_auc
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.learnable import Learnable, learnable, out_of_fold
from core.quality.spec import Case, Found
from core.translation import mark, tr

TOLD_APART: Final = 0.92
"""Area from which a pair counts as told apart."""
SURELY_TOLD_APART: Final = 0.985
"""Where the interval reaches this, there are too few images to say that a pair is not."""
MIN_EACH: Final = 8
MOST_PAIRS: Final = 300
_RESAMPLES: Final = 400
_SHOWN: Final = 10
_EXAMPLES: Final = 12


@dataclass(frozen=True, slots=True)
class Pair:
    """How well two labels are told apart.

    Attributes
    ----------
    first, second
        Columns of the labels.
    auc
        0.5 (not at all) to 1.
    first_as_second, second_as_first
        Share, 0 to 1, of the images of one that are taken for the other.
    n_first, n_second
        Images that have the one and not the other.
    closest
        Indexes of images whose other label of the two fits better, the clearest first.
    """

    first: int
    second: int
    auc: Metric
    first_as_second: float
    second_as_first: float
    n_first: int
    n_second: int
    closest: tuple[int, ...]

    @property
    def hard(self) -> bool:
        """Whether the data can hardly tell the two apart, and this is known."""
        return self.auc.value < TOLD_APART and self.auc.high < SURELY_TOLD_APART


def label_pairs(
    logits: NDArray[np.float32],
    held: NDArray[np.bool_],
    groups: NDArray[np.int64],
    progress: Progress,
    *,
    seed: int = 0,
) -> list[Pair]:
    """Judge the pairs of labels that are hardest to tell apart.

    Parameters
    ----------
    logits
        (n, K) by heads that have not seen the sample.
    held
        (n, K) which labels each has.
    groups
        (n,) what is drawn together for the intervals.

    Returns
    -------
    list[Pair]
        The hardest first; only pairs with at least `MIN_EACH` images each, and of very many the likeliest ones.
    """
    found = [_pair(logits, held, groups, a, b) for a, b in _candidates(logits, held, progress)]
    pairs = sorted((pair for pair in found if pair is not None), key=lambda pair: pair.auc.value)
    close = max(_SHOWN, sum(pair.auc.value < TOLD_APART for pair in pairs))
    return [_with_interval(pair, logits, held, groups, seed, progress) for pair in pairs[:close]] + pairs[close:]


def _candidates(logits: NDArray[np.float32], held: NDArray[np.bool_], progress: Progress) -> list[tuple[int, int]]:
    """Return the pairs to judge: those whose images come closest to each other's label on average."""
    k = held.shape[1]
    if k * (k - 1) // 2 <= MOST_PAIRS:
        return list(combinations(range(k), 2))
    counts = np.maximum(held.sum(axis=0), 1)
    # (K, K): the mean score of the column's label on the row's images
    mean = held.T.astype(np.float64) @ logits.astype(np.float64) / counts[:, None]
    progress.checkpoint()
    gap = np.diag(mean)[:, None] - mean
    both = gap + gap.T
    first, second = np.triu_indices(k, 1)
    nearest = np.argsort(both[first, second], kind="stable")[:MOST_PAIRS]
    return list(zip(first[nearest].tolist(), second[nearest].tolist(), strict=True))


def _pair(
    logits: NDArray[np.float32], held: NDArray[np.bool_], groups: NDArray[np.int64], a: int, b: int
) -> Pair | None:
    one, is_first, difference = _either(logits, held, a, b)
    n_first, n_second = int(is_first.sum()), int((~is_first).sum())
    if min(n_first, n_second) < MIN_EACH:
        return None
    wrong = np.where(is_first, -difference, difference)
    closest = one[np.argsort(-wrong, kind="stable")][: int((wrong > 0).sum())]
    return Pair(
        first=a,
        second=b,
        auc=Metric(roc_auc(difference, is_first), float("nan"), float("nan")),
        first_as_second=float((difference[is_first] < 0).mean()),
        second_as_first=float((difference[~is_first] > 0).mean()),
        n_first=n_first,
        n_second=n_second,
        closest=tuple(closest[:_EXAMPLES].tolist()),
    )


def _either(
    logits: NDArray[np.float32], held: NDArray[np.bool_], a: int, b: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float64]]:
    """Return the samples that have just one of two labels, whether it is the first, and how much that fits better."""
    one = np.flatnonzero(held[:, a] != held[:, b])
    return one, held[one, a], (logits[one, a] - logits[one, b]).astype(np.float64)


def _with_interval(
    pair: Pair,
    logits: NDArray[np.float32],
    held: NDArray[np.bool_],
    groups: NDArray[np.int64],
    seed: int,
    progress: Progress,
) -> Pair:
    progress.checkpoint()
    one, is_first, difference = _either(logits, held, pair.first, pair.second)
    names, group = np.unique(groups[one], return_inverse=True)
    carrying = min(len(np.unique(group[is_first])), len(np.unique(group[~is_first])))
    times = np.stack(list(draws(len(names), _RESAMPLES, seed)))[:, group]
    again = Ranking.of(difference, is_first).scores(times)[1]
    return replace(pair, auc=percentile_interval(pair.auc.value, again, carrying))


def find_similar_labels(data: QualityData, progress: Progress) -> Found:
    """Look for pairs of labels that the data can hardly tell apart.

    Source: Hand and Till 2001 (pairwise areas), Field and Welsh 2007 (intervals by drawing whole groups).
    """
    some = learnable(data, progress)
    if some is None:
        return Found(note=tr("Two labels with a few images each are needed to see how alike they are."))
    progress.begin(mark("Comparing labels"))
    logits = out_of_fold(some, some.folds(), progress)
    pairs = label_pairs(logits, some.held, some.groups, progress)
    cases = [_case(pair, some, data) for pair in pairs if pair.hard]
    hardest: list[Json] = [_pair_json(pair, some, data) for pair in pairs[:_SHOWN]]
    return Found(cases, {"looked_at": len(some), "pairs": len(pairs), "hardest": hardest})


def _case(pair: Pair, some: Learnable, data: QualityData) -> Case:
    rows = tuple(int(some.rows[i]) for i in pair.closest) or (
        int(some.rows[np.flatnonzero(some.held[:, pair.first])[0]]),
    )
    names = sorted(int(data.label_ids[some.labels[column]]) for column in (pair.first, pair.second))
    score = float(np.clip(2 * (1 - pair.auc.value), 0, 1))
    return Case(FindingKind.SIMILAR_LABELS, rows, score, _pair_json(pair, some, data), key=f"{names[0]}-{names[1]}")


def _pair_json(pair: Pair, some: Learnable, data: QualityData) -> dict[str, Json]:
    first, second = (data.label_names[int(some.labels[column])] for column in (pair.first, pair.second))
    return {
        "labels": [first, second],
        "auc": dict(metric_json(pair.auc)),
        "taken_for": {first: round(pair.first_as_second, 4), second: round(pair.second_as_first, 4)},
        "n": {first: pair.n_first, second: pair.n_second},
    }
