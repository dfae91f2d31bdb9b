"""The image problems of a data set as cases, each with what was measured and what is usual there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.facts.image_facts import ImageFacts
from core.quality.image_quality import measures
from core.quality.image_quality.blur import measure_blur
from core.quality.image_quality.usual import ODD, Values, odd_beyond_tail, odd_from, shifts, usual_range
from core.quality.spec import Case, Found
from core.translation import mark, tr

LEAST_IMAGES: Final = 10
"""Of fewer images nothing is usual."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A measure as it is shown, and as it is judged: on another scale that rises with it, and label by label.

    Attributes
    ----------
    value
        Facts in, (N,) numbers out, as they are shown.
    judged
        The same on the scale on which they are compared.
    """

    value: Callable[[ImageFacts], Values]
    judged: Callable[[ImageFacts], Values]


@dataclass(frozen=True, slots=True)
class ImageProblem:
    """A kind of image problem.

    Attributes
    ----------
    deviations
        Facts and labels (N,) in, deviations (N,) out.
    measured
        The name of the number that is shown in the evidence.
    shown
        That number; None: what is left of 1 as the deviation grows.
    odd
        From which deviation on an image is odd.
    clear
        From which on one is so whatever the others are; short of it, it has to stand apart from the set's own tail.
    """

    kind: FindingKind
    deviations: Callable[[ImageFacts, NDArray[np.int64]], Values]
    measured: str
    shown: Shown | None = None
    odd: float = ODD
    clear: float = 0.0


def _column(name: str) -> Callable[[ImageFacts], Values]:
    return lambda facts: facts.column(name).astype(np.float64)


def _log(value: Callable[[ImageFacts], Values]) -> Shown:
    return Shown(value, lambda facts: np.log(value(facts)))


_BOTH: Final = 2.8
"""Where two measures must be odd together, which is rarer than either alone."""
_LEVEL: Final = Shown(_column("mean"), measures.level_of)
_ENTROPY: Final = Shown(_column("entropy"), _column("entropy"))
_SATURATED: Final = Shown(measures.saturated_share, lambda facts: np.sqrt(measures.saturated_share(facts)))
_TOUCHED: Final = Shown(measures.touched, measures.touched)

PROBLEMS: Final[tuple[ImageProblem, ...]] = (
    ImageProblem(FindingKind.BLURRY, measure_blur, "sharpness", odd=3.7, clear=5.5),
    ImageProblem(FindingKind.DARK, measures.measure_dark, "mean_level", _LEVEL, _BOTH),
    ImageProblem(FindingKind.BRIGHT, measures.measure_bright, "mean_level", _LEVEL, _BOTH),
    ImageProblem(FindingKind.LOW_INFORMATION, measures.measure_low_information, "entropy", _ENTROPY, _BOTH),
    ImageProblem(FindingKind.ODD_SIZE, measures.measure_odd_size, "pixels", _log(measures.pixels_of)),
    ImageProblem(FindingKind.ODD_ASPECT, measures.measure_odd_aspect, "aspect", _log(measures.aspect_of)),
    ImageProblem(FindingKind.ODD_COLOUR, measures.measure_odd_colour, "colour_likeness", odd=4.0),
    ImageProblem(FindingKind.SATURATED, measures.measure_saturated, "saturated_share", _SATURATED),
    ImageProblem(FindingKind.CUT_OFF, measures.measure_cut_off, "edge_share", _TOUCHED),
)


def find_image_quality(data: QualityData, progress: Progress) -> Found:
    """Look for images that are blurry, dark, bright, empty, of odd size, shape or colours, saturated or cut off.

    Needs the facts. `Found.arrays` holds each image's score by kind, 0 to 1: from 0.5 on it is odd.
    """
    facts = data.facts
    if facts is None or int(facts.readable.sum()) < LEAST_IMAGES:
        return Found(note=tr(_TOO_FEW_IMAGES, count=LEAST_IMAGES))
    progress.begin(mark("Looking for poor images"), len(PROBLEMS))
    cases: list[Case] = []
    arrays: dict[str, NDArray[np.generic]] = {}
    for problem in PROBLEMS:
        scores, odd = scores_of(problem, facts, data.given)
        arrays[str(problem.kind)] = scores.astype(np.float32)
        cases += _cases(problem, facts, data.given, scores, odd)
        progress.advance()
    return Found(cases, summary=_counts(cases), arrays=arrays)


_TOO_FEW_IMAGES: Final = mark("Fewer than {count} images can be read: what is usual cannot be told.")


def scores_of(problem: ImageProblem, facts: ImageFacts, labels: NDArray[np.int64]) -> tuple[Values, float]:
    """Return (N,) scores, 0 to 1, where 0.5 is the limit, and the deviation that it stands for."""
    deviations = np.maximum(problem.deviations(facts, labels), 0)
    deviations[~facts.readable] = 0
    odd = odd_beyond_tail(deviations, odd_from(deviations, problem.odd), problem.clear)
    if problem.shown is not None:
        # One of two measures of a kind is shown: what is usual in that is told apart by nobody.
        placed, _ = _placed(problem.shown, facts, labels)
        low, _, high = usual_range(placed[deviations < odd])
        deviations[(low <= placed) & (placed <= high) & (deviations >= odd)] = 0
    squares = np.square(deviations / odd)
    return squares / (1 + squares), odd


def _cases(
    problem: ImageProblem, facts: ImageFacts, labels: NDArray[np.int64], scores: Values, odd: float
) -> list[Case]:
    rows = np.flatnonzero(scores >= 0.5)
    if not len(rows):
        return []
    told = _told(problem.shown, facts, labels, rows) if problem.shown is not None else _told_by_score(1 - scores, rows)
    order = np.argsort(-scores[rows], kind="stable").tolist()
    cases = []
    for row, evidence in ((int(rows[at]), told[at]) for at in order):
        deviation = odd * float(np.sqrt(scores[row] / max(1e-9, 1 - scores[row])))
        measured: dict[str, Json] = {"measured": problem.measured, **evidence}
        measured |= {"deviation": round(deviation, 2), "limit": round(odd, 2)}
        cases.append(Case(problem.kind, (row,), float(scores[row]), measured))
    return cases


def _told_by_score(values: Values, rows: NDArray[np.int64]) -> list[dict[str, Json]]:
    usual = usual_range(values)
    return [_numbers(values[row], usual, 0.5) for row in rows.tolist()]


def _told(shown: Shown, facts: ImageFacts, labels: NDArray[np.int64], rows: NDArray[np.int64]) -> list[dict[str, Json]]:
    """Return for each row its value and what is usual and odd among its like: where labels differ, in its label.

    Both are told where they were judged, and brought back to the scale that is shown: what was found odd lies outside.
    """
    values = shown.value(facts)
    placed, moved = _placed(shown, facts, labels)
    judged = placed - moved
    odd = np.zeros(len(placed), dtype=np.bool_)
    odd[rows] = True
    # Odd images have no say in what is usual, however many they are.
    usual = usual_range(placed[~odd])
    lower, upper = _thresholds(placed[rows], usual[1])
    known = np.flatnonzero(np.isfinite(judged) & np.isfinite(values))
    known = known[np.argsort(judged[known], kind="stable")]

    def back(at: float, row: int) -> float:
        return float(np.interp(at - moved[row], judged[known], values[known]))

    found = []
    for row in rows.tolist():
        low, middle, high = (back(at, row) for at in usual)
        numbers = _numbers(values[row], (low, middle, high), back(lower if placed[row] <= usual[1] else upper, row))
        found.append(numbers | ({"usual_of": "label"} if moved[row] else {}))
    return found


def _placed(shown: Shown, facts: ImageFacts, labels: NDArray[np.int64]) -> tuple[Values, Values]:
    """Return where each image is judged, and by how much its label moved it there."""
    judged = shown.judged(facts)
    moved = shifts(judged, labels)
    return judged + moved, moved


def _numbers(value: float, usual: tuple[float, float, float], threshold: float) -> dict[str, Json]:
    names = ("value", "usual_low", "usual_middle", "usual_high", "threshold")
    return {name: round(float(number), 6) for name, number in zip(names, (value, *usual, threshold), strict=True)}


def _thresholds(odd: Values, middle: float) -> tuple[float, float]:
    """Return, of odd values, those nearest to the middle from below and from above; infinite where there is none."""
    return float(odd.max(where=odd <= middle, initial=-np.inf)), float(odd.min(where=odd > middle, initial=np.inf))


def _counts(cases: list[Case]) -> dict[str, Json]:
    return {str(problem.kind): sum(case.kind == problem.kind for case in cases) for problem in PROBLEMS}
