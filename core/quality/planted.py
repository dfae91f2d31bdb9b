"""How much of what was planted in the sample set the checks find, and how early in their queues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from core.domain.findings import Finding, FindingKind
from core.store.findings import findings
from core.store.project import Project
from core.store.samples import samples_by_id

QUEUES: Final[Mapping[str, tuple[FindingKind, ...]]] = {
    "wrong_label": (FindingKind.LABEL_SUSPECT, FindingKind.CONFLICTING_DUPLICATE),
    "exact_duplicate": (FindingKind.CONFLICTING_DUPLICATE, FindingKind.EXACT_DUPLICATE),
    "near_duplicate": (FindingKind.NEAR_DUPLICATE,),
    "blurred": (FindingKind.BLURRY,),
    "foreign": (FindingKind.OUTLIER,),
}
"""In whose cases a planted fault should come; of duplicates with conflicting labels, in the queue that comes first."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """How many faults of a kind were planted, how many cases its queues hold, and which faults they find.

    `early` is how many of them come within as many cases as there are faults: all of them, at best.
    """

    fault: str
    planted: int
    cases: int
    found: int
    early: int

    def to_json(self) -> dict[str, object]:
        """Return it with its own names."""
        return asdict(self)


def recovered(project: Project, truth: Path) -> list[Recovery]:
    """Compare a project's open findings with the truth about the images they were made from.

    Parameters
    ----------
    truth
        ``truth.json`` of the sample set.
    """
    files = json.loads(truth.read_text(encoding="utf-8"))["files"]
    found = {kind: findings(project, [kind]) for kinds in QUEUES.values() for kind in kinds}
    members = sorted({member for cases in found.values() for case in cases for member in case.members})
    paths = {sample.id: sample.path for sample in samples_by_id(project, members)}
    return [_recovery(fault, files, [found[kind] for kind in kinds], paths) for fault, kinds in QUEUES.items()]


def _recovery(
    fault: str, files: Mapping[str, Mapping[str, object]], queues: Sequence[Sequence[Finding]], paths: Mapping[int, str]
) -> Recovery:
    planted = {path: said["partner"] for path, said in files.items() if fault in _faults(said)}
    cases = [case for queue in queues for case in queue]
    place: dict[str, int] = {}
    for position, case in enumerate(cases):
        for path in _shown(fault, case, paths, planted):
            place.setdefault(path, position)
    early = sum(position < len(planted) for position in place.values())
    return Recovery(fault, len(planted), len(cases), len(place), early)


def _shown(fault: str, case: Finding, paths: Mapping[int, str], planted: Mapping[str, object]) -> list[str]:
    """Return the planted files that a case shows: a copy only together with what it is a copy of."""
    held = {paths[member] for member in case.members}
    if fault.endswith("duplicate"):
        return [path for path in held if path in planted and planted[path] in held]
    if case.kind is FindingKind.CONFLICTING_DUPLICATE:
        return [path for path in held if path in planted]
    return [path for path in (paths[case.sample_id],) if path in planted]


def _faults(said: Mapping[str, object]) -> Sequence[object]:
    faults = said["faults"]
    return faults if isinstance(faults, list) else []
