"""Which files are samples already: of the same source, or of another one that holds or lies in the same folder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from core.domain.address import parse_address
from core.domain.query import SampleQuery
from core.domain.samples import Sample, Source
from core.images.trees import FOLDER, TreeFile
from core.ingest.formats.spec import Entry
from core.ingest.offers import Plan
from core.store.project import Project
from core.store.samples import known_files, sample_ids, samples_by_id
from core.store.sources import sources

KnownFiles = dict[str, tuple[int, int]]
"""Size in bytes and modification time in ns by path."""


def known_by_path(project: Project, source: Source) -> tuple[KnownFiles, set[str]]:
    """Return the files known of this source, and those known through others, both by path in this source."""
    elsewhere: set[str] = set()
    if source.kind == FOLDER:
        for other in sources(project).values():
            if other.kind == FOLDER and other.id != source.id:
                elsewhere |= _translated(Path(other.root), Path(source.root), known_files(project, other.id))
    return known_files(project, source.id), elsewhere


def unknown(plan: Plan, here: KnownFiles, elsewhere: set[str], retry: set[str]) -> Sequence[int]:
    """Return the positions of the entries that are new, changed, or could not be read last time."""
    if not here and not elsewhere:
        return range(len(plan.offer.entries))
    found = []
    for at, entry in enumerate(plan.offer.entries):
        if entry.path in elsewhere:
            continue
        if entry.path in retry or not _as_recorded(here.get(entry.path), plan.found(entry), entry):
            found.append(at)
    return found


def _as_recorded(recorded: tuple[int, int] | None, file: TreeFile, entry: Entry) -> bool:
    """Whether a file is as it was. Of a part, its own size is recorded: there the time of the file must do."""
    if recorded is None or recorded[1] != file.mtime_ns:
        return False
    return recorded[0] == file.size_bytes or parse_address(entry.path).part is not None


def unreadable_samples(project: Project, source_ids: Collection[int]) -> list[Sample]:
    """Return the samples of these sources that cannot be read."""
    ids = sample_ids(project, SampleQuery(excluded=None, unreadable=True))
    return [sample for sample in samples_by_id(project, ids) if sample.source_id in source_ids]


def _translated(other: Path, root: Path, paths: KnownFiles) -> set[str]:
    """Return the paths of `other` that lie in `root`, as paths of `root`."""
    if other.is_relative_to(root):
        return {f"{other.relative_to(root).as_posix()}/{path}" for path in paths}
    if root.is_relative_to(other):
        start = f"{root.relative_to(other).as_posix()}/"
        return {path.removeprefix(start) for path in paths if path.startswith(start)}
    return set()
