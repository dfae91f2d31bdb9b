"""Suggestions as the user labels: a linear head on cached embeddings that is fitted again whenever labels come in.

A fit begins at the head before, so that a few new labels cost a few passes over the labelled features. What it says is
honest in two ways: `judge` asks heads that have not seen a sample what they would have suggested for it, which gives
the share that is right, and the temperature that makes the confidences mean what they say (Guo et al. 2017). The same
labels, given in the same order, lead to the same suggestions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.domain.metrics import Metric
from core.embeddings.logistic import Problems, solve
from core.embeddings.quick_head import DEFAULT_L2, group_folds
from core.embeddings.thresholds import MIN_LABELLED
from core.evaluation.bootstrap import perfect_bound, student_quantile
from core.evaluation.calibration import fit_temperature
from core.progress import Progress

MAX_FITTED: Final = 10_000
"""A head learns nothing more from further samples of the same kind; a drawn part keeps the fit quick."""
MAX_JUDGED: Final = 4_000
_FOLDS: Final = 5
_BEGUN_WITH: Final = 1_500
_TOLERANCE: Final = 1e-4
_MAX_PASSES: Final = 200
_WARM_PASSES: Final = 8
"""Over many samples, from a head before: the next fit, a few labels later, goes on from there."""
_WEAK_L2: Final = 0.15
"""Divided by the number of samples: a few samples in a thousand dimensions are separable, and need a strong hand."""


@dataclass(frozen=True, slots=True)
class SuggestionHead:
    """A head that makes suggestions.

    Attributes
    ----------
    label_ids
        (K,) int64, the labels it tells apart.
    weight, bias
        (K, F) and (K,) float32: logits are ``features @ weight.T + bias``.
    independent
        Whether several labels may hold at once.
    temperature
        What the logits are divided by, > 0.
    n
        How many labelled samples it was fitted to.
    passes
        Over the features that the fit took.
    """

    label_ids: NDArray[np.int64]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    independent: bool = False
    temperature: float = 1.0
    n: int = 0
    passes: int = 0

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map features (n, F) to probabilities (n, K): rows sum to 1, unless the labels are independent."""
        logits = torch.from_numpy(features) @ torch.from_numpy(self.weight).T + torch.from_numpy(self.bias)
        logits /= self.temperature
        found: NDArray[np.float32] = (torch.sigmoid(logits) if self.independent else logits.softmax(1)).numpy()
        return found

    def calibrated(self, judgement: Judgement) -> SuggestionHead:
        """Return it with the judgement's temperature."""
        return replace(self, temperature=judgement.temperature)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What heads that had not seen them made of the user's own labels.

    Attributes
    ----------
    accuracy
        Share of the samples whose suggestion was right (in every label, where labels are independent), 0 to 1.
    temperature
        That makes the confidences fit, > 0.
    n, groups
        How many samples were asked about, and in how many groups they are.
    of_labelled
        Of how many labelled samples those were drawn.
    """

    accuracy: Metric
    temperature: float
    n: int
    groups: int
    of_labelled: int


def can_suggest(targets: NDArray[np.float32]) -> bool:
    """Say whether samples with these targets (n, K) are enough to learn from: ten, and two that differ."""
    return len(targets) >= MIN_LABELLED and bool((targets != targets[:1]).any())


def fit_suggestions(
    features: NDArray[np.float32],
    targets: NDArray[np.float32],
    label_ids: NDArray[np.int64],
    *,
    before: SuggestionHead | None = None,
    independent: bool = False,
    progress: Progress | None = None,
) -> SuggestionHead:
    """Fit a head to labelled samples.

    Parameters
    ----------
    features
        (n, F), finite; more than `MAX_FITTED` are slower than a second, so draw them (`draw_fitted`).
    targets
        (n, K) 0 or 1: exactly one 1 a row, unless the labels are independent.
    label_ids
        (K,) which labels the columns are.
    before
        The head to begin at; labels that it does not know begin at zero.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    n, warm = len(targets), before is not None
    if before is None and n > 2 * _BEGUN_WITH:
        # Most of the way is gone with a part of the samples, where a pass costs little.
        some = draw(n, _BEGUN_WITH)
        if can_suggest(targets[some]):
            before = fit_suggestions(features[some], targets[some], label_ids, independent=independent)
    scaled, mean, scale = _scaled(features)
    weights = torch.full((1, n), 1 / n)
    problems = Problems(scaled, torch.from_numpy(targets), weights, torch.tensor([_l2(n)]), independent)
    start = _start(before, label_ids, mean, scale) if before is not None else None
    most = _WARM_PASSES if warm and n > 2 * _BEGUN_WITH else _MAX_PASSES
    solution = solve(problems, progress or Progress(), tolerance=_TOLERANCE, max_iterations=most, start=start)
    weight = solution.weight[0] / scale
    bias = solution.bias[0] - weight @ mean
    temperature = before.temperature if before is not None else 1.0
    return SuggestionHead(label_ids, weight.numpy(), bias.numpy(), independent, temperature, n, solution.iterations)


