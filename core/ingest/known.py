"""Which files are samples already: of the same source, or of another one that holds or lies in the same folder."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.address import parse_address
from core.domain.query import SampleQuery
from core.domain.samples import Sample, Source
from core.images.trees import FOLDER, TreeFile
from core.ingest.formats.spec import Entry
from core.ingest.offers import Plan
from core.store.labels import label_names
from core.store.project import Project
from core.store.samples import (
    has_samples,
    known_files,
    label_ids_by_path,
    never_labelled,
    paths_of,
    sample_ids,
    samples_by_id,
)
from core.store.sources import sources

_PART: Final = 4096
"""Entries that are looked up at a time: however many there are, no more are held in memory."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a source's files before an import.

    Attributes
    ----------
    elsewhere
        Paths in this source of the files that are known through others.
    empty
        Whether no file of this source is known.
    """

    project: Project
    source_id: int
    elsewhere: frozenset[str]
    empty: bool

    def among(self, paths: Collection[str]) -> dict[str, tuple[int, int]]:
        """Return size in bytes and modification time in ns, by path, of those of these files that are samples here."""
        return {} if self.empty else known_files(self.project, self.source_id, paths)


def known_by_path(project: Project, source: Source) -> Known:
    """Return what is known of a source's files, through itself and through others."""
    elsewhere: set[str] = set()
    if source.kind == FOLDER:
        for other in sources(project).values():
            if other.kind == FOLDER and other.id != source.id:
                elsewhere |= _translated(project, other, Path(source.root))
    return Known(project, source.id, frozenset(elsewhere), not has_samples(project, source.id))


def unknown(plan: Plan, known: Known, retry: Collection[str] = (), *, changed: bool = True) -> Sequence[int]:
    """Return the positions of the entries that are new, could not be read last time, or, with `changed`, changed."""
    entries = plan.offer.entries
    if known.empty and not known.elsewhere:
        return range(len(entries))
    found = array("q")
    for start in range(0, len(entries), _PART):
        part = entries[start : start + _PART]
        here = known.among([entry.path for entry in part])
        for at, entry in enumerate(part, start):
            if entry.path in known.elsewhere or (not changed and entry.path in here):
                continue
            if entry.path in retry or not _as_recorded(here.get(entry.path), plan.found(entry), entry):
                found.append(at)
    return found


def labelled_otherwise(project: Project, source_id: int, plan: Plan, new: Collection[int]) -> tuple[int, Counter[str]]:
    """Return what the source says of the labels of images that are here already, and one label an image is the task.

    Parameters
    ----------
    new
        The positions of the entries that are not here.

    Returns
    -------
    How many have another label here, which they keep; and, by label, how many have none and would get it.
    """
    names, entries = label_names(project), plan.offer.entries
    differ, gained = 0, Counter[str]()
    fresh = frozenset(new)
    for start in range(0, len(entries), _PART):
        part = enumerate(entries[start : start + _PART], start)
        said = {entry.path: entry.labels[0] for at, entry in part if entry.labels and at not in fresh}
        if said:
            here = label_ids_by_path(project, source_id, said)
            differ += sum(names.get(label_id) != said[path] for path, label_id in here.items())
            gained.update(said[path] for path in never_labelled(project, source_id, said))
    return differ, gained


def _as_recorded(recorded: tuple[int, int] | None, file: TreeFile, entry: Entry) -> bool:
    """Whether a file is as it was. Of a part, its own size is recorded: there the time of the file must do."""
    if recorded is None or recorded[1] != file.mtime_ns:
        return False
    return recorded[0] == file.size_bytes or parse_address(entry.path).part is not None


def unreadable_samples(project: Project, source_ids: Collection[int]) -> list[Sample]:
    """Return the samples of these sources that cannot be read."""
    ids = sample_ids(project, SampleQuery(excluded=None, unreadable=True))
    return [sample for sample in samples_by_id(project, ids) if sample.source_id in source_ids]


def _translated(project: Project, other: Source, root: Path) -> set[str]:
    """Return the paths of the samples of `other` that lie in `root`, as paths of `root`."""
    if Path(other.root).is_relative_to(root):
        below = Path(other.root).relative_to(root).as_posix()
        return {f"{below}/{path}" for path in paths_of(project, other.id)}
    if root.is_relative_to(other.root):
        start = f"{root.relative_to(other.root).as_posix()}/"
        return {path.removeprefix(start) for path in paths_of(project, other.id) if path.startswith(start)}
    return set()
