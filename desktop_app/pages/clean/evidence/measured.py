"""What the evidence of a case says: in a sentence, and as a measured value against the usual range of the data set."""

from __future__ import annotations

from core.translation import mark, tr
from desktop_app.pages.clean.case import CaseFacts, real, reals
from desktop_app.pages.clean.range_bar import Measure

_MEASURED = {
    "sharpness": mark("Sharpness against its like"),
    "mean_level": mark("Mean level"),
    "entropy": mark("Entropy"),
    "pixels": mark("Pixels"),
    "aspect": mark("Width by height"),
    "colour_likeness": mark("Likeness of its colours"),
    "saturated_share": mark("Saturated share"),
    "edge_share": mark("Share of an edge covered beyond the opposite one"),
}


def measured(case: CaseFacts) -> Measure | None:
    """Return what was measured of the principal; None where the evidence has no such number."""
    evidence = case.finding.evidence
    value, low, high = (real(evidence.get(name)) for name in ("value", "usual_low", "usual_high"))
    if value is not None and low is not None and high is not None:
        name = str(evidence.get("measured", ""))
        return Measure(tr(_MEASURED[name]) if name in _MEASURED else name, value, low, high)
    own = evidence.get("unlike") == "label"
    value = real(evidence.get("own_distance" if own else "distance"))
    usual = reals(evidence.get("usual_own" if own else "usual"))
    if value is None or len(usual) != 2:
        return None
    if own:
        return Measure(tr("Distance to the nearest images of its label"), value, usual[0], usual[1])
    return Measure(tr("Distance to its nearest images"), value, usual[0], usual[1])
