"""Probabilities of every sample by heads that have not seen its group: what label suspects are found with.

The heads are fitted to a drawn part of the labelled samples, because more teach a linear head next to nothing; then
every sample is asked of a head that is innocent of its group. Memory is that of the part and of the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.task import Task, Truth
from core.embeddings.bank import FeatureBank
from core.embeddings.quick_head import QuickHead, fold_heads, group_folds
from core.evaluation.calibration import fit_temperature, softmax
from core.evaluation.platt import fit_platt, sigmoid
from core.progress import Progress
from core.translation import mark

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

MAX_FITTED: Final = 12_000
"""Rows of 1,280 numbers in single precision: 61 MB, twice for a moment."""
_FEWEST_A_LABEL: Final = 100
_FOLDS: Final = 5
_L2: Final = 3e-2
"""Sixty times that of a head that is to classify: it must not learn the wrong labels it is to find. With 3 % planted
among 5,000 garments, the area under precision and recall grew from 0.73 to 0.89; among blood cells, 0.96 to 0.98."""
_WEAK_L2: Final = 0.15
"""Divided by the number of samples: a few samples in a thousand dimensions are separable, and need a strong hand."""
_CALIBRATED_ON: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Heads:
    """A head for each fold, which group is in which fold, and which labels each head has seen."""

    heads: list[QuickHead]
    fold_of: dict[int, int]
    seen: NDArray[np.bool_]

    def folds(self, groups: Ints) -> Ints:
        """Return the fold of each group; one that no head has seen is anybody's."""
        return np.array([self.fold_of.get(group, group % len(self.heads)) for group in groups.tolist()], dtype=np.int64)


