"""Findings about how many images labels have: stale once the numbers they tell are others.

They are about no image in particular, so that how their samples were says nothing. A decision about them holds all the
same: whoever knows that a label is rare need not say it again after every image.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from core.domain.findings import FindingKind, Json
from core.store.project import Project
from core.store.samples import counts

OF_AMOUNTS: Final = frozenset({FindingKind.IMBALANCE, FindingKind.TOO_FEW})


def amounts_now(project: Project, kinds: Collection[str]) -> Mapping[str, int] | None:
    """Return how many images each label has, by name; None where no finding of these kinds tells it."""
    return counts(project).labels if OF_AMOUNTS.intersection(kinds) else None


def amounts_changed(kind: str, evidence: Mapping[str, Json], now: Mapping[str, int] | None) -> bool:
    """Return whether a finding tells other numbers than there are now; a label of another name is another label."""
    if now is None or kind not in OF_AMOUNTS:
        return False
    if kind == FindingKind.TOO_FEW:
        label = evidence.get("label")
        return label is not None and now.get(str(label)) != evidence.get("images")
    told = evidence.get("counts")
    return isinstance(told, dict) and told != {name: count for name, count in now.items() if count}
