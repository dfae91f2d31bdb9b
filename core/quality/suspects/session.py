"""Working through label suspects: which to look at next, how many errors are left, and when to stop.

Every decision moves what is believed of the suspects that resemble it: those as suspicious, and those between the same
two labels. Nothing is drawn at random to audit the queue: how unsure its unseen end is, is in the interval. The same
suspects and decisions lead to the same order and the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.metrics import Metric
from core.quality.suspects.belief import Belief, Floats, Ints

STOP_BELOW: Final = 0.1
"""Where fewer than one in ten of the next cases are expected to be wrong, the rest is better spent elsewhere."""
NEXT: Final = 20
MOST_ALIKE: Final = 24
_TIE: Final = 1e-13


@dataclass(frozen=True, slots=True)
class Advice:
    """Whether to go on.

    Attributes
    ----------
    stop
        Whether the next cases are hardly worth a look.
    more_cases
        How many open ones are still worth it.
    yield_now
        Expected share of really wrong labels among the next `NEXT` cases, 0 to 1.
    """

    stop: bool
    more_cases: int
    yield_now: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What was said of some rows: that their label is wrong, and which it should be, or that it is right."""

    rows: tuple[int, ...]
    wrong: bool
    label: int | None


class CleaningSession:
    """A queue of label suspects that learns from decisions.

    Parameters
    ----------
    p_wrong
        (N,) calibrated probabilities, as `Suspects` has them.
    suggested
        (N,) label indexes, -1 for samples that are not in question.
    given
        (N,) label indexes, -1 likewise.
    neighbours
        (N, k) int, rows of the nearest samples, -1 where there is none; None where none are known.
    unsure
        How far the number of errors may be off before any decision, as `Suspects` has it.
    stop_below
        Expected share of errors among the next cases under which the advice is to stop.
    weights
        (N,) how many labels each row stands for; None for one each. Only rows of one can be decided.
    """

    def __init__(
        self,
        p_wrong: Floats,
        suggested: NDArray[np.integer],
        given: NDArray[np.integer],
        *,
        neighbours: NDArray[np.integer] | None = None,
        unsure: float = 0.0,
        stop_below: float = STOP_BELOW,
        weights: Floats | None = None,
    ) -> None:
        self._given, self._neighbours, self._stop_below = given, neighbours, stop_below
        self._p: Floats = np.clip(p_wrong, 1e-13, 1 - 1e-13)
        self._logits: Floats = np.log(self._p / (1 - self._p))
        # Within a label, and of one suggestion: what look-alikes have in common.
        self._pair: Ints = given.astype(np.int64) * (int(suggested.max(initial=0)) + 1) + suggested
        judged = (given >= 0) & (suggested >= 0)
        self._judged: Ints = np.flatnonzero(judged)
        own = None if weights is None else weights[judged]
        self._belief = Belief(self._logits[judged], self._pair[judged], self._p[judged], unsure, own)
        # Decisions move a cell of the belief as a whole: what is in order within the cells stays so.
        cell = self._belief.cell
        self._arranged: Ints = np.lexsort((-self._logits[judged], -cell)).astype(np.int64)
        self._at = np.full(len(given), -1, dtype=np.int64)
        self._at[self._judged] = np.arange(len(self._judged))
        self._open: NDArray[np.bool_] = judged.copy()
        self._decisions: list[Decision] = []
        self._now: Floats | None = None

    @classmethod
    def kept(cls, arrays: Mapping[str, NDArray[np.generic]]) -> CleaningSession:
        """Return a session over what the check kept: ``p_wrong``, ``suggested`` and ``given``.

        Perhaps ``neighbours``, too, and ``unsure``, which is the same in every row.

        Raises
        ------
        KeyError
            Where one of them is missing.
        """
        neighbours, unsure = arrays.get("neighbours"), arrays.get("unsure")
        return cls(
            np.asarray(arrays["p_wrong"], np.float64),
            np.asarray(arrays["suggested"], np.int64),
            np.asarray(arrays["given"], np.int64),
            neighbours=None if neighbours is None else np.asarray(neighbours, np.int64),
            unsure=0.0 if unsure is None or not len(unsure) else float(np.asarray(unsure, np.float64)[0]),
        )

    @property
    def decisions(self) -> Sequence[Decision]:
        """What was decided, the first first."""
        return tuple(self._decisions)

    def p_wrong(self) -> Floats:
        """Return (N,) what is believed now: 0 for samples that are not in question."""
        p = np.zeros(len(self._given))
        p[self._judged] = 1 / (1 + np.exp(-self._scores()))
        return p

    def order(self, most: int | None = None) -> Ints:
        """Return the open rows, the most suspicious first: all of them, or the first `most`."""
        at = self._arranged[self._open[self._judged[self._arranged]]]
        rows = self._judged[at]
        # Equal ones by row.
        keys = rows * _TIE - self._scores()[at]
        if most is not None and most < len(rows):
            border = np.partition(keys, most - 1)[most - 1] if most else -np.inf
            near = keys <= border
            rows, keys = rows[near], keys[near]
        # Sorted runs are merged, which is a few times faster than sorting anew.
        found: Ints = rows[np.argsort(keys, kind="stable")][:most]
        return found

    def decide(self, row: int, wrong: bool, label: int | None = None) -> None:
        """Take in that the label of a row is wrong, and which it should be, or that it is right."""
        self.decide_together([row], wrong, label)

    def decide_together(self, rows: Sequence[int], wrong: bool, label: int | None = None) -> None:
        """Take in one decision about several rows, which `undo` takes back as one; those decided before stay so."""
        found = tuple(dict.fromkeys(int(row) for row in rows if self._open[row]))
        self._decisions.append(Decision(found, wrong, label))
        self._count(found, [wrong] * len(found), 1)

    def resume(self, decided: Mapping[int, bool]) -> None:
        """Take in decisions of earlier days, by row whether the label was wrong; they cannot be undone here."""
        rows = tuple(row for row in decided if self._open[row])
        self._count(rows, [decided[row] for row in rows], 1)

    def undo(self) -> Decision | None:
        """Take the last decision back, and return it; None where there is none."""
        if not self._decisions:
            return None
        last = self._decisions.pop()
        self._count(last.rows, [last.wrong] * len(last.rows), -1)
        return last

    def expected_left(self) -> Metric:
        """Return how many wrong labels are expected among the open rows, with a 95 % interval."""
        return self._belief.left()

    def advice(self, among: NDArray[np.integer] | None = None) -> Advice:
        """Say whether it is worth going on; with `among`, of these rows only: those that there are cases of."""
        still = np.flatnonzero(self._open) if among is None else among[self._open[among]]
        p = 1 / (1 + np.exp(-self._scores()[self._at[still]]))
        if not len(p):
            return Advice(True, 0, 0.0)
        best = np.partition(p, len(p) - NEXT)[-NEXT:] if len(p) > NEXT else p
        worth, now = int((p >= self._stop_below).sum()), float(best.mean())
        return Advice(worth == 0 or now < self._stop_below, worth, now)

    def look_alikes(self, row: int) -> Ints:
        """Return open rows of the same label and suggestion, the likest first, `MOST_ALIKE` at most.

        Where neighbours are known, only what is among the row's neighbours or theirs.
        """
        if self._neighbours is None:
            same = np.flatnonzero(self._open & (self._pair == self._pair[row]))
            same = same[np.argsort(np.abs(self._logits[same] - self._logits[row]), kind="stable")]
        else:
            first = self._neighbours[row]
            near = np.concatenate([first, self._neighbours[first[first >= 0]].reshape(-1)])
            near = np.array(list(dict.fromkeys(near[near >= 0].tolist())), dtype=np.int64)
            same = near[self._open[near] & (self._pair[near] == self._pair[row])]
        found: Ints = same[same != row][:MOST_ALIKE]
        return found

    def _count(self, rows: Sequence[int], wrong: Sequence[bool], sign: int) -> None:
        if not rows:
            return
        at = np.asarray(rows, dtype=np.int64)
        self._open[at] = sign < 0
        self._belief.count(self._at[at], self._p[self._judged], np.asarray(wrong, dtype=bool), sign)
        self._now = None

    def _scores(self) -> Floats:
        """Return the log odds believed now of all rows in question."""
        if self._now is None:
            self._now = self._logits[self._judged] + self._belief.offsets[self._belief.cell]
        return self._now
