"""How far readers agree beyond chance: Cohen's and Fleiss' κ, Krippendorff's α, and plain shares, with intervals.

Every coefficient is 1 - D_o / D_e, observed over expected disagreement; 1 is full agreement, 0 is what chance gives.
The intervals come from drawing whole groups (patients, slides) again, as those of the metrics do. Where every reading
agreed, resampling would claim certainty; there the bound follows from the exact binomial one on the share of groups
without a disagreement (`core.evaluation.bootstrap.perfect_bound`).

What cannot be known is NaN, with the reason in `Coefficient.why`: nobody read the same image (``no_overlap``), or only
one label was ever given (``one_label``), where chance alone would agree always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from core.domain.metrics import Metric
from core.evaluation.bootstrap import percentile_interval, perfect_bound, share_interval
from core.evaluation.metrics import Floats, divide, mean_of_known
from core.evaluation.pairs import PairTable, pairs_among, pairs_between

RESAMPLES: Final = 1000
Weights = Literal["none", "linear", "quadratic"]
Level = Literal["nominal", "ordinal"]
# (L, K, K) pairs -> observed and expected disagreement (L,), in units of the greatest disagreement there is.
Disagreement = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An agreement with its 95 % interval, and what carries it.

    Attributes
    ----------
    metric
        NaN where it cannot be known; the interval is NaN where there are fewer than two groups.
    images, groups
        How many images have at least two readings, and in how many groups they are.
    why
        Empty, or why there is no value: ``no_overlap`` or ``one_label``.
    """

    metric: Metric
    images: int
    groups: int
    why: str = ""

    def to_json(self) -> dict[str, object]:
        """Return ``{"value", "low", "high", "images", "groups", "why"}``."""
        return {**self.metric.to_json(), "images": self.images, "groups": self.groups, "why": self.why}


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How far readers agree on one label.

    Attributes
    ----------
    label
        Its index.
    agreement
        Where one reader gave the label, the share of the other readings that gave it too (specific agreement: Cicchetti
        and Feinstein 1990; Uebersax 1982).
    kappa
        Fleiss' κ of this label against all others.
    """

    label: int
    agreement: Coefficient
    kappa: Coefficient


def cohen_kappa(
    first: ArrayLike,
    second: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_labels: int,
    weights: Weights = "none",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Coefficient:
    """Return Cohen's κ (1960) of two readers, weighted (1968) where labels have an order.

    Parameters
    ----------
    first, second
        (N,) label indexes, -1 where the reader said none; (N, L) of 0 and 1 for L labels that are each given or not:
        the disagreements of all labels are then added up before they are compared with chance (Janson and Olsson
        2001), so that a label hardly ever given counts for as little as it is.
    groups
        (N,) group of each image; None: each is on its own.
    n_labels
        K; 2 for (N, L).
    weights
        What a disagreement of i against j costs: 1, ``|i - j|`` or ``(i - j)²``.
    """
    cost = cost_matrix(n_labels, weights)

    def disagreement(pairs: Floats) -> tuple[Floats, Floats]:
        total = pairs.sum(axis=(1, 2))
        rows, columns = pairs.sum(axis=2), pairs.sum(axis=1)
        chance = np.einsum("li,ij,lj->l", rows, cost, columns)
        return divide((pairs * cost).sum(axis=(1, 2)), total), divide(chance, total**2)

    return _coefficient(pairs_between(first, second, groups, n_labels), disagreement, resamples, seed)


def fleiss_kappa(
    ratings: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_labels: int,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Coefficient:
    """Return Fleiss' κ (1971) of any number of readers.

    Parameters
    ----------
    ratings
        (N, R) label indexes, -1 where there is no reading; or (N, R, L), as in `cohen_kappa`.

    Notes
    -----
    Fleiss supposes as many readings of every image. Where they differ, images with fewer than two are left out and
    all others count the same, both for the observed agreement and for how often each label is given (Gwet 2014).
    Readers are not told apart: with two of them this is Scott's π, not Cohen's κ.
    """
    table = pairs_among(ratings, groups, n_labels, "image")
    return _coefficient(table, _fleiss_disagreement, resamples, seed)


def krippendorff_alpha(
    ratings: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_labels: int,
    level: Level = "nominal",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Coefficient:
    """Return Krippendorff's α (2011) of any number of readers, any of whose readings may be missing.

    Parameters
    ----------
    ratings
        (N, R) label indexes, -1 where there is no reading; or (N, R, L), as in `cohen_kappa`.
    level
        ``"ordinal"``: the labels have an order, and a disagreement weighs more the more readings lie between.
    """

    def disagreement(pairs: Floats) -> tuple[Floats, Floats]:
        given = pairs.sum(axis=2)
        n = given.sum(axis=1)
        cost = _ordinal_cost(given) if level == "ordinal" else 1.0 - np.eye(n_labels)
        chance = np.einsum("lij,lij->l", np.broadcast_to(cost, pairs.shape), given[:, :, None] * given[:, None, :])
        return divide((pairs * cost).sum(axis=(1, 2)), n), divide(chance, n * (n - 1))

    return _coefficient(pairs_among(ratings, groups, n_labels, "readings"), disagreement, resamples, seed)


def raw_agreement(
    ratings: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_labels: int,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Coefficient:
    """Return the share of pairs of readings of one image that agree, every image counting the same, 0 to 1."""
    table = pairs_among(ratings, groups, n_labels, "image")
    value = _share_agreed(table.whole())
    drawn = [_share_agreed(pairs) for pairs in table.resampled(resamples, seed)]
    why = "" if table.images else "no_overlap"
    return Coefficient(share_interval(value, drawn, table.groups), table.images, table.groups, why)


def label_agreements(
    ratings: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_labels: int,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[LabelAgreement]:
    """Return the agreement on each label, in the order of the labels.

    `ratings` are (N, R) label indexes: K rows; or (N, R, L) of 0 and 1: L rows.
    """
    table = pairs_among(ratings, groups, n_labels, "image")
    whole = _by_label(table.whole())
    drawn = [_by_label(pairs) for pairs in table.resampled(resamples, seed)]
    carried = table.groups_with()
    carried = carried[:, 1] if table.layers > 1 else carried[0]
    rows = []
    for label, n_groups in enumerate(carried.tolist()):
        share, observed, expected = whole[:, label].tolist()
        shares = [draw[0, label] for draw in drawn]
        why = "no_overlap" if not table.images or np.isnan(share) else ""
        agreement = Coefficient(share_interval(share, shares, n_groups), table.images, n_groups, why)
        ratios = [1.0 - divide(draw[1, label], draw[2, label]) for draw in drawn]
        kappa = _finished(np.array([observed]), np.array([expected]), np.array(ratios), table)
        rows.append(LabelAgreement(label, agreement, kappa))
    return rows


def cost_matrix(n_labels: int, weights: Weights) -> Floats:
    """Return (K, K) what a disagreement costs: 0 on the diagonal, 1 at the most."""
    index = np.arange(n_labels, dtype=np.float64)
    apart = np.abs(index[:, None] - index[None, :])
    if weights == "none":
        return (apart > 0).astype(np.float64)
    apart /= max(n_labels - 1, 1)
    return apart**2 if weights == "quadratic" else apart


def _fleiss_disagreement(pairs: Floats) -> tuple[Floats, Floats]:
    total = pairs.sum(axis=(1, 2))
    share = divide(pairs.sum(axis=2), total[:, None])
    observed = 1.0 - divide(np.trace(pairs, axis1=1, axis2=2), total)
    # Exactly 0 where one label takes all: the square of a rounded 1 would leave a rest to divide by.
    expected = np.where((share > 0).sum(axis=1) > 1, 1.0 - (share**2).sum(axis=1), 0.0 * share[:, 0])
    return observed, expected


def _ordinal_cost(given: Floats) -> Floats:
    """Return (L, K, K) Krippendorff's squared ordinal difference: the readings from one label to the other, squared."""
    middle = np.cumsum(given, axis=1) - given / 2
    cost = (middle[:, :, None] - middle[:, None, :]) ** 2
    greatest = cost.max(axis=(1, 2), keepdims=True, initial=0.0)
    return np.where(greatest > 0, cost / np.where(greatest > 0, greatest, 1.0), 0.0)


