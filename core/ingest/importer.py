"""Importing a source: every image becomes a sample, by reference; the images themselves are only read.

One thing must stay true: an import may be stopped or killed at any moment, and repeating it gives what one undisturbed
import gives. Each batch is one transaction, and files that are known are not read again unless they changed.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from core.domain.changes import Changes
from core.domain.samples import NewSample
from core.domain.task import Task
from core.error_texts.table import ERROR_TEXTS
from core.errors import UserError
from core.ingest.fill import fill_missing
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.spec import ImportOptions, Problem
from core.ingest.intensities import ensure_display
from core.ingest.known import Known, known_by_path, unknown, unreadable_samples
from core.ingest.label_list import make_labels
from core.ingest.offers import AUTO, Opened, Plan, open_source, plans
from core.ingest.preview import Preview, left_out, needs_many_labels, preview
from core.ingest.relocate import moved_source
from core.ingest.renamed import take_renamed
from core.ingest.rules import AUTO_LABELS, NO_GROUPS, GroupRule, LabelRule
from core.ingest.scan_ahead import are_small, scanned
from core.progress import Progress
from core.store.project import Project
from core.store.samples import (
    add_samples,
    counts,
    digests_elsewhere,
    finish_import,
    refresh_samples,
    unfinished_import,
)
from core.store.sources import add_source, relocate_source
from core.store.task import set_task
from core.translation import mark, tr

DEFAULTS: Final = ImportOptions()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    added
        New samples.
    known
        Files that were samples already, here or through another source; with `ImportOptions.skip_copies` copies too.
    copies
        New files with the content of images of another source.
    changed
        Paths of known files whose content is no longer what was imported; they were read again.
    unreadable
        Path and reason, for every file of the source that cannot be read, known ones too.
    skipped
        Path and reason, for what was left out: linked folders, names that are no Unicode.
    multi_page
        Files with several pages of which only the first was taken now (`ImportOptions.pages` takes each).
    labels
        Usable images by label, and `groups` their number of groups, in the project now.
    labelled, grouped
        Known samples that had no label, no group, and got the one that the rules say.
    relocated
        Where the images were before, if this is a known source that was moved; None otherwise.
    changes
        What changed in the project.
    renamed
        Images that were known under another name in the same folder, and keep what was known of them.
    refused_keys
        Why keys that a data set says its labels have were not taken over.
    """

    added: int
    known: int
    changed: int
    unreadable: list[tuple[str, str]]
    skipped: list[tuple[str, str]]
    labels: dict[str, int]
    groups: int
    labelled: int
    grouped: int
    relocated: str | None
    changes: Changes
    copies: int = 0
    multi_page: int = 0
    renamed: int = 0
    refused_keys: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    added: int = 0
    renamed: int = 0
    known: int = 0
    copies: int = 0
    multi_page: int = 0
    changed: int = 0
    labelled: int = 0
    grouped: int = 0
    relocated: str | None = None
    changes: Changes = field(default_factory=Changes)
    refused_keys: list[str] = field(default_factory=list)


def import_source(
    project: Project,
    root: Path | str,
    *,
    labels: LabelRule = AUTO_LABELS,
    groups: GroupRule = NO_GROUPS,
    format: str = AUTO,
    options: ImportOptions = DEFAULTS,
    progress: Progress,
    workers: int | None = None,
) -> ImportReport:
    """Add the images of a source to the project.

    Parameters
    ----------
    root
        A folder, a ZIP, an address on a server, or a file that is an image or holds many.
    labels, groups
        The rules; these count, whatever `options` holds.
    format
        A format's id (`core.ingest.formats.table`); ``auto`` for the first that recognises what is there.
    workers
        Threads that read; None for one per core, at most 8.

    Raises
    ------
    UserError
        ``source_missing``, ``source_not_folder``, ``source_is_project``, ``source_no_images``, ``format_unknown``, or
        what is wrong with a rule or the data set: before anything was added. ``disk_full_import``: what was added
        before stays.
    Cancelled
        What was added before stays, and is in the ledger.
    """
    source = _opened(project, root, options, progress)
    found = plans(source, format, replace(options, labels=labels, groups=groups), progress)
    if not found:
        raise UserError("source_no_images", path=str(root))
    with project.db.reading_once():
        return _import(project, source, found, options, progress, workers)


def _import(
    project: Project,
    source: Opened,
    found: Sequence[Plan],
    options: ImportOptions,
    progress: Progress,
    workers: int | None,
) -> ImportReport:
    _prepare(project, found)
    tally, ids = _Tally(), set()
    progress.begin(mark("Importing images"), sum(len(plan.offer.entries) for plan in found))
    try:
        for plan in found:
            job = _Job(project, source, plan, tally, options.skip_copies)
            ids.add(_run(job, progress, workers or min(8, os.cpu_count() or 1)))
    except UserError as error:
        if error.code != "disk_full":
            raise
        raise UserError("disk_full_import", path=str(project.root), added=f"{tally.added:,}") from error
    if ensure_display(project, progress).display:
        tally.changes = replace(tally.changes, display=True)
    return _report(project, ids, tally, left_out(source, found))


