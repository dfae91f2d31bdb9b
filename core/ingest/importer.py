"""Importing a folder: every image becomes a sample, by reference; the images themselves are only read.

One thing must stay true: an import may be stopped or killed at any moment, and repeating it gives what one undisturbed
import gives. Each batch is one transaction, and files that are known are not read again unless they changed.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.domain.changes import Changes
from core.domain.samples import NewSample
from core.error_texts import ERROR_TEXTS
from core.errors import UserError
from core.images.reader import FOLDER, IDX
from core.ingest.assign import Assign, assignments, natural_key
from core.ingest.csv_table import Assignment
from core.ingest.fill import fill_missing
from core.ingest.idx import IdxData, find_pairs, load_pair
from core.ingest.known import KnownFiles, known_by_path, unreadable_samples
from core.ingest.relocate import moved_source
from core.ingest.rules import NO_GROUPS, GroupKind, GroupRule, LabelKind, LabelRule
from core.ingest.scan import scan_file
from core.ingest.walk import FoundFile, Listing, list_images
from core.progress import Progress
from core.store.labels import add_labels
from core.store.project import Project
from core.store.samples import add_samples, counts, finish_import, refresh_samples
from core.store.sources import add_source, relocate_source
from core.translation import mark, tr

_BATCH: Final = 512
_TASK: Final = 16
"""Files a thread reads at a time: handing over each one alone would cost as much as reading a small one."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes
    ----------
    added
        New samples.
    known
        Files that were samples already, here or through another source.
    changed
        Paths of known files whose content is no longer what was imported; they were read again.
    unreadable
        Path and reason, for every file of the source that cannot be read, known ones too.
    skipped
        Path and reason, for what was left out: linked folders, names that are no Unicode.
    labels
        Usable images by label, and `groups` their number of groups, in the project now.
    labelled, grouped
        Known samples that had no label, no group, and got the one that the rules say.
    relocated
        Where the images were before, if this is a known source that was moved; None otherwise.
    changes
        What changed in the project.
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be imported as one source, decided before anything is added."""

    kind: str
    files: Sequence[FoundFile]
    labels: set[str]
    assign: Assign
    scan: Callable[[FoundFile], NewSample]


@dataclass(slots=True)
class _Tally:
    added: int = 0
    known: int = 0
    changed: int = 0
    labelled: int = 0
    grouped: int = 0
    relocated: str | None = None
    changes: Changes = field(default_factory=Changes)


def import_source(
    project: Project,
    root: Path,
    *,
    labels: LabelRule,
    groups: GroupRule = NO_GROUPS,
    progress: Progress,
    workers: int | None = None,
) -> ImportReport:
    """Add the images below `root` to the project.

    Parameters
    ----------
    root
        A folder of images, or of IDX files.
    workers
        Threads that read; None for one per core, at most 8.

    Raises
    ------
    UserError
        ``source_missing``, ``source_not_folder``, ``source_is_project``, ``source_no_images``, or what is wrong with
        a rule: before anything was added. ``disk_full_import``: what was added before stays.
    Cancelled
        What was added before stays, and is in the ledger.
    """
    folder = _checked(project, root)
    progress.begin(mark("Looking for images"))
    listing = list_images(folder, progress)
    plans = _plans(folder, listing, labels, groups)
    if not plans:
        raise UserError("source_no_images", path=str(root))
    tally, ids = _Tally(), set()
    progress.begin(mark("Importing images"), sum(len(plan.files) for plan in plans))
    try:
        for plan in plans:
            ids.add(_run(project, folder, plan, tally, progress, workers or min(8, os.cpu_count() or 1)))
    except UserError as error:
        if error.code != "disk_full":
            raise
        raise UserError("disk_full_import", path=str(project.root), added=f"{tally.added:,}") from error
    return _report(project, ids, tally, listing)


def _checked(project: Project, root: Path) -> Path:
    try:
        folder = root.expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError("source_missing", path=str(root)) from error
    if not folder.is_dir():
        raise UserError("source_not_folder", path=str(root))
    if folder.is_relative_to(project.root.resolve()):
        raise UserError("source_is_project", path=str(root))
    return folder


def _plans(folder: Path, listing: Listing, labels: LabelRule, groups: GroupRule) -> list[_Plan]:
    plans = []
    pairs = find_pairs(folder)
    if pairs:
        if labels.kind not in (LabelKind.FOLDER, LabelKind.NONE) or groups.kind is not GroupKind.NONE:
            raise UserError("rule_not_for_idx", path=str(folder))
        loaded = [load_pair(pair, labelled=labels.kind is LabelKind.FOLDER) for pair in pairs]
        plans.append(_idx_plan(loaded))
    if listing.files:
        assign = assignments(folder, [file.path for file in listing.files], labels, groups)
        names = {label for file in listing.files if (label := assign(file.path).label) is not None}
        plans.append(
            _Plan(FOLDER, listing.files, names, assign, lambda file: scan_file(folder, file, assign(file.path)))
        )
    return plans


def _idx_plan(loaded: list[IdxData]) -> _Plan:
    by_name = {data.name: data for data in loaded}
    files = [file for data in loaded for file in data.files()]
    names = {name for data in loaded for name in data.labels or ()}

    def data(path: str) -> IdxData:
        return by_name[path.rpartition("#")[0]]

    return _Plan(
        IDX,
        files,
        names,
        lambda path: Assignment(label=data(path).label(path)),
        lambda file: data(file.path).sample(file),
    )


def _run(project: Project, folder: Path, plan: _Plan, tally: _Tally, progress: Progress, workers: int) -> int:
    """Add the files of a plan, batch by batch; returns the source's id."""
    moved = moved_source(project, plan.kind, folder, plan.files, lambda file: plan.scan(file).digest)
    if moved is not None:
        tally.relocated, tally.changes = moved.root, relocate_source(project, moved.id, folder)
    source = add_source(project, plan.kind, folder)
    here, elsewhere = known_by_path(project, source)
    to_scan = _unknown(plan.files, here, elsewhere, retry={s.path for s in unreadable_samples(project, [source.id])})
    tally.known += len(plan.files) - len(to_scan)
    progress.advance(len(plan.files) - len(to_scan))
    if to_scan:
        add_labels(project, sorted(plan.labels, key=natural_key))
    _fill(project, source.id, plan, here, tally)
    before = tally.added
    try:
        for batch in _scanned(to_scan, plan.scan, workers, progress):
            old = [sample for sample in batch if sample.path in here]
            tally.known += len(old)
            tally.changed += refresh_samples(project, source.id, old)
            tally.added += add_samples(project, source.id, [sample for sample in batch if sample.path not in here])
    finally:
        if tally.added > before or moved is not None:
            tally.changes = finish_import(project, source, tally.added - before)
    return source.id


