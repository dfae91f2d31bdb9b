"""Can the labels be told without looking at the images? Ridge regression on bins, in folds that respect groups.

Every number is cut into bins at its quantiles, every name is a bin, being unknown is one too: so a label that differs
in any way, also at both ends, is told. One solve per fold serves all labels and all permutations of them, which is what
makes a null distribution affordable. Source of the test: permuted labels (Ojala and Garriga 2010), here drawn from
other groups, so that images of one group don't count as independent; of the area over many labels: Hand and Till 2001.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.evaluation.bootstrap import draws, percentile_interval
from core.evaluation.ranking import Ranking
from core.progress import Progress
from core.quality.confounds.columns import Column

BINS: Final = (2, 4, 8)
"""Coarse ones too: of a dozen slides, hardly two are in the same eighth, and what one tells would help no other."""
_FEW_VALUES: Final = 10
MOST_NAMES: Final = 24
PERMUTATIONS: Final = 60
_RIDGE, _RIDGE_OF_A_BIN = 4.0, 0.2
"""The penalty: at least the first, and the second by the number of bins, which share out what many columns tell."""
_RESAMPLES: Final = 200
_COLUMNS_AT_ONCE: Final = 400
_LEAST_SPREAD: Final = 4e-3


@dataclass(frozen=True, slots=True)
class Prediction:
    """How well labels are told by something else.

    Attributes
    ----------
    auc
        Mean over the labels of the area under the ROC curve, each against the rest: 0.5 (not at all) to 1.
    chance
        What such an area comes to where there is nothing in it: the mean over permuted labels.
    sigmas
        By how many standard deviations of those, of log odds, it is beyond chance.
    best
        Column of the label that is told most surely by itself.
    best_auc, best_sigmas
        The same of that label alone.
    scores
        (n, K) by models that have not seen the sample.
    """

    auc: Metric
    chance: float
    sigmas: float
    best: int
    best_auc: Metric
    best_sigmas: float
    scores: NDArray[np.float64]


def predict_labels(
    columns: tuple[Column, ...],
    held: NDArray[np.bool_],
    groups: NDArray[np.int64],
    folds: NDArray[np.int64],
    progress: Progress,
    *,
    seed: int = 0,
    permutations: int = PERMUTATIONS,
) -> Prediction | None:
    """Predict labels (n, K) by columns; None where nothing in them varies.

    Parameters
    ----------
    groups
        (n,) what is drawn and permuted together.
    folds
        (n,) that keep groups whole.
    """
    basis = np.concatenate([bins(column) for column in columns], axis=1) if columns else np.zeros((len(held), 0))
    if not basis.shape[1]:
        return None
    scores = _out_of_fold(basis, held.astype(np.float64), folds)
    names, group = np.unique(groups, return_inverse=True)
    group = group.ravel()
    each = areas(scores, held)
    null = _null(basis, held, group, folds, permutations, seed, progress)
    means = np.nanmean(null, axis=1)
    beyond = _sigmas(each, null)
    best = int(np.nanargmax(beyond))
    times = np.stack(list(draws(len(names), _RESAMPLES, seed)))[:, group]
    again = np.stack([Ranking.of(scores[:, k], held[:, k]).scores(times)[1] for k in range(held.shape[1])])
    value = float(np.nanmean(each))
    return Prediction(
        auc=percentile_interval(value, _mean_known(again), len(names)),
        chance=float(means.mean()),
        sigmas=float(_sigmas(np.array([value]), means[:, None])[0]),
        best=best,
        best_auc=percentile_interval(float(each[best]), again[best], len(names)),
        best_sigmas=float(beyond[best]),
        scores=scores,
    )


def _sigmas(area: NDArray[np.float64], null: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how many standard deviations of the null (P, M) areas (M,) are beyond it, all as log odds.

    An area ends at 1, so that of a few images even that would be few deviations of areas themselves.
    """
    odds, chance = (np.log(a / (1 - a)) for a in (np.clip(area, 0.005, 0.995), np.clip(null, 0.005, 0.995)))
    found: NDArray[np.float64] = (odds - chance.mean(axis=0)) / np.maximum(chance.std(axis=0), _LEAST_SPREAD)
    return found


def told_by(column: Column, held: NDArray[np.bool_], folds: NDArray[np.int64], label: int | None = None) -> float:
    """Return the area that one column alone comes to: the mean over the labels, or of one of them."""
    basis = bins(column)
    if not basis.shape[1]:
        return 0.5
    each = areas(_out_of_fold(basis, held.astype(np.float64), folds), held)
    return float(np.nanmean(each) if label is None else each[label])