def out_of_fold(
    bank: FeatureBank,
    rows: Ints,
    given: Ints,
    groups: Ints,
    progress: Progress | None = None,
    *,
    n_labels: int,
    most: int = MAX_FITTED,
    seed: int = 0,
) -> Singles | None:
    """Return calibrated probabilities (N, K) float32, each row by a head fitted without the sample's group.

    NaN where nothing can be said: without features, or where the sample's label is in no other group, so that the
    head has never seen it. Where all samples are of one group, folds are of samples: nothing else is possible.

    Parameters
    ----------
    rows
        (N,) rows of the bank, -1 where a sample has no features.
    given
        (N,) label indexes, -1 where there is none.
    groups
        (N,) what must not be on both sides of a fold; -1 where a sample is a group of its own.
    most
        How many samples the heads are fitted to, about; rare labels have a hundred of theirs among them.

    Returns
    -------
    None where there is nothing to learn: fewer than two samples of two labels.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    progress, own = progress or Progress(), own_groups(groups)
    known = np.flatnonzero((given >= 0) & (rows >= 0))
    drawn = known[_draw(given[known], most, seed)]
    heads = _fit(bank, rows, drawn, given[drawn], own, n_labels, seed, progress)
    if heads is None:
        return None
    logits = _ask(bank, rows, heads, own, n_labels, progress)
    asked = known[_draw(given[known], _CALIBRATED_ON, seed + 1)]
    asked = asked[np.isfinite(logits[asked]).all(axis=1)]
    temperature = fit_temperature(logits[asked], given[asked])
    for start in range(0, len(logits), 1 << 16):
        part = slice(start, start + (1 << 16))
        logits[part] = softmax(logits[part], temperature)
    folds = heads.folds(own)
    unknown = (given >= 0) & ~heads.seen[folds, np.maximum(given, 0)]
    logits[unknown] = np.nan
    return logits


def out_of_fold_each(
    bank: FeatureBank,
    rows: Ints,
    held: NDArray[np.bool_],
    labelled: NDArray[np.bool_],
    groups: Ints,
    progress: Progress | None = None,
    *,
    most: int = MAX_FITTED,
    seed: int = 0,
) -> Singles | None:
    """Return calibrated probabilities (N, K) of labels that may hold together, as `out_of_fold` does for one of many.

    Parameters
    ----------
    held
        (N, K) which labels each sample has.
    labelled
        (N,) whether somebody said which.
    """
    progress, own = progress or Progress(), own_groups(groups)
    known = np.flatnonzero(labelled & (rows >= 0))
    # Rare labels first: a sample is drawn for the rarest it has.
    rarest = np.where(held[known], held[known].sum(0), len(known) + 1)
    drawn = known[_draw(rarest.argmin(1).astype(np.int64), most, seed)] if held.shape[1] else known[:0]
    heads = _fit(bank, rows, drawn, held[drawn], own, held.shape[1], seed, progress)
    if heads is None:
        return None
    logits = _ask(bank, rows, heads, own, held.shape[1], progress)
    some = known[np.isfinite(logits[known]).all(axis=1)]
    some = some[_draw(np.zeros(len(some), dtype=np.int64), _CALIBRATED_ON, seed + 1)]
    slopes, offsets = fit_platt(logits[some], held[some])
    out: Singles = sigmoid(logits * slopes + offsets).astype(np.float32)
    return out


def own_groups(groups: Ints) -> Ints:
    """Return (N,) groups, of which each sample without one has its own."""
    out, alone = groups.astype(np.int64), groups < 0
    out[alone] = groups.max(initial=-1) + 1 + np.arange(int(alone.sum()))
    return out


def _draw(y: Ints, most: int, seed: int) -> Ints:
    """Return about `most` indexes, sorted: a part of all, and of rare labels a hundred."""
    if len(y) <= most:
        return np.arange(len(y), dtype=np.int64)
    counts = np.bincount(y)
    chance = np.maximum(most / len(y), np.minimum(1.0, _FEWEST_A_LABEL / np.maximum(counts, 1)))
    # A stream of its own: who plants noise with a plain seed would find all of it drawn.
    return np.flatnonzero(np.random.default_rng([1_280, seed]).random(len(y)) < chance[y]).astype(np.int64)


def _fit(
    bank: FeatureBank, rows: Ints, drawn: Ints, y: Truth, own: Ints, n_labels: int, seed: int, progress: Progress
) -> _Heads | None:
    features = bank.take(rows[drawn])
    sound = np.isfinite(features).all(axis=1)
    features, y, groups = features[sound], y[sound], own[drawn[sound]]
    single = y.ndim == 1
    varied = len(np.unique(y)) > 1 if single else bool((y != y[:1]).any())
    if len(y) < 4 or not varied:
        return None
    if len(np.unique(groups)) < 2:
        groups = np.arange(len(y), dtype=np.int64)
    progress.begin(mark("Learning what labels look like"))
    folds = group_folds(groups, y, min(_FOLDS, len(np.unique(groups))), seed)
    task, l2 = Task.SINGLE if single else Task.MULTI, max(_L2, _WEAK_L2 / len(y))
    heads = fold_heads(features, y, n_labels, folds, task=task, l2=l2, progress=progress)
    names = np.unique(folds)
    held = np.eye(n_labels, dtype=bool)[y] if single else y.astype(bool)
    seen = np.stack([held[folds != name].any(0) for name in names])
    fold_of = dict(zip(groups.tolist(), np.searchsorted(names, folds).tolist(), strict=True))
    return _Heads(heads, fold_of, seen)


def _ask(bank: FeatureBank, rows: Ints, heads: _Heads, own: Ints, n_labels: int, progress: Progress) -> Singles:
    """Return (N, K) logits, each sample's by the head of its fold; NaN without features."""
    out = np.full((len(rows), n_labels), np.nan, dtype=np.float32)
    has = np.flatnonzero(rows >= 0)
    has = has[np.argsort(rows[has], kind="stable")]
    folds = heads.folds(own[has])
    progress.begin(mark("Asking what labels are likely"), len(has))
    for part, features in bank.chunks(rows[has]):
        x = features.numpy()
        sound = np.isfinite(x).all(axis=1)
        for fold, head in enumerate(heads.heads):
            mine = sound & (folds[part] == fold)
            out[has[part][mine]] = head.logits(x[mine])
        progress.advance(len(x))
    return out