def _fill(project: Project, source_id: int, plan: _Plan, here: KnownFiles, tally: _Tally) -> None:
    known = (file.path for file in plan.files if file.path in here)
    labelled, grouped = fill_missing(project, source_id, known, plan.assign)
    tally.labelled += labelled
    tally.grouped += grouped
    if labelled or grouped:
        tally.changes = Changes(samples=True, labels=True)


def _unknown(files: Sequence[FoundFile], here: KnownFiles, elsewhere: set[str], retry: set[str]) -> list[FoundFile]:
    """Return the files that are new, changed, or could not be read last time."""
    return [
        file
        for file in files
        if file.path not in elsewhere
        and (here.get(file.path) != (file.size_bytes, file.mtime_ns) or file.path in retry)
    ]


def _scanned(
    files: Sequence[FoundFile], scan: Callable[[FoundFile], NewSample], workers: int, progress: Progress
) -> Iterator[list[NewSample]]:
    """Yield the samples of `files` in order, in batches, while threads read on ahead."""

    def read(part: Sequence[FoundFile]) -> list[NewSample]:
        progress.checkpoint()
        return [scan(file) for file in part]

    parts = iter([files[start : start + _TASK] for start in range(0, len(files), _TASK)])
    waiting: deque[Future[list[NewSample]]] = deque()
    batch: list[NewSample] = []
    with ThreadPoolExecutor(workers, thread_name_prefix="import") as pool:
        try:
            for part in parts:
                waiting.append(pool.submit(read, part))
                if len(waiting) < 2 * _BATCH // _TASK:
                    continue
                batch += _next(waiting, progress)
                if len(batch) >= _BATCH:
                    yield batch
                    batch = []
            while waiting:
                batch += _next(waiting, progress)
                if len(batch) >= _BATCH or not waiting:
                    yield batch
                    batch = []
        finally:
            pool.shutdown(cancel_futures=True)


def _next(waiting: deque[Future[list[NewSample]]], progress: Progress) -> list[NewSample]:
    samples = waiting.popleft().result()
    progress.advance(len(samples), samples[-1].path)
    return samples


def _report(project: Project, source_ids: set[int], tally: _Tally, listing: Listing) -> ImportReport:
    unreadable = [(sample.path, tr(sample.problem or "")) for sample in unreadable_samples(project, source_ids)]
    found = counts(project)
    return ImportReport(
        added=tally.added,
        known=tally.known,
        changed=tally.changed,
        unreadable=sorted(unreadable),
        skipped=[(path, tr(ERROR_TEXTS[code])) for path, code in listing.skipped],
        labels={name: count for name, count in found.labels.items() if count},
        groups=found.groups,
        labelled=tally.labelled,
        grouped=tally.grouped,
        relocated=tally.relocated,
        changes=tally.changes,
    )
