"""What the report of a check says: plain values, gathered from the project or made up by a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.domain.edits import Edit
from core.domain.findings import CheckRecord, Finding, FindingCounts, FindingKind
from core.domain.metrics import Metric


@dataclass(frozen=True, slots=True)
class WorstCase:
    """An open finding worth showing: the path of its principal, and a JPEG of it, empty where it cannot be read."""

    finding: Finding
    path: str
    given: str = ""
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class ReportContents:
    """All that a report says.

    Attributes
    ----------
    record
        The last check; None where there was none.
    samples, excluded
        How many images take part, and how many were taken out.
    counts
        How many findings there are, by kind.
    found
        How many the check found, by kind: also those of which nothing is left.
    whole
        Open findings about the data set as a whole, and leaks: each is told in a sentence.
    worst
        The worst of the others.
    decisions
        Edits made while cleaning that hold, the latest first.
    expected_left
        How many labels are expected to be wrong still; None where nobody looked.
    judged
        Among how many labels: those that could be judged.
    expected_is_of_check
        Whether that was at the time of the check, before what was decided since.
    unseen
        How many images came in, or got a label, since they were last looked for anything.
    missing
        How many images are gone.
    written_by, written_at
        Who wrote the report and when (UTC, ISO 8601).
    entries, seal
        How many entries the ledger has, and the hash of the last.
    """

    project: str
    samples: int
    labels: Mapping[str, int]
    record: CheckRecord | None
    counts: Mapping[FindingKind, FindingCounts]
    found: Mapping[FindingKind, int] = field(default_factory=dict)
    excluded: int = 0
    whole: tuple[Finding, ...] = ()
    worst: tuple[WorstCase, ...] = ()
    decisions: tuple[Edit, ...] = ()
    expected_left: Metric | None = None
    judged: int = 0
    expected_is_of_check: bool = True
    unseen: int = 0
    missing: int = 0
    written_by: str = ""
    written_at: str = ""
    entries: int = 0
    seal: str = ""
    version: str = ""
