"""Recognising a source whose folder was moved or renamed, so that its images are not taken for new ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from core.domain.address import parse_address
from core.domain.samples import Source
from core.images.trees import REMOTE, TreeFile
from core.ingest.formats.spec import Entry
from core.ingest.offers import Plan
from core.store.project import Project
from core.store.samples import source_samples
from core.store.sources import sources

_LOOKED_AT: Final = 50
_READ: Final = 5
_T = TypeVar("_T")


def moved_source(project: Project, plan: Plan, root: Path | str) -> Source | None:
    """Return the source whose own root is gone and whose samples are below `root` now; None where there is none.

    Of samples spread evenly over the source, most must be there by path and size, and of a few of those, most by
    content: between the move and the import, some may have been renamed, taken out or changed.

    Parameters
    ----------
    plan
        What was found below `root`.
    root
        The folder that is imported; where it is a source already, nothing has moved there.
    """
    if plan.kind == REMOTE:
        return None
    alike = [source for source in sources(project).values() if source.kind == plan.kind]
    if any(Path(source.root) == Path(root) for source in alike):
        return None
    gone = [source for source in alike if not Path(source.root).exists()]
    if not gone:
        return None
    found = {entry.path: entry for entry in plan.offer.entries}
    return next((source for source in gone if _lies_there(project, source, found, plan)), None)


def _lies_there(project: Project, source: Source, found: dict[str, Entry], plan: Plan) -> bool:
    samples = _spread(source_samples(project, source.id), _LOOKED_AT)
    there = [one for one in samples if one[0] in found and _same_size(one[0], one[1], plan.found(found[one[0]]))]
    if len(there) * 2 <= len(samples):
        return False
    # A file that could not be read has no digest to compare.
    compared = _spread([(path, expected) for path, _, expected in there if expected], _READ)
    same = sum(plan.scan(found[path]).digest == expected for path, expected in compared)
    return same * 2 > len(compared)


def _same_size(path: str, size_bytes: int, file: TreeFile) -> bool:
    # Of a part, its own size is recorded, not that of the file.
    return size_bytes == file.size_bytes or parse_address(path).part is not None


def _spread(items: Sequence[_T], count: int) -> list[_T]:
    """Return at most `count` items, evenly spread."""
    count = min(count, len(items))
    return [items[i * len(items) // count] for i in range(count)]
