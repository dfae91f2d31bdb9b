"""Every multi-label metric on any draw of groups: sums per group where a metric adds up, rankings where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import BugError
from core.evaluation import metrics as scores
from core.evaluation.bootstrap import draws
from core.evaluation.calibration import DEFAULT_BINS, confidence_bins
from core.evaluation.metrics import Floats, Ints, Tally
from core.evaluation.ranking import Ranking, sample_label_ranking

# A ranking is walked anew for each resample: 200 resamples of 50,000 samples and 20 labels take about three seconds.
_RANKING_BUDGET: Final = 2e8
_FEWEST_RANKINGS: Final = 200
_NUMBERS_AT_ONCE: Final = 1 << 21
_SMALLEST: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, eq=False)
class MultiInput:
    """What is judged, checked: probabilities, truth and decisions (N, K), and group numbers (N,) from 0."""

    p: Floats
    truth: NDArray[np.bool_]
    given: NDArray[np.bool_]
    group: Ints

    @staticmethod
    def checked(probabilities: ArrayLike, truth: ArrayLike, given: ArrayLike, groups: ArrayLike) -> MultiInput:
        """Return the input; raises `BugError` where shapes do not match or a probability is not finite."""
        p, group = np.asarray(probabilities, np.float64), np.asarray(groups)
        true, decided = np.asarray(truth, bool), np.asarray(given, bool)
        if p.ndim != 2 or p.shape[1] < 1 or true.shape != p.shape or decided.shape != p.shape:
            raise BugError(f"probabilities {p.shape}, truth {true.shape} and decisions {decided.shape} must be (N, K)")
        if group.shape != (len(p),):
            raise BugError(f"{len(p)} predictions and {group.shape} groups")
        if not np.isfinite(p).all():
            raise BugError("a probability is not finite")
        return MultiInput(p, true, decided, np.unique(group, return_inverse=True)[1].ravel().astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class MultiTotals:
    """What the metrics are made of, with a leading axis R of resamples.

    Attributes
    ----------
    counts
        (R, K) each.
    losses
        (R, 6) sums over the samples: how many there are; exact matches; wrong decisions, cross-entropy and squared
        error, each a mean over the labels; label ranking.
    gaps
        (R, B) summed probability minus truth, per bin of probability.
    average_precision, roc_auc
        (Q, K) with Q <= R: of the first Q resamples.
    """

    counts: Tally
    losses: Floats
    gaps: Floats
    average_precision: Floats
    roc_auc: Floats

    def metrics(self) -> dict[str, Floats]:
        """Return every overall metric, one value a resample."""
        n = self.losses[:, 0]
        pairs = n * self.counts.true.shape[1]
        micro = scores.divide(2 * self.counts.right.sum(axis=1), (self.counts.true + self.counts.predicted).sum(axis=1))
        return {
            "macro_f1": scores.macro_f1(self.counts),
            "micro_f1": micro,
            "mean_average_precision": scores.mean_of_known(self.average_precision),
            "macro_roc_auc": scores.mean_of_known(self.roc_auc),
            "exact_match": scores.divide(self.losses[:, 1], n),
            "hamming_loss": scores.divide(self.losses[:, 2], n),
            "label_ranking": scores.divide(self.losses[:, 5], n),
            "log_loss": scores.divide(self.losses[:, 3], n),
            "brier": scores.divide(self.losses[:, 4], n),
            "ece": scores.divide(np.abs(self.gaps).sum(axis=1), pairs),
        }


class MultiSums:
    """The judged samples, ready to be counted under any draw of their groups."""

    def __init__(self, judged: MultiInput) -> None:
        p, truth, given = judged.p, judged.truth, judged.given
        self.n_labels, self.n_samples = p.shape[1], len(p)
        self.n_groups = int(judged.group.max()) + 1 if len(p) else 0
        self._group = judged.group
        self._per_group = self._sums(p, truth, given)
        self._rankings = [Ranking.of(p[:, k], truth[:, k]) for k in range(self.n_labels)]

    def whole(self) -> MultiTotals:
        """Return the totals with each group once: R = 1."""
        return self._of([np.ones((1, self.n_groups), np.int64)], 1)

    def resampled(self, resamples: int, seed: int) -> MultiTotals | None:
        """Return the totals over draws of groups; None where there are fewer than two groups."""
        if self.n_groups < 2:
            return None
        affordable = int(_RANKING_BUDGET / max(1, self.n_samples * self.n_labels))
        drawn = draws(self.n_groups, resamples, seed)
        return self._of(_chunks(drawn, max(1, _NUMBERS_AT_ONCE // self.n_groups)), max(_FEWEST_RANKINGS, affordable))

    def groups_with(self, marks: NDArray[np.bool_]) -> Ints:
        """Return (K,) in how many groups each label is marked, `marks` (N, K)."""
        found = np.zeros((self.n_groups, self.n_labels), bool)
        np.logical_or.at(found, self._group, marks)
        counts: Ints = found.sum(axis=0, dtype=np.int64)
        return counts

    def _sums(self, p: Floats, truth: NDArray[np.bool_], given: NDArray[np.bool_]) -> Floats:
        """Return (G, 3K + 6 + B): per group the counts, the losses and the calibration gaps."""
        chosen = np.clip(np.where(truth, p, 1 - p), _SMALLEST, 1.0)
        losses = [
            np.ones(len(p)),
            (truth == given).all(axis=1),
            (truth != given).mean(axis=1),
            -np.log(chosen).mean(axis=1),
            np.square(p - truth).mean(axis=1),
            sample_label_ranking(p, truth),
        ]
        gaps = np.zeros((len(p), DEFAULT_BINS))
        rows = np.repeat(np.arange(len(p)), self.n_labels)
        np.add.at(gaps, (rows, confidence_bins(p.ravel(), DEFAULT_BINS)), (p - truth).ravel())
        columns = np.concatenate([truth & given, truth, given, np.stack(losses, axis=1), gaps], axis=1)
        order = np.argsort(self._group, kind="stable")
        starts = np.searchsorted(self._group[order], np.arange(self.n_groups))
        if not len(p):
            return np.zeros((0, columns.shape[1]))
        return np.asarray(np.add.reduceat(columns[order].astype(np.float64), starts, axis=0))

    def _of(self, chunks: Iterator[NDArray[Any]] | list[NDArray[Any]], rankings: int) -> MultiTotals:
        sums: list[Floats] = []
        ranked: list[tuple[list[Floats], list[Floats]]] = []
        for times in chunks:
            sums.append(times.astype(np.float64) @ self._per_group)
            if rankings > 0:
                by_sample = times[:rankings, self._group]
                both = [ranking.scores(by_sample) for ranking in self._rankings]
                ranked.append(([pair[0] for pair in both], [pair[1] for pair in both]))
                rankings -= len(by_sample)
        total, k = np.concatenate(sums), self.n_labels
        precision, area = (np.concatenate([np.stack(part[i], axis=1) for part in ranked]) for i in (0, 1))
        counts = Tally(total[:, :k], total[:, k : 2 * k], total[:, 2 * k : 3 * k])
        return MultiTotals(counts, total[:, 3 * k : 3 * k + 6], total[:, 3 * k + 6 :], precision, area)


def _chunks(drawn: Iterator[Ints], size: int) -> Iterator[NDArray[Any]]:
    while part := list(islice(drawn, size)):
        yield np.stack(part)
