"""What a coefficient of agreement means, in words (the bands of Landis and Koch 1977)."""

from __future__ import annotations

from math import isnan
from typing import Final

from core.evaluation.agreement import Coefficient
from core.translation import mark, tr

_BANDS: Final = (
    (0.8, mark("Almost perfect agreement.")),
    (0.6, mark("Substantial agreement: good enough for most purposes.")),
    (0.4, mark("Moderate agreement: let more than one reader decide.")),
    (0.2, mark("Fair agreement: better than chance, but too weak to rely on one reader.")),
    (0.0, mark("Slight agreement: hardly better than chance.")),
    (float("-inf"), mark("No agreement beyond chance.")),
)
_AT_WORST: Final = (
    (0.6, mark("It may be no more than substantial (95 % interval).")),
    (0.4, mark("It may be no more than moderate (95 % interval).")),
    (0.2, mark("It may be no more than fair (95 % interval).")),
    (0.0, mark("It may be hardly better than chance (95 % interval).")),
    (float("-inf"), mark("It may be no better than chance (95 % interval).")),
)
_WHY: Final = {
    "no_overlap": mark("No image has been read twice yet."),
    "one_label": mark("Only one label was ever given, so agreement beyond chance cannot be measured."),
}


def kappa_words(found: Coefficient) -> str:
    """Say in a sentence or two what a κ or α means, and how sure that is."""
    if found.why:
        return tr(_WHY[found.why])
    metric = found.metric
    sentence = tr(_band(_BANDS, metric.value))
    if isnan(metric.low):
        return f"{sentence} {tr('One group of images is too few for an interval.')}"
    if _band(_BANDS, metric.low) == _band(_BANDS, metric.value):
        return f"{sentence} {tr('The whole 95 % interval says so, or better.')}"
    return f"{sentence} {tr(_band(_AT_WORST, metric.low))}"


def _band(bands: tuple[tuple[float, str], ...], value: float) -> str:
    return next(text for floor, text in bands if value > floor or floor == float("-inf"))