def judge(
    features: NDArray[np.float32],
    targets: NDArray[np.float32],
    groups: NDArray[np.int64],
    *,
    independent: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Judgement:
    """Ask heads that were fitted without a sample's group what they would have suggested for it.

    Of more than `MAX_JUDGED` samples a part is drawn; where all are of one group, the folds are of samples, because
    nothing else is possible. Arguments as for `fit_suggestions`.

    Parameters
    ----------
    groups
        (n,) group of each sample; one without has a value of its own.
    """
    rows = draw(len(targets), MAX_JUDGED, seed)
    x, t, g = features[rows], targets[rows], groups[rows]
    if len(np.unique(g)) < 2:
        g = np.arange(len(g), dtype=np.int64)
    # Where labels are independent, what the folds are to spread is the first label that holds.
    folds = group_folds(g, t.argmax(1).astype(np.int64), min(_FOLDS, len(np.unique(g))), seed)
    logits = _out_of_fold(x, t, folds, independent, progress or Progress())
    right = ((logits > 0) == (t > 0.5)).all(1) if independent else logits.argmax(1) == t.argmax(1)
    accuracy, temperature = grouped_share(right, g), _temperature(logits, t, independent)
    return Judgement(accuracy, temperature, len(rows), len(np.unique(g)), len(targets))


def draw(n: int, most: int, seed: int = 0) -> NDArray[np.int64]:
    """Return the indexes, sorted, of at most `most` of `n` samples, drawn by the seed."""
    if n <= most:
        return np.arange(n, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False)).astype(np.int64)


def grouped_share(right: NDArray[np.bool_], groups: NDArray[np.int64]) -> Metric:
    """Return the share that is right with its 95 % interval; samples of one group are not independent evidence.

    Wilson's interval with Student's quantile, on the sample size that independent samples would need for the variance
    between groups (Korn and Graubard 1998). Without any error, or any success, the exact bound over groups.
    """
    n, share = len(right), float(right.mean()) if len(right) else float("nan")
    _, index = np.unique(groups, return_inverse=True)
    n_groups = int(index.max(initial=-1)) + 1
    if n_groups < 2:
        return Metric(share, float("nan"), float("nan"))
    bound = perfect_bound(n_groups)
    if share in (0.0, 1.0):
        return Metric(share, bound, 1.0) if share else Metric(share, 0.0, 1.0 - bound)
    excess = np.bincount(index, right - share)
    variance = float((excess**2).sum()) / n**2 * n_groups / (n_groups - 1)
    effective = min(float(n), share * (1 - share) / variance) if variance > 0 else float(n_groups)
    t = student_quantile(n_groups - 1)
    centre = (share + t**2 / (2 * effective)) / (1 + t**2 / effective)
    reach = t / (1 + t**2 / effective) * sqrt(share * (1 - share) / effective + t**2 / (4 * effective**2))
    return Metric(share, max(0.0, min(centre - reach, share)), min(1.0, max(centre + reach, share)))


def _l2(n: int) -> float:
    return max(DEFAULT_L2, _WEAK_L2 / n)


def _scaled(features: NDArray[np.float32]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the features as the quick head has them for its fit, and the mean and the scale (F,)."""
    x = torch.from_numpy(features)
    std, mean = torch.std_mean(x, dim=0, correction=0)
    scale = std + std.square().mean().sqrt()
    if not bool(scale.any()):
        scale = torch.ones_like(scale)
    return (x - mean).div_(scale), mean, scale


def _start(before: SuggestionHead, label_ids: NDArray[np.int64], mean: Tensor, scale: Tensor) -> Tensor:
    """Return (1, K, F + 1): the head before, label by label, in the scale of this fit."""
    column = {label: i for i, label in enumerate(before.label_ids.tolist())}
    start = torch.zeros(1, len(label_ids), len(mean) + 1)
    for row, label in enumerate(label_ids.tolist()):
        if (old := column.get(label)) is not None:
            weight = torch.from_numpy(before.weight[old])
            start[0, row, :-1] = weight * scale
            start[0, row, -1] = float(before.bias[old]) + float(weight @ mean)
    return start


def _out_of_fold(
    features: NDArray[np.float32],
    targets: NDArray[np.float32],
    folds: NDArray[np.int64],
    independent: bool,
    progress: Progress,
) -> NDArray[np.float32]:
    """Return (n, K) logits by heads that were fitted without the sample's fold, all from zero."""
    scaled, _, _ = _scaled(features)
    names = np.unique(folds)
    used = torch.from_numpy(np.stack([folds != name for name in names])).float()
    counts = used.sum(1, keepdim=True)
    l2 = torch.tensor([_l2(int(count)) for count in counts[:, 0].tolist()])
    problems = Problems(scaled, torch.from_numpy(targets), used / counts, l2, independent)
    solution = solve(problems, progress, tolerance=_TOLERANCE, max_iterations=_MAX_PASSES)
    logits = np.empty(targets.shape, dtype=np.float32)
    for i, name in enumerate(names):
        held_out = torch.from_numpy(folds == name)
        logits[held_out.numpy()] = (scaled[held_out] @ solution.weight[i].T + solution.bias[i]).numpy()
    return logits


def _temperature(logits: NDArray[np.float32], targets: NDArray[np.float32], independent: bool) -> float:
    if not independent:
        return fit_temperature(logits, targets.argmax(1).astype(np.int64))
    # A sigmoid at z is a softmax over z and 0: all labels' decisions are fitted together.
    flat = logits.reshape(-1)
    return fit_temperature(np.stack([np.zeros_like(flat), flat], axis=1), targets.reshape(-1).astype(np.int64))
