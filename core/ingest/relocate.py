"""Recognising a source whose folder was moved or renamed, so that its images are not taken for new ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from core.domain.samples import Source
from core.ingest.walk import FoundFile
from core.store.project import Project
from core.store.samples import source_samples
from core.store.sources import sources

_LOOKED_AT: Final = 50
_READ: Final = 5
_T = TypeVar("_T")


def moved_source(
    project: Project, kind: str, root: Path, files: Sequence[FoundFile], digest: Callable[[FoundFile], str]
) -> Source | None:
    """Return the source whose own root is gone and whose samples are below `root` now; None where there is none.

    Samples spread evenly over the source must all be there by path and size; the content of a few of them is compared.

    Parameters
    ----------
    root
        The folder that is imported; where it is a source already, nothing has moved there.
    files
        What was found below `root`.
    digest
        Reads a found file's content digest.
    """
    alike = [source for source in sources(project).values() if source.kind == kind]
    if any(Path(source.root) == root for source in alike):
        return None
    gone = [source for source in alike if not Path(source.root).exists()]
    if not gone:
        return None
    found = {file.path: file for file in files}
    return next((source for source in gone if _lies_there(project, source, found, digest)), None)


def _lies_there(
    project: Project, source: Source, found: dict[str, FoundFile], digest: Callable[[FoundFile], str]
) -> bool:
    samples = _spread(source_samples(project, source.id), _LOOKED_AT)
    if any(path not in found or found[path].size_bytes != size for path, size, _ in samples):
        return False
    # A file that could not be read has no digest to compare.
    compared = _spread([(path, expected) for path, _, expected in samples if expected], _READ)
    return bool(compared) and all(digest(found[path]) == expected for path, expected in compared)


def _spread(items: Sequence[_T], count: int) -> list[_T]:
    """Return at most `count` items, evenly spread."""
    count = min(count, len(items))
    return [items[i * len(items) // count] for i in range(count)]
