"""What more images of a label would buy: heads that see growing parts of it, judged on groups they haven't seen.

For each label, its own training images are thinned while all other labels keep theirs: so the curve says what more of
this label brings, not what more of everything does. The curve over all labels thins them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.evaluation.bootstrap import expanded_tail
from core.progress import Progress
from core.quality.amounts.power_law import predicted_errors
from core.quality.f1_draws import answers, drawn_groups, f1_by_draw
from core.quality.learnable import Learnable, fit_heads

MORE: Final = 200
FRACTIONS: Final = (0.12, 0.25, 0.5, 1.0)
MOST_LABELS: Final = 24
"""Curves are drawn for so many labels at the most: the rarest."""
MIN_OF_LABEL: Final = 10
_RESAMPLES: Final = 200


@dataclass(frozen=True, slots=True)
class Curve:
    """How well a label (or all of them) is known with growing numbers of its images.

    Attributes
    ----------
    column
        Of the label; -1 for the mean over all labels.
    counts
        (P,) images to learn from at each point, the last the most there are.
    f1
        (P,) with them, 0 to 1.
    gain
        In F1 from `MORE` more images of the label (over all labels: of each).
    """

    column: int
    counts: NDArray[np.float64]
    f1: NDArray[np.float64]
    gain: Metric


def learning_curves(some: Learnable, totals: NDArray[np.int64], progress: Progress, *, seed: int = 0) -> list[Curve]:
    """Return the curve over all labels, and those of the rarest ones, in the labels' order.

    Parameters
    ----------
    totals
        (K,) how many images of each label the data hold, drawn or not.
    """
    drawn = some.held.sum(axis=0)
    enough = np.flatnonzero(drawn >= MIN_OF_LABEL)
    chosen = np.sort(enough[np.argsort(totals[enough], kind="stable")][:MOST_LABELS])
    folds = some.folds(seed=seed)
    plans = _plans(some, folds, chosen, seed)
    logits = _logits_of(some, folds, plans, progress)
    group, times = drawn_groups(some.groups, _RESAMPLES, seed)
    scores = [np.nan_to_num(f1_by_draw(answers(each, some.independent), some.held, group, times)) for each in logits]
    if not len(enough):
        return []
    learnt, step = 1 - 1 / len(np.unique(folds)), len(FRACTIONS) - 1
    every = [score[:, enough].mean(axis=1) for score in (*scores[1 : 1 + step], scores[0])]
    curves = [_curve(-1, every, float(drawn[enough].mean()) * learnt, times.shape[1])]
    for first, column in enumerate(chosen.tolist(), 1):
        own = [score[:, column] for score in (*scores[1 + first * step : 1 + (first + 1) * step], scores[0])]
        in_groups = len(np.unique(some.groups[some.held[:, column]]))
        curves.append(_curve(column, own, float(drawn[column]) * learnt, in_groups))
    return curves


def _plans(some: Learnable, folds: NDArray[np.int64], chosen: NDArray[np.int64], seed: int) -> list[NDArray[np.bool_]]:
    """Return which samples (n,) each head may see of those outside its fold: all, thinned together, label by label."""
    rank = _rank_within(some, folds, seed)
    plans = [np.ones(len(some), dtype=np.bool_)]
    plans += [rank < part for part in FRACTIONS[:-1]]
    for column in chosen.tolist():
        plans += [~some.held[:, column] | (rank < part) for part in FRACTIONS[:-1]]
    return plans


def _rank_within(some: Learnable, folds: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Return (n,) numbers, 0 to 1: the samples below q are a share q of every group, in every label."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(some))
    rank = np.empty(len(some))
    for column in range(some.held.shape[1]):
        for fold in np.unique(folds).tolist():
            members = order[(some.held[:, column] & (folds == fold))[order]]
            rank[members] = (np.arange(len(members)) + generator.random()) / max(1, len(members))
    return rank


def _logits_of(
    some: Learnable, folds: NDArray[np.int64], plans: list[NDArray[np.bool_]], progress: Progress
) -> list[NDArray[np.float32]]:
    """Return (n, K) logits for each plan, every sample judged by a head that hasn't seen its fold."""
    names = np.unique(folds)
    seen = np.stack([folds != name for name in names])
    features = torch.from_numpy(some.features)
    logits: list[NDArray[np.float32]] = []
    for plan in plans:
        # Each from zero: a head that began at one which had seen more would remember it.
        heads = fit_heads(some, (seen & plan).astype(np.float32), progress)
        found = np.empty(some.held.shape, dtype=np.float32)
        for i, name in enumerate(names):
            here = folds == name
            found[here] = (features[torch.from_numpy(here)] @ heads[0][i].T + heads[1][i]).numpy()
        logits.append(found)
        progress.advance()
    return logits


def _curve(column: int, f1: list[NDArray[np.float64]], most: float, n_groups: int) -> Curve:
    values = np.stack(f1, axis=1)  # (R, P), the first row undrawn
    counts = np.maximum(np.array(FRACTIONS) * most, 1.0)
    errors = 1.0 - values
    noise = np.maximum(errors[1:].std(axis=0), 0.003)
    ahead = predicted_errors(counts, errors, noise, np.array([most, most + MORE]))
    gained = np.maximum(ahead[:, 0] - ahead[:, 1], 0.0)
    gain = Metric(float(gained[0]), float("nan"), float("nan"))
    if n_groups >= 2:
        tail = expanded_tail(n_groups)
        low, high = np.quantile(gained[1:], [tail, 1 - tail]).tolist()
        gain = Metric(gain.value, min(low, gain.value), max(high, gain.value))
    return Curve(column, counts, values[0], gain)
