"""The import itself, as a job: into a new project, which gets its name when it is whole, or into an open one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.paths import user_data_dir
from core.progress import Progress
from core.store.project import Project
from core.translation import tr, tr_n

if TYPE_CHECKING:
    from core.ingest.importer import ImportReport
    from core.ingest.rules import GroupRule, LabelRule


def import_as_new(target: Path, folder: Path, labels: LabelRule, groups: GroupRule, progress: Progress) -> ImportReport:
    """Make the project `target` of a folder.

    Raises
    ------
    UserError
        As `Project.create` and `import_source`; no project was made.
    Cancelled
        No project was made.
    """
    from core.ingest.importer import import_source

    if target.exists():
        raise UserError("project_exists", path=str(target))
    if target.parent == user_data_dir():
        # Where projects are proposed to be kept: on the first day it is not there yet.
        target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        with Project.create(draft) as project:
            report = import_source(project, folder, labels=labels, groups=groups, progress=progress)
        os.replace(draft, target)
    except BaseException as error:
        shutil.rmtree(draft, ignore_errors=True)
        if isinstance(error, UserError) and error.code == "disk_full_import":
            # Nothing of a new project is kept.
            raise UserError("disk_full", path=str(target)) from error
        raise
    return report


def summarise(report: ImportReport) -> str:
    """Say what an import did: “4,886 images added, 3 known already, 2 unreadable”."""
    parts = [tr_n("{n} image added", "{n} images added", report.added)]
    if report.known:
        parts.append(tr("{n} known already", n=f"{report.known:,}"))
    if report.unreadable:
        parts.append(tr("{n} unreadable", n=f"{len(report.unreadable):,}"))
    if report.skipped:
        parts.append(tr("{n} left out", n=f"{len(report.skipped):,}"))
    return ", ".join(parts)
