"""What decisions teach about how often suspects are really wrong.

P(wrong) of a sample has an offset (of its log odds) by how suspicious it is, and one by the pair of labels that would
be confused. Offsets of neighbouring strata of suspicion go together, and the more so the nearer they are: what is
learnt at the top of the queue says something about its middle and little about its end, and the interval says so. The
offsets' distribution is normal around its mode (Laplace's approximation; Tierney and Kadane 1986). People slip:
a share of the verdicts is taken to be mistaken.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRATA: Final = 20
LARGEST_LOGIT: Final = 10.0
_PAIRS: Final = 24
_COMMON_SD: Final = 0.3
_SLOPE_SD: Final = 2.5
"""Of the offset at the ends of the scale."""
_STRATUM_SD: Final = 0.6
_REACH: Final = 2.0
_PAIR_SD: Final = 0.35
_MODEL_SD: Final = 0.12
"""Of the logarithm of the number left: what no decision at the top of the queue can know of its end."""
_FEWER_FROM, _FEWER = 0.3, 1.3
"""From which `unsure` on fewer may be left than decisions at the top can tell, and by how much of it: what is far from
certain there may all be confusions of a classifier that often errs."""
_SLIPS: Final = 0.01
_DRAWS: Final = 200
_STEPS: Final = 8


class Belief:
    """Offsets of log odds, learnt from counts of verdicts.

    Parameters
    ----------
    logits
        (N,) log odds of being wrong, before any decision.
    pairs
        (N,) which labels would be confused, as any number.
    expected
        (N,) the same as probabilities: the frequent pairs are those that most errors are expected of.
    unsure
        Standard deviation of what all log odds may be off by together.
    weights
        (N,) how many each of them stands for; None for one each.
    """

    def __init__(
        self, logits: Floats, pairs: Ints, expected: Floats, unsure: float = 0.0, weights: Floats | None = None
    ) -> None:
        width = 2 * LARGEST_LOGIT / STRATA
        strata = np.clip(((logits + LARGEST_LOGIT) / width).astype(np.int64), 0, STRATA - 1)
        number = np.ones(len(logits)) if weights is None else weights
        expected_of = number * expected
        pair = _numbered(pairs, expected_of)
        self._n_pairs = int(pair.max(initial=0)) + 1
        self.cell: Ints = strata * self._n_pairs + pair
        n_cells = STRATA * self._n_pairs
        self._open = np.bincount(self.cell, number, n_cells)
        self._mass = np.bincount(self.cell, expected_of, n_cells)
        self._spread = np.bincount(self.cell, expected_of * (1 - expected), n_cells)
        self._asked, self._wrong, self._asked_mass = np.zeros(n_cells), np.zeros(n_cells), np.zeros(n_cells)
        self._precision: Floats = np.asarray(np.linalg.inv(_prior(self._n_pairs, unsure)), np.float64)
        self._mode = np.zeros(STRATA + self._n_pairs)
        self._fewer = _FEWER * max(0.0, unsure - _FEWER_FROM)
        self._covariance: Floats | None = None
        cells = np.arange(n_cells)
        self._design = np.stack([cells // self._n_pairs, STRATA + cells % self._n_pairs], axis=1)

    @property
    def offsets(self) -> Floats:
        """The offset of each cell; `cell` says which a sample is in."""
        found: Floats = self._mode[self._design].sum(1)
        return found

    def count(self, rows: Ints, expected: Floats, wrong: NDArray[np.bool_], sign: int = 1) -> None:
        """Take in verdicts about some rows, of `expected` (N,) before; `sign` -1 takes them back."""
        for row, verdict in zip(rows.tolist(), wrong.tolist(), strict=True):
            cell, p = self.cell[row], expected[row]
            self._asked[cell] += sign
            self._wrong[cell] += sign * verdict
            self._asked_mass[cell] += sign * p
            self._open[cell] -= sign
            self._mass[cell] -= sign * p
            self._spread[cell] -= sign * p * (1 - p)
        self._learn()

    def left(self) -> Metric:
        """Return how many of the open ones are expected to be wrong, with a 95 % interval."""
        some = np.flatnonzero(self._open > 0.5)
        if not len(some):
            return Metric(0.0, 0.0, 0.0)
        count, base = self._open[some], _logit(np.maximum(self._mass[some], 0) / self._open[some])
        value = float(count @ _sigmoid(base + self.offsets[some]))
        rng = np.random.default_rng(7)
        drawn = self._mode + rng.standard_normal((_DRAWS, len(self._mode))) @ self._root().T
        chances = _sigmoid(base + drawn[:, self._design[some]].sum(2))
        sums = chances @ count
        sums += rng.standard_normal(_DRAWS) * np.sqrt((chances * (1 - chances)) @ count)
        sums *= np.exp(_MODEL_SD * rng.standard_normal(_DRAWS))
        fewer = sums * np.exp(-self._fewer * np.abs(rng.standard_normal(_DRAWS)))
        # Errors are whole.
        low, high = np.floor(np.quantile(fewer, 0.025)), np.ceil(np.quantile(sums, 0.975))
        return Metric(value, float(np.clip(low, 0, value)), float(np.clip(high, value, count.sum())))

    def _learn(self) -> None:
        """Move to the mode of the offsets, by Fisher scoring from where they were."""
        some = np.flatnonzero(self._asked > 0)
        design = np.zeros((len(some), len(self._mode)))
        design[np.arange(len(some))[:, None], self._design[some]] = 1.0
        asked, wrong = self._asked[some], self._wrong[some]
        base = _logit(self._asked_mass[some] / asked)
        hessian: Floats = self._precision.copy()
        for _ in range(_STEPS):
            p = _sigmoid(base + design @ self._mode)
            said = _SLIPS + (1 - 2 * _SLIPS) * p
            slope = (1 - 2 * _SLIPS) * p * (1 - p)
            gradient = design.T @ ((wrong - asked * said) * slope / (said * (1 - said))) - self._precision @ self._mode
            hessian = (design * (asked * slope**2 / (said * (1 - said)))[:, None]).T @ design + self._precision
            step = np.linalg.solve(hessian, gradient)
            self._mode += np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-4:
                break
        self._covariance = np.asarray(np.linalg.inv(hessian), np.float64)

    def _root(self) -> Floats:
        covariance = np.linalg.inv(self._precision) if self._covariance is None else self._covariance
        return np.asarray(np.linalg.cholesky(covariance + 1e-9 * np.eye(len(covariance))), np.float64)


def _prior(n_pairs: int, unsure: float) -> Floats:
    """Return the covariance of the offsets: strata first, then pairs."""
    at = np.arange(STRATA)
    covariance = np.zeros((STRATA + n_pairs, STRATA + n_pairs))
    near = np.exp(-np.abs(at[:, None] - at) / _REACH)
    # Probabilities may be too sure or not sure enough: what is learnt at one end says the opposite of the other.
    tilt = (2 * at + 1) / STRATA - 1
    covariance[:STRATA, :STRATA] = (
        _COMMON_SD**2 + unsure**2 + _STRATUM_SD**2 * near + _SLOPE_SD**2 * np.outer(tilt, tilt)
    )
    np.fill_diagonal(covariance[STRATA:, STRATA:], _PAIR_SD**2)
    return covariance


def _numbered(pairs: Ints, expected: Floats) -> Ints:
    """Return (N,) 0 for rare pairs, and 1, 2 … for those that most errors are expected of."""
    names, inverse = np.unique(pairs, return_inverse=True)
    mass = np.bincount(inverse, expected, len(names))
    number = np.zeros(len(names), dtype=np.int64)
    frequent = np.argsort(-mass, kind="stable")[:_PAIRS]
    number[frequent] = np.arange(1, len(frequent) + 1)
    return number[inverse]


def _sigmoid(x: Floats) -> Floats:
    out: Floats = 1 / (1 + np.exp(-np.clip(x, -40, 40)))
    return out


def _logit(p: Floats) -> Floats:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    out: Floats = np.log(p / (1 - p))
    return out
