"""What one case of each kind of finding is called within a sentence."""

from __future__ import annotations

from typing import Final

from core.domain.findings import FindingKind
from core.translation import mark, tr

_NAMES: Final[dict[str, str]] = {
    FindingKind.CONFLICTING_DUPLICATE: mark("conflicting duplicate"),
    FindingKind.EXACT_DUPLICATE: mark("exact duplicate"),
    FindingKind.NEAR_DUPLICATE: mark("near-duplicate"),
    FindingKind.LEAKAGE: mark("leakage"),
    FindingKind.LABEL_SUSPECT: mark("label suspect"),
    FindingKind.OUTLIER: mark("outlier"),
    FindingKind.BLURRY: mark("blurred"),
    FindingKind.DARK: mark("too dark"),
    FindingKind.BRIGHT: mark("too bright"),
    FindingKind.LOW_INFORMATION: mark("little in it"),
    FindingKind.ODD_SIZE: mark("odd size"),
    FindingKind.ODD_ASPECT: mark("odd shape"),
    FindingKind.ODD_COLOUR: mark("odd colour"),
    FindingKind.SATURATED: mark("saturated"),
    FindingKind.CUT_OFF: mark("cut off"),
    FindingKind.UNREADABLE: mark("unreadable"),
    FindingKind.IMBALANCE: mark("imbalance"),
    FindingKind.TOO_FEW: mark("too few images"),
    FindingKind.SIMILAR_LABELS: mark("similar labels"),
    FindingKind.CONFOUND: mark("confound"),
}


def case_name(kind: str) -> str:
    """Return what a case of a kind is called, in the language in use; a word that is none stays as it is."""
    return tr(_NAMES[kind]) if kind in _NAMES else kind


def stable_case_name(kind: str) -> str:
    """Return the same in English, whatever language is in use."""
    return _NAMES.get(kind, kind)
