"""What more images of a label would buy: heads that see growing parts of it, judged on groups they haven't seen.

For each label, its own training images are thinned while all other labels keep theirs: so the curve says what more of
this label brings, not what more of everything does. The curve over all labels thins them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.evaluation.bootstrap import expanded_tail
from core.progress import Progress
from core.quality.amounts.power_law import possible_errors, predicted_errors
from core.quality.f1_draws import drawn_groups, f1_by_draw
from core.quality.learnable import MANY_LABELS, Learnable, out_of_fold

MORE: Final = 200
FRACTIONS: Final = (0.12, 0.25, 0.5, 1.0)
MOST_LABELS: Final = 24
"""Curves are drawn for so many labels at the most: the rarest."""
MIN_OF_LABEL: Final = 10
_RESAMPLES: Final = 200
_LEAST_NOISE: Final = 0.004
_ONE_IMAGE: Final = 0.5
"""Of F1, divided by a label's images: what one that is judged otherwise changes. No draw of judged images shows that
where none of them is wrong."""


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
        In F1 from `MORE` more images of the label (over all labels: of each). The interval is of what one such addition
        brings, measured on as many images as there are: it may be a loss.
    """

    column: int
    counts: NDArray[np.float64]
    f1: NDArray[np.float64]
    gain: Metric


def learning_curves(some: Learnable, totals: NDArray[np.int64], progress: Progress, *, seed: int = 0) -> list[Curve]:
    """Return the curve over all labels, and those of the rarest ones, in the labels' order; of very many, the one only.

    Parameters
    ----------
    totals
        (K,) how many images of each label the data hold, drawn or not.
    """
    drawn = some.held.sum(axis=0)
    enough = np.flatnonzero(drawn >= MIN_OF_LABEL)
    most = MOST_LABELS if len(some.labels) <= MANY_LABELS else 0
    chosen = np.sort(enough[np.argsort(totals[enough], kind="stable")][:most])
    if not len(enough):
        return []
    folds = some.folds(seed=seed)
    plans = _plans(some, folds, chosen, seed)
    group, times = drawn_groups(some.groups, _RESAMPLES, seed)
    scores: list[NDArray[np.float64]] = []
    for plan in plans:
        # Each head from zero: one that began at a head which had seen more would remember it.
        said = break_even(out_of_fold(some, folds, progress, plan), some, folds)
        scores.append(np.nan_to_num(f1_by_draw(said, some.held, group, times)))
        progress.advance()
    learnt, step = 1 - 1 / len(np.unique(folds)), len(FRACTIONS) - 1
    every = [score[:, enough].mean(axis=1) for score in (*scores[1 : 1 + step], scores[0])]
    curves = [_curve(-1, every, float(drawn[enough].mean()) * learnt, times.shape[1])]
    for first, column in enumerate(chosen.tolist(), 1):
        own = [score[:, column] for score in (*scores[1 + first * step : 1 + (first + 1) * step], scores[0])]
        in_groups = len(np.unique(some.groups[some.held[:, column]]))
        curves.append(_curve(column, own, float(drawn[column]) * learnt, in_groups))
    return curves


def break_even(logits: NDArray[np.float32], some: Learnable, folds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (n, K) answers that give each label as often as it is there: where precision equals recall.

    The highest score would be the wrong judge here: a head that saw more images of one label than of another leans
    towards that one, also where both weigh the same, and its F1 falls although it ranks better.
    """
    scores = logits.astype(np.float64)
    if not some.independent:
        # How far a label is ahead of the others together.
        top = np.sort(scores, axis=1)
        scores = scores - np.where(scores == top[:, -1:], top[:, -2:-1], top[:, -1:])
    said = np.zeros(logits.shape, dtype=np.bool_)
    for fold in np.unique(folds).tolist():
        here = np.flatnonzero(folds == fold)
        for column, count in enumerate(some.held[here].sum(axis=0).tolist()):
            said[here[np.argsort(-scores[here, column], kind="stable")[:count]], column] = True
    return said


def _plans(
    some: Learnable, folds: NDArray[np.int64], chosen: NDArray[np.int64], seed: int
) -> list[NDArray[np.float32]]:
    """Return how much each sample (n,) counts for a head that may see it: all alike, thinned together, by label.

    The images that are left of a thinned label count more, so that the label keeps its share: otherwise the head would
    learn that it is rare, and fewer images would look worse than they are, and more of them better.
    """
    rank, parts = _rank_within(some, folds, seed), FRACTIONS[:-1]
    plans = [np.ones(len(some), dtype=np.float32)]
    plans += [(rank < part).astype(np.float32) for part in parts]
    for column in chosen.tolist():
        own = some.held[:, column]
        for part in parts:
            kept = own & (rank < part)
            share = float(own.sum()) / max(1, int(kept.sum()))
            plans.append(np.where(own, kept * np.float32(share), np.float32(1)).astype(np.float32))
    return plans


def _rank_within(some: Learnable, folds: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Return (n,) numbers, 0 to 1: the samples below q are a share q of every group, in every label."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(some))
    rank = generator.random(len(some))
    for column in range(some.held.shape[1]):
        for fold in np.unique(folds).tolist():
            members = order[(some.held[:, column] & (folds == fold))[order]]
            rank[members] = (np.arange(len(members)) + generator.random()) / max(1, len(members))
    return rank


def _curve(column: int, f1: list[NDArray[np.float64]], most: float, n_groups: int) -> Curve:
    values = np.stack(f1, axis=1)  # (R, P), the first row undrawn
    counts = np.maximum(np.array(FRACTIONS) * most, 1.0)
    errors = 1.0 - values
    # What all points share, the images that they are judged on, moves the curve up and down but does not bend it.
    drawn = (errors[1:] - errors[1:, -1:]).std(axis=0)
    noise = np.maximum(drawn, _LEAST_NOISE)
    noise[-1] = noise[:-1].mean()
    ends = np.array([most, most + MORE])
    now, later = predicted_errors(counts, errors[0], noise, ends).tolist()
    value = max(0.0, now - later)
    gain = Metric(value, float("nan"), float("nan"))
    if n_groups >= 2:
        generator = np.random.default_rng(0)
        possible = possible_errors(counts, errors[1:], noise, ends, generator)
        # That is how unsure the curve is. One addition is no mean: which images come and which are judged moves it as
        # much as the step from half of the images to all of them.
        spread = np.hypot(drawn[-2], _ONE_IMAGE / counts[-1])
        gained = possible[:, 0] - possible[:, 1] + generator.normal(0.0, spread, len(possible))
        tail = expanded_tail(n_groups)
        low, high = np.quantile(gained, [tail, 1 - tail]).tolist()
        gain = Metric(value, min(low, value), max(high, value))
    return Curve(column, counts, values[0], gain)