def bins(column: Column) -> NDArray[np.float64]:
    """Return (n, B) 0 or 1: which bin each value is in, the unknown in one of their own; none with under 2 in it."""
    known = np.isfinite(column.values)
    values = np.unique(column.values[known])
    if column.words is not None or len(values) <= _FEW_VALUES:
        counts = np.array([(column.values == value).sum() for value in values]) if len(values) <= 5_000 else None
        chosen = values if counts is None else values[np.argsort(-counts, kind="stable")]
        table = column.values[:, None] == chosen[None, :MOST_NAMES]
    else:
        table = np.concatenate([_cut(column.values, known, parts) for parts in BINS], axis=1)
    table = np.concatenate([table, ~known[:, None]], axis=1)
    used = table.sum(axis=0)
    return table[:, (used >= 2) & (used < len(table))].astype(np.float64)


def _cut(values: NDArray[np.float64], known: NDArray[np.bool_], parts: int) -> NDArray[np.bool_]:
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, parts + 1)[1:-1]))
    place = np.searchsorted(edges, values, side="right")
    table: NDArray[np.bool_] = (place[:, None] == np.arange(len(edges) + 1)) & known[:, None]
    return table


def _mean_known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means over the first axis of what isn't NaN; NaN where nothing is."""
    known = np.isfinite(values)
    counts = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    mean: NDArray[np.float64] = np.divide(total, counts, out=np.full(total.shape, np.nan), where=counts > 0)
    return mean


def areas(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (M,) areas under the ROC curve of scores (n, M) for truths (n, M), ties counting half."""
    order = np.argsort(scores, axis=0, kind="stable")
    rising = np.take_along_axis(scores, order, 0)
    true = np.take_along_axis(truth, order, 0).astype(np.float64)
    n, m = scores.shape
    new = np.ones((n, m), dtype=np.bool_)
    new[1:] = rising[1:] != rising[:-1]
    place = np.arange(n)[:, None]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=0)
    last = np.where(np.concatenate([new[1:], np.ones((1, m), dtype=np.bool_)]), place, n - 1)
    last = np.minimum.accumulate(last[::-1], axis=0)[::-1]
    rank = (first + last) / 2 + 1
    positive = true.sum(axis=0)
    below = (rank * true).sum(axis=0) - positive * (positive + 1) / 2
    pairs = positive * (n - positive)
    area: NDArray[np.float64] = np.divide(below, pairs, out=np.full(m, np.nan), where=pairs > 0)
    return area


def _out_of_fold(
    basis: NDArray[np.float64], targets: NDArray[np.float64], folds: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return (n, M) ridge predictions of targets (n, M), each by a fit without the sample's fold."""
    found = np.empty(targets.shape)
    penalty = max(_RIDGE, _RIDGE_OF_A_BIN * basis.shape[1])
    for fold in np.unique(folds).tolist():
        seen, here = basis[folds != fold], folds == fold
        mean, middle = seen.mean(axis=0), targets[folds != fold].mean(axis=0)
        centred = seen - mean
        normal = centred.T @ centred + penalty * np.eye(basis.shape[1])
        weight = np.linalg.solve(normal, centred.T @ (targets[folds != fold] - middle))
        # The fold's own base rate is left out: it would rank folds, not images.
        found[here] = (basis[here] - mean) @ weight
    return found


def _null(
    basis: NDArray[np.float64],
    held: NDArray[np.bool_],
    group: NDArray[np.int64],
    folds: NDArray[np.int64],
    permutations: int,
    seed: int,
    progress: Progress,
) -> NDArray[np.float64]:
    """Return (P, K) the areas for labels that were exchanged between groups."""
    generator, k = np.random.default_rng(seed), held.shape[1]
    at_once = max(1, _COLUMNS_AT_ONCE // k)
    found: list[NDArray[np.float64]] = []
    while len(found) < permutations:
        progress.checkpoint()
        drawn = [held[_exchanged(group, generator)] for _ in range(min(at_once, permutations - len(found)))]
        truth = np.concatenate(drawn, axis=1)
        area = areas(_out_of_fold(basis, truth.astype(np.float64), folds), truth)
        found += list(np.nan_to_num(area, nan=0.5).reshape(len(drawn), k))
    return np.stack(found)


def _exchanged(group: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Return (n,) rows whose labels stand in: those of another group, in turn, from anywhere in it."""
    n_groups = int(group.max()) + 1
    donor = generator.permutation(n_groups)
    # Within a group the samples come in a new order each time, so that which of them stand in is chance too.
    order = np.lexsort((generator.random(len(group)), group))
    sizes = np.bincount(group, minlength=n_groups)
    start = np.cumsum(sizes) - sizes
    within = np.arange(len(group)) - start[group[order]]
    of = donor[group[order]]
    rows = np.empty(len(group), dtype=np.int64)
    rows[order] = order[start[of] + within % sizes[of]]
    return rows
