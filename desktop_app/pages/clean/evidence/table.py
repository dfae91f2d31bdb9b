"""Which view shows which kind of case."""

from __future__ import annotations

from typing import Final

from core.domain.findings import WHOLE_DATA_SET, FindingKind
from desktop_app.pages.clean.evidence.data_set_view import DataSetView
from desktop_app.pages.clean.evidence.duplicate_view import DuplicateView
from desktop_app.pages.clean.evidence.leakage_view import LeakageView
from desktop_app.pages.clean.evidence.outlier_view import OutlierView
from desktop_app.pages.clean.evidence.quality_view import QualityView
from desktop_app.pages.clean.evidence.suspect_view import SuspectView
from desktop_app.pages.clean.evidence.unreadable_view import UnreadableView
from desktop_app.pages.clean.evidence.view import EvidenceView

_VIEWS: Final[dict[FindingKind, type[EvidenceView]]] = {
    FindingKind.LABEL_SUSPECT: SuspectView,
    FindingKind.OUTLIER: OutlierView,
    FindingKind.CONFLICTING_DUPLICATE: DuplicateView,
    FindingKind.EXACT_DUPLICATE: DuplicateView,
    FindingKind.NEAR_DUPLICATE: DuplicateView,
    FindingKind.LEAKAGE: LeakageView,
    FindingKind.UNREADABLE: UnreadableView,
    **dict.fromkeys(WHOLE_DATA_SET, DataSetView),
}


def view_for(kind: FindingKind) -> type[EvidenceView]:
    """Return the class of the view that shows cases of a kind."""
    return _VIEWS.get(kind, QualityView)