def preview_source(
    project: Project | None,
    root: Path | str,
    *,
    labels: LabelRule = AUTO_LABELS,
    groups: GroupRule = NO_GROUPS,
    format: str = AUTO,
    options: ImportOptions = DEFAULTS,
    progress: Progress,
    check: int | None = None,
) -> Preview:
    """Return what `import_source` would add to the project (None: to an empty one), adding nothing.

    Parameters
    ----------
    check
        How many of the new images are read to see whether they can be, evenly spread; None for all of them.

    Raises
    ------
    UserError
        As `import_source`.
    Cancelled
        Nothing was changed.
    """
    source = _opened(project, root, options, progress)
    found = plans(source, format, replace(options, labels=labels, groups=groups), progress)
    if not found:
        raise UserError("source_no_images", path=str(root))
    return preview(project, source, found, progress, check)


def _opened(project: Project | None, root: Path | str, options: ImportOptions, progress: Progress) -> Opened:
    return open_source(
        project, root, progress, options.only, network=options.network, follow_links=options.follow_links
    )


def _prepare(project: Project, plans: Sequence[Plan]) -> None:
    """Let an empty project have many labels an image, where the source has."""
    if needs_many_labels(project, plans):
        set_task(project, Task.MULTI, tool="import")


@dataclass(frozen=True, slots=True)
class _Job:
    project: Project
    opened: Opened
    plan: Plan
    tally: _Tally
    skip_copies: bool


def _run(job: _Job, progress: Progress, workers: int) -> int:
    """Add the entries of a plan, batch by batch; returns the source's id."""
    project, opened, plan, tally, root = job.project, job.opened, job.plan, job.tally, job.opened.root
    moved = moved_source(project, plan, root)
    if moved is not None:
        tally.relocated, tally.changes = moved.root, relocate_source(project, moved.id, Path(root))
    source = add_source(project, plan.kind, root, opened.options)
    known = known_by_path(project, source)
    retry = {sample.path for sample in unreadable_samples(project, [source.id])}
    entries = plan.offer.entries
    to_scan = unknown(plan, known, retry)
    tally.known += len(entries) - len(to_scan)
    progress.advance(len(entries) - len(to_scan))
    if to_scan:
        tally.refused_keys += [error.message for error in make_labels(project, plan.offer)]
    if not known.empty:
        _fill(project, source.id, plan, tally)
    before = tally.added
    try:
        for batch in scanned(
            LazyEntries(to_scan, entries.__getitem__),
            plan.scan,
            1 if plan.serial else workers,
            progress,
            alone=are_small(plan, to_scan),
        ):
            _take(job, source.id, batch, known)
    finally:
        if unfinished_import(project, source.id) or moved is not None:
            tally.changes = finish_import(project, source, tally.added - before)
    return source.id


def _take(job: _Job, source_id: int, batch: Sequence[NewSample], known: Known) -> None:
    """Add what is new of a batch, and note what changed of the rest."""
    tally, here = job.tally, known.among([sample.path for sample in batch])
    old = [sample for sample in batch if sample.path in here]
    tally.known += len(old)
    tally.changed += refresh_samples(job.project, source_id, old)
    new = [sample for sample in batch if sample.path not in here]
    if not known.empty:
        new, renamed = take_renamed(job.project, source_id, job.plan, str(job.opened.root), new)
        tally.renamed += renamed
    # Of this source itself nothing is left out: stopped and repeated, it would have become another one than at once.
    elsewhere = digests_elsewhere(job.project, source_id, [sample.digest for sample in new if sample.digest])
    copies = sum(sample.digest in elsewhere for sample in new)
    tally.copies += copies
    if copies and job.skip_copies:
        new = [sample for sample in new if sample.digest not in elsewhere]
        tally.known += copies
    tally.multi_page += sum(sample.pages_left > 0 for sample in new)
    tally.added += add_samples(job.project, source_id, new)


def _fill(project: Project, source_id: int, plan: Plan, tally: _Tally) -> None:
    labelled, grouped = fill_missing(project, source_id, plan.offer.entries)
    tally.labelled += labelled
    tally.grouped += grouped
    if labelled or grouped:
        tally.changes = Changes(samples=True, labels=True)


def _report(project: Project, source_ids: set[int], tally: _Tally, problems: Sequence[Problem]) -> ImportReport:
    unreadable = [(sample.path, tr(sample.problem or "")) for sample in unreadable_samples(project, source_ids)]
    found = counts(project)
    return ImportReport(
        added=tally.added,
        known=tally.known,
        changed=tally.changed,
        unreadable=sorted(unreadable),
        skipped=[(path, tr(ERROR_TEXTS[code])) for path, code in problems],
        labels={name: count for name, count in found.labels.items() if count},
        groups=found.groups,
        labelled=tally.labelled,
        grouped=tally.grouped,
        relocated=tally.relocated,
        changes=tally.changes,
        copies=tally.copies,
        multi_page=tally.multi_page,
        renamed=tally.renamed,
        refused_keys=tuple(tally.refused_keys),
    )
