"""What the kinds of findings are called, as headings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.domain.findings import FindingKind
from core.translation import mark, tr

KIND_NAMES: Final[Mapping[FindingKind, str]] = {
    FindingKind.CONFLICTING_DUPLICATE: mark("Conflicting duplicates"),
    FindingKind.EXACT_DUPLICATE: mark("Exact duplicates"),
    FindingKind.NEAR_DUPLICATE: mark("Near-duplicates"),
    FindingKind.LEAKAGE: mark("Leakage across splits"),
    FindingKind.LABEL_SUSPECT: mark("Label suspects"),
    FindingKind.OUTLIER: mark("Outliers"),
    FindingKind.BLURRY: mark("Blurred"),
    FindingKind.DARK: mark("Too dark"),
    FindingKind.BRIGHT: mark("Too bright"),
    FindingKind.LOW_INFORMATION: mark("Little in it"),
    FindingKind.ODD_SIZE: mark("Odd size"),
    FindingKind.ODD_ASPECT: mark("Odd shape"),
    FindingKind.ODD_COLOUR: mark("Odd colour"),
    FindingKind.SATURATED: mark("Saturated"),
    FindingKind.CUT_OFF: mark("Cut off"),
    FindingKind.UNREADABLE: mark("Unreadable"),
    FindingKind.IMBALANCE: mark("Imbalance"),
    FindingKind.TOO_FEW: mark("Too few images"),
    FindingKind.SIMILAR_LABELS: mark("Similar labels"),
    FindingKind.CONFOUND: mark("Confounds"),
}
"""Marked for translation."""
_KINDS: Final = frozenset(str(kind) for kind in FindingKind)


def kind_words(kind: object) -> str:
    """Return the name of a kind in the language in use; a word that is none stays as it is."""
    return tr(KIND_NAMES[FindingKind(str(kind))]) if str(kind) in _KINDS else str(kind)
