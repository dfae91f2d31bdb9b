"""By how much leakage flatters the score: heads that may and heads that may not see what leaks.

Two ways, both paired, so that what makes an image hard cancels out:

- on the split itself: the same test images, judged by heads fitted with and without the training images that they
  share something with. The heads that may see those go without as many other training images of the same labels, so
  that the amount of data is no part of the difference.
- in folds: all images, judged by heads of folds dealt image by image, and of folds that keep together what belongs
  together (Kapoor and Narayanan 2023; for medical images Yagis et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.embeddings.quick_head import group_folds
from core.progress import Progress
from core.quality.f1_draws import answers, drawn_groups, f1_by_draw, macro, with_interval
from core.quality.learnable import N_FOLDS, Learnable, out_of_fold, scores_of

_RESAMPLES: Final = 500
_MATCHED: Final = 4
"""Draws of the training images that the heads which may see the leak go without, averaged."""
MIN_JUDGED: Final = 10
LEAST_CLEAN: Final = 0.5
"""Where more of the training images leak than don't, what is left says little about the head that has all of them."""


@dataclass(frozen=True, slots=True)
class Inflation:
    """A score that knows too much, and the same without that knowledge.

    Attributes
    ----------
    flattered, honest
        Macro-F1, 0 to 1.
    difference
        `flattered` less `honest`: where its interval does not hold 0, leakage shows in the score.
    n
        How many images were judged.
    """

    flattered: Metric
    honest: Metric
    difference: Metric
    n: int


def split_inflation(
    some: Learnable,
    units: NDArray[np.int64],
    judged: NDArray[np.bool_],
    taught: NDArray[np.bool_],
    progress: Progress,
    *,
    seed: int = 0,
) -> Inflation | None:
    """Judge the test images with and without what leaks into their training images.

    Parameters
    ----------
    units
        (n,) what belongs together has the same number.
    judged, taught
        (n,) which samples are of the test split, and which of the training split.

    Returns
    -------
    Inflation | None
        None where nothing leaks, or too little is left to learn from or to be judged on.
    """
    leaky = taught & np.isin(units, units[judged])
    clean = taught & ~leaky
    if not leaky.any() or judged.sum() < MIN_JUDGED or clean.sum() < LEAST_CLEAN * taught.sum():
        return None
    if some.held[clean].any(axis=0).sum() < min(2, len(some.labels)):
        return None
    arms = np.stack([clean, *(_with_leak(some, leaky, clean, seed + i) for i in range(_MATCHED))])
    logits = scores_of(some, arms.astype(np.float32), np.stack([judged] * len(arms)), progress)
    said = [answers(each, some.independent) for each in logits]
    return _compared(said[1:], said[0], some.held[judged], units[judged], seed)


def fold_inflation(some: Learnable, units: NDArray[np.int64], progress: Progress, *, seed: int = 0) -> Inflation | None:
    """Judge all images in folds dealt image by image, and in folds that keep units (n,) whole.

    None where no two images belong together, or fewer than two units are left to deal.
    """
    n_units = len(np.unique(units))
    if n_units < 2 or n_units == len(units):
        return None
    truth = some.held if some.independent else some.y
    whole = group_folds(units, truth, min(N_FOLDS, n_units), seed)
    single = group_folds(np.arange(len(some), dtype=np.int64), truth, min(N_FOLDS, n_units), seed)
    honest = answers(out_of_fold(some, whole, progress), some.independent)
    flattered = answers(out_of_fold(some, single, progress), some.independent)
    return _compared([flattered], honest, some.held, units, seed)


def _with_leak(some: Learnable, leaky: NDArray[np.bool_], clean: NDArray[np.bool_], seed: int) -> NDArray[np.bool_]:
    """Return (n,) training samples with the leaking ones, as many of each label as there are clean ones."""
    generator = np.random.default_rng(seed)
    kept, label = clean.copy(), some.held.argmax(axis=1)
    for column in range(some.held.shape[1]):
        here, there = np.flatnonzero(clean & (label == column)), np.flatnonzero(leaky & (label == column))
        exchanged = min(len(here), len(there))
        kept[generator.choice(here, exchanged, replace=False)] = False
        kept[generator.choice(there, exchanged, replace=False)] = True
    return kept


def _compared(
    flattered: list[NDArray[np.bool_]],
    honest: NDArray[np.bool_],
    held: NDArray[np.bool_],
    units: NDArray[np.int64],
    seed: int,
) -> Inflation:
    group, times = drawn_groups(units, _RESAMPLES, seed)
    of: NDArray[np.bool_] = held.sum(axis=0) > 0
    without = macro(f1_by_draw(honest, held, group, times), of)
    having = np.mean([macro(f1_by_draw(said, held, group, times), of) for said in flattered], axis=0)
    n_groups = times.shape[1]
    return Inflation(
        with_interval(having, n_groups),
        with_interval(without, n_groups),
        with_interval(having - without, n_groups),
        len(held),
    )