def _share_agreed(pairs: Floats) -> float:
    agreed, total = np.trace(pairs, axis1=1, axis2=2), pairs.sum(axis=(1, 2))
    return float(mean_of_known(divide(agreed, total)))


def _by_label(pairs: Floats) -> Floats:
    """Return (3, labels): specific agreement, observed and expected disagreement of each label against the rest."""
    if len(pairs) > 1:
        both, given, total = pairs[:, 1, 1], pairs.sum(axis=2)[:, 1], pairs.sum(axis=(1, 2))
    else:
        both, given = np.diagonal(pairs[0]), pairs[0].sum(axis=1)
        total = np.full(len(given), pairs.sum())
    share = divide(given, total)
    only_this = given >= total
    expected = np.where(only_this, share * 0.0, 2 * share * (1 - share))
    return np.stack([divide(both, given), 2 * divide(given - both, total), expected])


def _coefficient(table: PairTable, disagreement: Disagreement, resamples: int, seed: int) -> Coefficient:
    observed, expected = disagreement(table.whole())
    drawn = [_value(*disagreement(pairs)) for pairs in table.resampled(resamples, seed)]
    return _finished(observed, expected, np.array(drawn), table)


def _value(observed: Floats, expected: Floats) -> float:
    return float(1.0 - divide(np.nansum(observed), np.nansum(expected)))


def _finished(observed: Floats, expected: Floats, drawn: Floats, table: PairTable) -> Coefficient:
    """Return the coefficient of observed and expected disagreement (L,) with the interval of its resamples."""
    value = _value(observed, expected)
    why = "" if not np.isnan(value) else "one_label" if table.images else "no_overlap"
    metric = percentile_interval(value, drawn, table.groups)
    if not np.nansum(observed) and not np.isnan(metric.low):
        missed = 1.0 - perfect_bound(table.groups)
        metric = Metric(value, max(-1.0, _value(np.full(expected.shape, missed), expected)), value)
    return Coefficient(metric, table.images, table.groups, why)
