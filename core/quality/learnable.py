"""What the checks of a whole data set learn from: a drawn part of its labelled samples, in few dimensions.

A linear head on a backbone's features loses nothing that matters here when these are brought to their main directions,
and becomes several times quicker, so that hundreds of heads (folds, growing parts, labels) take seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.embeddings.logistic import Problems, solve
from core.embeddings.quick_head import group_folds
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.label_members import groups_or_self, members_of

MOST: Final = 5_000
"""Labelled samples that are looked at; of more, a part is drawn in which rare labels keep theirs."""
DIMENSIONS: Final = 256
"""On painted blood cells macro-F1 was 0.82 with 128 of them and 0.84 with 256; on real ones 0.992 with either."""
N_FOLDS: Final = 5
MIN_SAMPLES: Final = 20
_FLOOR: Final = 100
_OF_EACH: Final = 20
_L2: Final = 5e-3
"""Stronger than the quick head's: data that are checked have wrong labels, which a weak hand learns by heart. Macro-F1
in group folds, 5e-4 against 5e-3: 0.838 and 0.859 on painted blood cells of which 3 % are wrong, 0.9925 and 0.9934 on
real ones."""
_WEAK_L2: Final = 0.15
MANY_LABELS: Final = 60
"""For more labels than these, fitting heads takes too long; the nearest mean of a label stands in (Tibshirani et al.
2002, without the shrinking), which on painted blood cells was as good."""
_TOLERANCE: Final = 3e-4
_MAX_PASSES: Final = 120


@dataclass(frozen=True, slots=True)
class Learnable:
    """n labelled samples.

    Attributes
    ----------
    rows
        (n,) of the data.
    features
        (n, F) float32, centred and scaled for a head.
    held
        (n, K) bool, which of the labels each has: exactly one, unless they are independent.
    labels
        (K,) index of each label in the data's own list: those that some sample has.
    groups
        (n,) codes; a sample without a group is one of its own.
    independent
        Whether several labels may hold at once.
    """

    rows: NDArray[np.int64]
    features: NDArray[np.float32]
    held: NDArray[np.bool_]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    independent: bool

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def y(self) -> NDArray[np.int64]:
        """(n,) index of the label, where there is one each."""
        label: NDArray[np.int64] = self.held.argmax(axis=1).astype(np.int64)
        return label

    def folds(self, *, grouped: bool = True, seed: int = 0) -> NDArray[np.int64]:
        """Return (n,) folds that keep groups whole; where there is one group alone, or `grouped` is off, of samples."""
        groups = self.groups if grouped and len(np.unique(self.groups)) > 1 else np.arange(len(self), dtype=np.int64)
        truth = self.held if self.independent else self.y
        return group_folds(groups, truth, min(N_FOLDS, len(np.unique(groups))), seed)


def usable_rows(data: QualityData) -> NDArray[np.int64]:
    """Return the rows that have both a label (or are known to have none of several) and features."""
    if data.features is None or not data.held.size:
        return np.zeros(0, dtype=np.int64)
    known = data.labelled & (data.features.rows >= 0)
    return np.flatnonzero(known if data.independent else known & (data.given >= 0)).astype(np.int64)


def learnable(
    data: QualityData,
    progress: Progress,
    *,
    rows: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Learnable | None:
    """Return what can be learnt from; None where there are fewer than 20 labelled samples, or not two labels.

    Parameters
    ----------
    rows
        Which usable rows to take; None draws `MOST` of all, and of very many labels 20 of each.
    """
    usable = usable_rows(data)
    if data.features is None or not len(usable):
        return None
    n_labels = data.held.shape[1]
    most = MOST if n_labels <= MANY_LABELS else max(MOST, _OF_EACH * n_labels)
    drawn = usable[draw_with_floor(data.held[usable], most, seed)] if rows is None else rows
    progress.checkpoint()
    features = data.features.bank.take(data.features.rows[drawn])
    finite = np.isfinite(features).all(axis=1)
    drawn, features = drawn[finite], features[finite]
    held = data.held[drawn]
    labels = np.flatnonzero(held.any(axis=0))
    told_apart = len(labels) >= 2 or (data.independent and len(labels) == 1 and not held[:, labels[0]].all())
    if len(drawn) < MIN_SAMPLES or not told_apart:
        return None
    groups = groups_or_self(data.groups)[drawn]
    reduced = main_directions(features, DIMENSIONS)
    return Learnable(drawn, reduced, held[:, labels], labels, groups, data.independent)


def draw_with_floor(held: NDArray[np.bool_], most: int, seed: int = 0) -> NDArray[np.int64]:
    """Return indexes, sorted, of about `most` of the samples: each label keeps up to 100 of its own, or its share."""
    n = len(held)
    if n <= most:
        return np.arange(n, dtype=np.int64)
    order = np.random.default_rng(seed).permutation(n)
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    floor = max(5, min(_FLOOR, most // (2 * held.shape[1])))
    kept = np.zeros(n, dtype=np.bool_)
    for members in members_of(held):
        kept[members[np.argsort(rank[members], kind="stable")[:floor]]] = True
    room = most - int(kept.sum())
    kept[order[~kept[order]][: max(0, room)]] = True
    return np.flatnonzero(kept).astype(np.int64)


def main_directions(features: NDArray[np.float32], dimensions: int, seed: int = 0) -> NDArray[np.float32]:
    """Return (n, F') features, centred, scaled as the quick head does, and turned to their main directions.

    F' is at most `dimensions`. Source: the randomised range finder with two power iterations (Halko et al. 2011).
    """
    x = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
    std, mean = torch.std_mean(x, dim=0, correction=0)
    scale = std + std.square().mean().sqrt()
    x = (x - mean) / torch.where(scale > 0, scale, torch.ones_like(scale))
    if min(x.shape) <= dimensions + 8:
        return x.numpy()
    start = torch.randn(x.shape[1], dimensions + 8, generator=torch.Generator().manual_seed(seed))
    basis = torch.linalg.qr(x.T @ (x @ start)).Q
    basis = torch.linalg.qr(x.T @ (x @ basis)).Q
    turned = x @ basis
    _, vectors = torch.linalg.eigh(turned.T @ turned)
    reduced: NDArray[np.float32] = (turned @ vectors.flip(1)[:, :dimensions]).contiguous().numpy()
    return reduced


def scores_of(
    some: Learnable, weights: NDArray[np.float32], asked: NDArray[np.bool_], progress: Progress
) -> list[NDArray[np.float32]]:
    """Fit one head per row of `weights`, all at once, and ask each about samples of its own.

    Parameters
    ----------
    weights
        (B, n) >= 0: how much each sample counts for each head.
    asked
        (B, n) which samples each head is to judge.

    Returns
    -------
    list[NDArray[np.float32]]
        B arrays (m, K) of logits; of more than `MANY_LABELS` labels, how near their means are.
    """
    if len(some.labels) > MANY_LABELS:
        return [_by_means(some, count, here, progress) for count, here in zip(weights, asked, strict=True)]
    weight, bias = _fit(some, weights, progress)
    features = torch.from_numpy(some.features)
    return [(features[torch.from_numpy(here)] @ weight[i].T + bias[i]).numpy() for i, here in enumerate(asked)]


def out_of_fold(
    some: Learnable,
    folds: NDArray[np.int64],
    progress: Progress,
    counted: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return (n, K) logits of every sample by a head that hasn't seen the sample's fold.

    Parameters
    ----------
    counted
        (n,) how much each sample counts for the heads that see it; None: all alike.
    """
    asked = np.stack([folds == name for name in np.unique(folds)])
    seen = (~asked).astype(np.float32)
    logits = np.empty(some.held.shape, dtype=np.float32)
    for here, found in zip(
        asked, scores_of(some, seen if counted is None else seen * counted, asked, progress), strict=True
    ):
        logits[here] = found
    return logits


def _fit(some: Learnable, weights: NDArray[np.float32], progress: Progress) -> tuple[Tensor, Tensor]:
    """Return weight (B, K, F) and bias (B, K)."""
    counts = weights.sum(axis=1, keepdims=True)
    shares = torch.from_numpy((weights / np.maximum(counts, 1e-9)).astype(np.float32))
    l2 = torch.from_numpy(np.maximum(_L2, _WEAK_L2 / np.maximum(counts[:, 0], 1)).astype(np.float32))
    targets = torch.from_numpy(some.held.astype(np.float32))
    problems = Problems(torch.from_numpy(some.features), targets, shares, l2, some.independent)
    solution = solve(problems, progress, tolerance=_TOLERANCE, max_iterations=_MAX_PASSES)
    return solution.weight, solution.bias


def _by_means(
    some: Learnable, weights: NDArray[np.float32], asked: NDArray[np.bool_], progress: Progress
) -> NDArray[np.float32]:
    """Return (m, K) how near samples are to the labels' means, in features scaled by what differs within labels."""
    progress.checkpoint()
    seen = weights > 0
    x, held = some.features[seen], some.held[seen] * weights[seen, None]
    counts = held.sum(axis=0)
    means = held.T @ x / np.maximum(counts, 1e-9)[:, None]
    within = np.sqrt(((x - (held / held.sum(axis=1, keepdims=True).clip(1e-9)) @ means) ** 2).mean(axis=0))
    scale = 1.0 / (within + within.mean() + 1e-12)
    centres = means * scale
    scores = (some.features[asked] * scale) @ centres.T - 0.5 * (centres**2).sum(axis=1)
    scores[:, counts == 0] = scores.min(initial=0.0)
    found: NDArray[np.float32] = scores.astype(np.float32)
    return found
