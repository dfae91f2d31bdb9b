"""The session over answers where several labels may hold at once: one row for each that may become part of a case.

A million images of twenty labels have twenty million answers, next to all of which nobody doubts: these are counted
together, by label and by how little they are doubted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.suspects.anchors import Floats, Ints
from core.quality.suspects.multilabel import Answers
from core.quality.suspects.session import CleaningSession

_ROW_FROM: Final = 0.05
"""P(wrong) from which an answer has a row of its own: less than any answer of a case has."""
_BINS_OF_A_LOGIT: Final = 4
_LEAST_LOGIT: Final = -12.0


@dataclass(frozen=True, slots=True)
class AnswerRows:
    """A session over answers.

    Attributes
    ----------
    image, label
        (R,) of each row that is an answer of its own: which image, and which label; further rows of the session are
        many answers each.
    total
        How many answers are in question.
    """

    session: CleaningSession
    image: Ints
    label: Ints
    total: int

    def row(self, image: int, label: int) -> int | None:
        """Return the row of an answer; None where it has none of its own."""
        first, last = np.searchsorted(self.image, [image, image + 1])
        found = np.flatnonzero(self.label[first:last] == label)
        return int(first + found[0]) if len(found) else None


def answer_session(
    each: Answers,
    held: NDArray[np.bool_],
    unsure: float,
    neighbours: NDArray[np.integer] | None = None,
) -> AnswerRows:
    """Return the session over answers.

    Parameters
    ----------
    each
        (N, K) P(wrong), NaN for what is not in question.
    held
        (N, K) what was said.
    unsure
        As `Suspects` has it.
    neighbours
        (N, k) rows of the nearest images, -1 where there is none.
    """
    own = each >= _ROW_FROM
    image, label = (found.astype(np.int64) for found in np.nonzero(own))
    rest_p, rest_code, rest_n = _together(np.where(own, np.float32(np.nan), each), held)
    given = np.concatenate([2 * label + held[image, label], rest_code])
    session = CleaningSession(
        np.concatenate([each[image, label].astype(np.float64), rest_p]),
        given ^ 1,
        given,
        neighbours=None if neighbours is None else _of_answers(image, label, len(rest_p), neighbours, each.shape[1]),
        unsure=unsure,
        weights=np.concatenate([np.ones(len(image)), rest_n]),
    )
    return AnswerRows(session, image, label, len(image) + int(rest_n.sum()))


def _together(each: Answers, held: NDArray[np.bool_]) -> tuple[Floats, Ints, Floats]:
    """Return what answers have in common: P(wrong), the answer's code, and how many they are."""
    p_of: list[Floats] = []
    code_of: list[Ints] = []
    n_of: list[Floats] = []
    lowest = 1 / (1 + np.exp(-_LEAST_LOGIT))
    for label in range(each.shape[1]):
        known = ~np.isnan(each[:, label])
        p = each[known, label].astype(np.float64)
        inner = np.maximum(p, lowest)
        place = ((np.log(inner / (1 - inner)) - _LEAST_LOGIT) * _BINS_OF_A_LOGIT).astype(np.int64)
        place = 2 * place + held[known, label]
        numbers = np.bincount(place)
        sums, some = np.bincount(place, p), np.flatnonzero(numbers)
        p_of.append(sums[some] / numbers[some])
        code_of.append(2 * label + some % 2)
        n_of.append(numbers[some].astype(np.float64))
    if not p_of:
        return np.empty(0), np.empty(0, dtype=np.int64), np.empty(0)
    return np.concatenate(p_of), np.concatenate(code_of), np.concatenate(n_of)


def _of_answers(image: Ints, label: Ints, others: int, neighbours: NDArray[np.integer], n_labels: int) -> Ints:
    """Return (R, k) rows of the answers about the same label of the nearest images; -1 where there is none."""
    code = image * n_labels + label
    near = neighbours[image].astype(np.int64)
    wanted = near * n_labels + label[:, None]
    at = np.minimum(np.searchsorted(code, wanted), max(0, len(code) - 1))
    found = np.where((near >= 0) & (code[at] == wanted), at, -1) if len(code) else near
    return np.concatenate([found, np.full((others, found.shape[1]), -1, dtype=np.int64)])
