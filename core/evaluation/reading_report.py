"""How far the readers of a project agree: with one another, with themselves, and on each label."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.domain.readings import NOT_READ, ReadingTable
from core.domain.samples import STATE_CODES, SampleState
from core.evaluation.agreement import (
    RESAMPLES,
    Coefficient,
    LabelAgreement,
    Level,
    Weights,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    label_agreements,
    raw_agreement,
)
from core.evaluation.metrics import Ints


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two readers, by index: the share of images they agree on, and Cohen's κ, plain and weighted.

    The weighted ones are None where the labels have no order, or in a project of many labels an image.
    """

    first: int
    second: int
    agreement: Coefficient
    kappa: Coefficient
    linear: Coefficient | None
    quadratic: Coefficient | None


@dataclass(frozen=True, slots=True)
class ReaderSummary:
    """One reader: how much was read, and how often they said the same again. NaN without repeats."""

    reader: str
    read: int
    uncertain: int
    ungradable: int
    repeats: int
    self_agreement: Coefficient
    self_kappa: Coefficient


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """Everything the readings say about agreement.

    `agreement`, `fleiss` and `alpha` are over all readers; `ordinal_alpha` is None where the labels have no order.
    """

    images: int
    readers: tuple[ReaderSummary, ...]
    pairs: tuple[PairAgreement, ...]
    agreement: Coefficient
    fleiss: Coefficient
    alpha: Coefficient
    ordinal_alpha: Coefficient | None
    labels: tuple[LabelAgreement, ...]


def report_readings(
    table: ReadingTable, *, ordered: bool = False, resamples: int = RESAMPLES, seed: int = 0
) -> ReadingReport:
    """Measure the agreement of all readers of `table`.

    Parameters
    ----------
    ordered
        Whether the labels, in the user's order, are grades: then near misses weigh less in the weighted κ and α.
    """
    return _Measures(table, ordered=ordered and not table.multi, resamples=resamples, seed=seed).report()


class _Measures:
    """The measures with what they all need."""

    def __init__(self, table: ReadingTable, *, ordered: bool, resamples: int, seed: int) -> None:
        self._table, self._ordered = table, ordered
        self._k, self._resamples, self._seed = table.codes, resamples, seed

    def report(self) -> ReadingReport:
        """Return all of them."""
        table = self._table
        both = combinations(range(len(table.readers)), 2)
        return ReadingReport(
            images=len(table.sample_ids),
            readers=tuple(self._reader(index) for index in range(len(table.readers))),
            pairs=tuple(self._pair(first, second) for first, second in both),
            agreement=self._raw(table.ratings, table.groups),
            fleiss=fleiss_kappa(
                table.ratings, table.groups, n_labels=self._k, resamples=self._resamples, seed=self._seed
            ),
            alpha=self._alpha("nominal"),
            ordinal_alpha=self._alpha("ordinal") if self._ordered else None,
            labels=tuple(
                label_agreements(
                    table.ratings, table.groups, n_labels=self._k, resamples=self._resamples, seed=self._seed
                )
            ),
        )

    def _pair(self, first: int, second: int) -> PairAgreement:
        table = self._table
        one, two = table.ratings[:, first], table.ratings[:, second]
        return PairAgreement(
            first,
            second,
            self._raw(np.stack([one, two], axis=1), table.groups),
            self._cohen(one, two, table.groups),
            self._cohen(one, two, table.groups, "linear") if self._ordered else None,
            self._cohen(one, two, table.groups, "quadratic") if self._ordered else None,
        )

    def _reader(self, index: int) -> ReaderSummary:
        states, again = self._table.states[:, index], self._table.repeats[index]
        groups = self._table.repeat_groups[index]
        return ReaderSummary(
            self._table.readers[index],
            int((states != NOT_READ).sum()),
            int((states == STATE_CODES[SampleState.UNCERTAIN]).sum()),
            int((states == STATE_CODES[SampleState.UNGRADABLE]).sum()),
            len(again),
            self._raw(again, groups),
            self._cohen(again[:, 0], again[:, 1], groups),
        )

    def _raw(self, ratings: Ints, groups: Ints) -> Coefficient:
        return raw_agreement(ratings, groups, n_labels=self._k, resamples=self._resamples, seed=self._seed)

    def _cohen(self, one: Ints, two: Ints, groups: Ints, weights: Weights = "none") -> Coefficient:
        return cohen_kappa(
            one, two, groups, n_labels=self._k, weights=weights, resamples=self._resamples, seed=self._seed
        )

    def _alpha(self, level: Level) -> Coefficient:
        return krippendorff_alpha(
            self._table.ratings,
            self._table.groups,
            n_labels=self._k,
            level=level,
            resamples=self._resamples,
            seed=self._seed,
        )
