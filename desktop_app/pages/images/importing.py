"""Importing a folder into the open project as a job, telling at the end what came in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from core.domain.changes import Changes
from core.progress import Progress, ProgressReport
from core.translation import tr, tr_n

if TYPE_CHECKING:
    from core.ingest.importer import ImportReport
    from desktop_app.context import AppContext
    from desktop_app.widgets.import_panel import ImportChoice
    from desktop_app.workers.task_runner import Job

_SHOW_EVERY_S: Final = 1.5


def start_import(context: AppContext, choice: ImportChoice, *, arrived: Callable[[], object]) -> Job | None:
    """Import in the background; `arrived` is called every now and then while images come in.

    It runs beside the writer, not on it, so that labels can be given while a long import goes on.
    """
    project = context.project
    if project is None:
        return None

    def work(progress: Progress) -> ImportReport:
        from core.ingest.importer import import_source

        return import_source(project, choice.root, labels=choice.labels, groups=choice.groups, progress=progress)

    def done(report: ImportReport) -> None:
        context.message.emit(report_words(report))

    def ended() -> None:
        # Also where it was cancelled or failed: what came in before stays.
        if context.project is project:
            context.changed.emit(Changes(samples=True, labels=True))

    shown_s = time.monotonic()

    def progressed(_: ProgressReport) -> None:
        nonlocal shown_s
        if time.monotonic() - shown_s >= _SHOW_EVERY_S and context.project is project:
            shown_s = time.monotonic()
            arrived()

    job = context.tasks.run(tr("Importing “{name}”", name=choice.root.name), work, done=done, summary=report_words)
    job.progressed.connect(progressed)
    job.ended.connect(ended)
    return job


def report_words(report: ImportReport) -> str:
    """Return what an import did, in words."""
    parts = [tr_n("{n} image imported", "{n} images imported", report.added)]
    if report.known:
        parts.append(tr_n("{n} known already", "{n} known already", report.known))
    if report.changed:
        parts.append(tr_n("{n} changed and read again", "{n} changed and read again", report.changed))
    if report.unreadable:
        unreadable = tr_n("{n} cannot be read", "{n} cannot be read", len(report.unreadable))
        parts.append(tr("{n} (is:unreadable shows them)", n=unreadable))
    if report.skipped:
        parts.append(tr_n("{n} left out", "{n} left out", len(report.skipped)))
    return ", ".join(parts) + "."
