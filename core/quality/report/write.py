"""Gathering what a report says from the project, and writing it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.edits import Edit, EditState
from core.domain.findings import WHOLE_DATA_SET, CheckRecord, Finding, FindingKind
from core.domain.metrics import Metric
from core.domain.query import SampleQuery
from core.errors import UnreadableImage
from core.images.reader import ImageReader
from core.images.thumbnails import thumbnail
from core.paths import atomic_write
from core.progress import Progress
from core.quality.report.contents import ReportContents, WorstCase
from core.quality.report.page import PICTURE_PX, report_page
from core.store.chain import system_user
from core.store.display import display
from core.store.findings import finding_counts, findings, found_counts, last_check
from core.store.history import HistoryFilter, count_entries, entries
from core.store.labels import labels
from core.store.project import Project
from core.store.samples import counts, sample_ids, samples_by_id
from core.store.seen import unseen
from core.store.sources import sources
from core.translation import mark
from core.version import VERSION

MOST_PICTURES: Final = 12
TOOL: Final = "clean"
_MOST_DECISIONS: Final = 100_000
_SHARP: Final = 2
"""Pictures have more pixels than they are shown with: a page is printed finer than a screen."""
_JPEG_QUALITY: Final = 85


def write_report(
    project: Project, path: Path, progress: Progress | None = None, *, expected_left: Metric | None = None
) -> None:
    """Write the report of the project's last check as one self-contained HTML file.

    Parameters
    ----------
    expected_left
        How many labels are expected to be wrong after what was decided; None takes what the check said.

    Raises
    ------
    UserError
        ``disk_full``, ``project_read_only`` (the folder of `path`); what was there stays.
    """
    page = report_page(gather_report(project, progress, expected_left=expected_left))
    with atomic_write(path) as part:
        part.write_text(page, encoding="utf-8")


def gather_report(
    project: Project, progress: Progress | None = None, *, expected_left: Metric | None = None
) -> ReportContents:
    """Return what the report of the project's last check says. Arguments as for `write_report`.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    progress = progress or Progress()
    record = last_check(project)
    now = counts(project)
    told = (*sorted(WHOLE_DATA_SET), FindingKind.LEAKAGE)
    [*last] = entries(project, limit=1)
    return ReportContents(
        project=project.name,
        samples=now.samples - now.excluded,
        excluded=now.excluded,
        labels={name: count for name, count in now.labels_shown.items() if count},
        record=record,
        counts=finding_counts(project),
        found=found_counts(project),
        whole=tuple(findings(project, told, limit=20)),
        worst=tuple(_worst(project, progress)),
        decisions=_decisions(project),
        expected_left=expected_left if expected_left is not None else expected_of(record),
        judged=_judged(project, record, of_check=expected_left is None),
        expected_is_of_check=expected_left is None,
        unseen=unseen(project).images,
        missing=len(sample_ids(project, SampleQuery(missing=True))),
        written_by=system_user(),
        written_at=datetime.now(UTC).isoformat(timespec="seconds"),
        entries=count_entries(project),
        seal=last[0].hash if last else "",
        version=VERSION,
    )


def expected_of(record: CheckRecord | None) -> Metric | None:
    """Return how many labels a check expects to be wrong; None where it did not look."""
    said = record.summaries.get("label_suspects", {}).get("expected_errors") if record is not None else None
    if not isinstance(said, dict):
        return None
    numbers = [said.get(name) for name in ("value", "low", "high")]
    value, low, high = (float(number) if isinstance(number, int | float) else np.nan for number in numbers)
    return Metric(value, low, high)


def _judged(project: Project, record: CheckRecord | None, *, of_check: bool) -> int:
    """Return how many labels the numbers of expected errors are about, at the time of the check or as of now."""
    from core.quality.suspects.standing import read_standing

    summary = record.summaries.get("label_suspects", {}) if record is not None else {}
    said = summary.get("answers", summary.get("looked_at"))
    at_check = said if isinstance(said, int) else 0
    standing = None if of_check else read_standing(project)
    return at_check if standing is None else standing.total


def _decisions(project: Project) -> tuple[Edit, ...]:
    """Return the edits made while cleaning that hold, the latest first."""
    found = {
        entry.edit.id: entry.edit
        for entry in entries(project, HistoryFilter(tools=(TOOL,)), limit=_MOST_DECISIONS)
        if entry.edit.state is EditState.DONE
    }
    return tuple(found.values())


def _worst(project: Project, progress: Progress) -> list[WorstCase]:
    """Return the worst open cases with their pictures: in turn the next of each kind, so that no kind hides others."""
    shown = [kind for kind in FindingKind if kind not in WHOLE_DATA_SET]
    queues: dict[FindingKind, list[Finding]] = {}
    for one in findings(project, shown, limit=MOST_PICTURES):
        queues.setdefault(one.kind, []).append(one)
    turns = [
        (place, list(queues).index(kind), one) for kind, found in queues.items() for place, one in enumerate(found)
    ]
    chosen = [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])][:MOST_PICTURES]
    reader, look = ImageReader(sources(project)), display(project)
    names = {label.id: label.name for label in labels(project)}
    cases: list[WorstCase] = []
    for one in progress.track(chosen, mark("Drawing the worst cases")):
        [sample] = samples_by_id(project, [one.sample_id])
        given = ", ".join(names[label] for label in sample.label_ids if label in names)
        try:
            pixels = thumbnail(reader, sample.source_id, sample.path, _SHARP * PICTURE_PX, display=look)
            cases.append(WorstCase(one, sample.path, given, _as_jpeg(pixels)))
        except UnreadableImage:
            cases.append(WorstCase(one, sample.path, given))
    return cases


def _as_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    import simplejpeg

    encoded: bytes = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=_JPEG_QUALITY)
    return encoded
