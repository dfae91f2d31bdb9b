"""Suggestions for a project: learnt from its labelled samples, made for the others, and in a useful order.

The steps that a window and a command line take alike, each of them a function of values: `learn` when labels change,
`appraise` where the honest accuracy is due again, `guess` for any samples, `useful_first` for what to label next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.embeddings.bank import FeatureBank
from core.embeddings.labelled import LabelledPool
from core.embeddings.suggester import (
    MAX_FITTED,
    Judgement,
    SuggestionHead,
    can_suggest,
    draw,
    fit_suggestions,
    judge,
)
from core.embeddings.usefulness import BATCH, MAX_CANDIDATES, doubt, usefulness_order
from core.progress import Progress
from core.translation import mark

HOLDS: Final = 0.5
"""Where labels are independent: a label is suggested from this probability on."""
_APPRAISE_AGAIN: Final = 1.1
"""Grown by this factor, the labels are asked again how right the suggestions are."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A head, and how right its like was; `judgement` is None until `appraise` was called."""

    head: SuggestionHead
    judgement: Judgement | None = None

    @property
    def outdated(self) -> bool:
        """Whether the judgement is about clearly fewer (or more) labels than the head has seen."""
        if self.judgement is None:
            return True
        ratio = self.head.n / max(1, self.judgement.of_labelled)
        return not 1 / _APPRAISE_AGAIN < ratio < _APPRAISE_AGAIN


@dataclass(frozen=True, slots=True)
class Guesses:
    """What is suggested for n samples.

    Attributes
    ----------
    labels
        (n, K) bool, by the head's `label_ids`: exactly one a row, unless the labels are independent.
    confidence
        (n,) the probability of the suggestion, 0 to 1; of the least certain label where they are independent.
    doubt
        (n,) how undecided the head is, 0 to 1.
    """

    labels: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    doubt: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.confidence)


def learn(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    pool: LabelledPool,
    before: Learned | None = None,
    progress: Progress | None = None,
) -> Learned | None:
    """Fit a head to the labelled samples of a pool, beginning at the one before; None where there are too few.

    Parameters
    ----------
    rows
        (N,) row in the bank of each sample of the pool, -1 where it has no features.
    """
    known = _fitted_rows(rows, pool)
    used = pool.used_labels()
    targets = _targets(pool, known, used)
    if not can_suggest(targets):
        return None
    label_ids = np.array([pool.labels[i].id for i in used.tolist()], dtype=np.int64)
    head = fit_suggestions(
        bank.take(rows[known]),
        targets,
        label_ids,
        before=before.head if before is not None else None,
        independent=pool.independent,
        progress=progress,
    )
    return Learned(head, before.judgement if before is not None else None)


def appraise(
    bank: FeatureBank, rows: NDArray[np.int64], pool: LabelledPool, learned: Learned, progress: Progress | None = None
) -> Learned:
    """Return it with the honest accuracy of the labels as they are, and calibrated by it. Arguments as for `learn`."""
    known = _fitted_rows(rows, pool)
    judgement = judge(
        bank.take(rows[known]),
        _targets(pool, known, pool.used_labels()),
        pool.table.groups_or_self()[known],
        independent=pool.independent,
        progress=progress,
    )
    return Learned(learned.head.calibrated(judgement), judgement)


def guess(
    bank: FeatureBank, rows: NDArray[np.int64], head: SuggestionHead, progress: Progress | None = None
) -> Guesses:
    """Suggest labels for samples by their rows (n,) in the bank, none of them -1; in chunks, whatever n is."""
    progress = progress or Progress()
    labels = np.zeros((len(rows), len(head.label_ids)), dtype=np.bool_)
    confidence, doubts = np.empty(len(rows), np.float32), np.empty(len(rows), np.float32)
    progress.begin(mark("Making suggestions"), len(rows))
    for part, features in bank.chunks(rows):
        p = head.probabilities(features.numpy())
        if head.independent:
            labels[part] = p >= HOLDS
            confidence[part] = np.maximum(p, 1 - p).min(axis=1)
        else:
            labels[part][np.arange(len(p)), p.argmax(axis=1)] = True
            confidence[part] = p.max(axis=1)
        doubts[part] = doubt(p, independent=head.independent)
        progress.advance(len(p))
    return Guesses(labels, confidence, doubts)


def useful_first(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    head: SuggestionHead,
    *,
    batch: int = BATCH,
    seed: int = 0,
    progress: Progress | None = None,
) -> NDArray[np.int64]:
    """Order unlabelled samples by how much their label would teach.

    Of more than `MAX_CANDIDATES` a part is drawn by the seed and ordered; the others follow as they come.

    Parameters
    ----------
    rows
        (n,) of the bank, none of them -1.

    Returns
    -------
    NDArray[np.int64]
        (n,) indexes into `rows`.
    """
    drawn = draw(len(rows), MAX_CANDIDATES, seed)
    doubts = guess(bank, rows[drawn], head, progress).doubt
    ordered = usefulness_order(lambda some: bank.take(rows[drawn[some]]), doubts, batch=batch, progress=progress)
    rest = np.ones(len(rows), dtype=np.bool_)
    rest[drawn] = False
    return np.concatenate([drawn[ordered], np.flatnonzero(rest)])


def open_samples(pool: LabelledPool, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the indexes of the unlabelled samples of a pool that have features."""
    return np.flatnonzero(~pool.labelled & (rows >= 0)).astype(np.int64)


def _fitted_rows(rows: NDArray[np.int64], pool: LabelledPool) -> NDArray[np.int64]:
    known = np.flatnonzero(pool.labelled & (rows >= 0)).astype(np.int64)
    return known[draw(len(known), MAX_FITTED)]


def _targets(pool: LabelledPool, known: NDArray[np.int64], used: NDArray[np.int64]) -> NDArray[np.float32]:
    targets: NDArray[np.float32] = pool.held[np.ix_(known, used)].astype(np.float32)
    return targets
