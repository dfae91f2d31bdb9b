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
from core.quality.image_quality.usual import ODD, Values, odd_from
from core.quality.spec import Case, Found
from core.translation import mark, tr

LEAST_IMAGES: Final = 10
"""Of fewer images nothing is usual."""


@dataclass(frozen=True, slots=True)
class ImageProblem:
    """A kind of image problem.

    Attributes
    ----------
    deviations
        Facts and labels (N,) in, deviations (N,) out.
    value
        The number that is shown; None: what is left of 1 as the deviation grows.
    measured
        The name of that number in the evidence.
    odd
        From which deviation on an image is odd.
    """

    kind: FindingKind
    deviations: Callable[[ImageFacts, NDArray[np.int64]], Values]
    value: Callable[[ImageFacts], Values] | None
    measured: str
    odd: float = ODD


def _column(name: str) -> Callable[[ImageFacts], Values]:
    return lambda facts: facts.column(name).astype(np.float64)


_BOTH: Final = 2.8
"""Where two measures must be odd together, which is rarer than either alone."""

PROBLEMS: Final[tuple[ImageProblem, ...]] = (
    ImageProblem(FindingKind.BLURRY, measure_blur, None, "sharpness", odd=3.7),
    ImageProblem(FindingKind.DARK, measures.measure_dark, _column("mean"), "mean_level", odd=_BOTH),
    ImageProblem(FindingKind.BRIGHT, measures.measure_bright, _column("mean"), "mean_level", odd=_BOTH),
    ImageProblem(
        FindingKind.LOW_INFORMATION, measures.measure_low_information, _column("entropy"), "entropy", odd=_BOTH
    ),
    ImageProblem(FindingKind.ODD_SIZE, measures.measure_odd_size, measures.pixels_of, "pixels"),
    ImageProblem(FindingKind.ODD_ASPECT, measures.measure_odd_aspect, measures.aspect_of, "aspect"),
    ImageProblem(FindingKind.ODD_COLOUR, measures.measure_odd_colour, None, "colour_likeness", odd=4.0),
    ImageProblem(FindingKind.SATURATED, measures.measure_saturated, measures.saturated_share, "saturated_share"),
    ImageProblem(FindingKind.CUT_OFF, measures.measure_cut_off, measures.touched, "edge_share"),
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
        cases += _cases(problem, facts, scores, odd)
        progress.advance()
    return Found(cases, summary=_counts(cases), arrays=arrays)


_TOO_FEW_IMAGES: Final = mark("Fewer than {count} images can be read: what is usual cannot be told.")


def scores_of(problem: ImageProblem, facts: ImageFacts, labels: NDArray[np.int64]) -> tuple[Values, float]:
    """Return (N,) scores, 0 to 1, where 0.5 is the limit, and the deviation that it stands for."""
    deviations = np.maximum(problem.deviations(facts, labels), 0)
    deviations[~facts.readable] = 0
    odd = odd_from(deviations, problem.odd)
    squares = np.square(deviations / odd)
    return squares / (1 + squares), odd


def _cases(problem: ImageProblem, facts: ImageFacts, scores: Values, odd: float) -> list[Case]:
    rows = np.flatnonzero(scores >= 0.5)
    if not len(rows):
        return []
    values = problem.value(facts) if problem.value is not None else 1 - scores
    usual = np.quantile(values[np.isfinite(values)], (0.05, 0.5, 0.95))
    lower, upper = (0.5, 0.5) if problem.value is None else _thresholds(values[rows], float(usual[1]))
    order = rows[np.argsort(-scores[rows], kind="stable")]
    cases = []
    for row in order.tolist():
        evidence: dict[str, Json] = {
            "measured": problem.measured,
            "value": round(float(values[row]), 6),
            "usual_low": round(float(usual[0]), 6),
            "usual_middle": round(float(usual[1]), 6),
            "usual_high": round(float(usual[2]), 6),
            "threshold": round(lower if values[row] <= usual[1] else upper, 6),
            "deviation": round(odd * float(np.sqrt(scores[row] / max(1e-9, 1 - scores[row]))), 2),
            "limit": round(odd, 2),
        }
        cases.append(Case(problem.kind, (row,), float(scores[row]), evidence))
    return cases


def _thresholds(odd: Values, middle: float) -> tuple[float, float]:
    """Return, of odd values, those nearest to the middle from below and from above; infinite where there is none."""
    return float(odd.max(where=odd <= middle, initial=-np.inf)), float(odd.min(where=odd > middle, initial=np.inf))


def _counts(cases: list[Case]) -> dict[str, Json]:
    return {str(problem.kind): sum(case.kind == problem.kind for case in cases) for problem in PROBLEMS}
