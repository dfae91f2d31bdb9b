"""The import itself, as a job: into a new project, which gets its name when it is whole, or into an open one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.paths import user_data_dir
from core.progress import Progress
from core.store.new_project import new_project
from core.store.project import Project
from core.translation import mark, tr, tr_n

if TYPE_CHECKING:
    from core.ingest.formats.spec import ImportOptions
    from core.ingest.importer import ImportReport
    from core.ingest.rules import GroupRule, LabelRule


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, and how: the arguments of `import_source`."""

    root: Path | str
    labels: LabelRule
    groups: GroupRule
    format: str
    options: ImportOptions


def import_into(project: Project, order: Order, progress: Progress) -> ImportReport:
    """Add what was ordered to a project; as `import_source`."""
    from core.ingest.importer import import_source

    return import_source(
        project,
        order.root,
        labels=order.labels,
        groups=order.groups,
        format=order.format,
        options=order.options,
        progress=progress,
    )


def import_as_new(target: Path, order: Order, progress: Progress) -> ImportReport:
    """Make the project `target` of what was ordered.

    Raises
    ------
    UserError
        As `Project.create` and `import_source`; no project was made.
    Cancelled
        No project was made.
    """
    if target.exists():
        raise UserError("project_exists", path=str(target))
    if target.parent == user_data_dir():
        # Where projects are proposed to be kept: on the first day it is not there yet.
        target.parent.mkdir(parents=True, exist_ok=True)
    with new_project(target, progress) as project:
        return import_into(project, order, progress)


def summarise(report: ImportReport) -> str:
    """Say what an import did: “4,886 images added, 3 known already, 2 unreadable”."""
    parts = [tr_n("{n} image added", "{n} images added", report.added)]
    for count, words in (
        (report.known, mark("{n} known already")),
        (report.copies, mark("{n} copies of images from elsewhere")),
        (report.changed, mark("{n} changed on disk")),
        (report.labelled, mark("{n} known ones labelled")),
        (report.grouped, mark("{n} known ones grouped")),
        (len(report.unreadable), mark("{n} unreadable")),
        (len(report.skipped), mark("{n} left out")),
    ):
        if count:
            parts.append(tr(words, n=f"{count:,}"))
    if report.relocated:
        parts.append(tr("found again, formerly in {place}", place=report.relocated))
    return ", ".join(parts)
