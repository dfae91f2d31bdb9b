"""What each kind of image problem means, in a sentence."""

from __future__ import annotations

from typing import Final

from core.domain.findings import FindingKind
from core.quality.words import explain
from core.translation import mark, tr
from desktop_app.pages.clean.case import CaseFacts, real

_MORE: Final = {
    FindingKind.BLURRY: mark("Less sharp than images like it in this data set."),
    FindingKind.DARK: mark("Darker than usual in this data set, also where it is brightest."),
    FindingKind.BRIGHT: mark("Brighter than usual in this data set."),
    FindingKind.LOW_INFORMATION: mark("Fewer levels and less contrast than usual in this data set."),
    FindingKind.ODD_SIZE: mark("Larger than usual in this data set."),
    FindingKind.ODD_ASPECT: mark("Wider than usual in this data set."),
    FindingKind.ODD_COLOUR: mark("Its colours are unlike those of this data set."),
    FindingKind.SATURATED: mark("More of it than usual is at the end of the scale, where differences are lost."),
    FindingKind.CUT_OFF: mark("What it shows lies against an edge, more than usual: it is probably cut off."),
}
_LESS: Final = {
    FindingKind.ODD_SIZE: mark("Smaller than usual in this data set."),
    FindingKind.ODD_ASPECT: mark("Taller than usual in this data set."),
}


def quality_words(case: CaseFacts) -> str:
    """Say what is odd about an image."""
    kind, evidence = case.finding.kind, case.finding.evidence
    value, middle = real(evidence.get("value")), real(evidence.get("usual_middle"))
    less = value is not None and middle is not None and value < middle
    plain = _LESS.get(kind, _MORE.get(kind, "")) if less else _MORE.get(kind, "")
    if case.finding.evidence.get("usual_of") == "label" and plain:
        return explain(case.finding) or f"{tr(plain)} {tr('Usual here is what images of its label have.')}"
    return explain(case.finding) or (tr(plain) if plain else "")
