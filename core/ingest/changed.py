"""Reading again what changed on disk since it was imported, so that nothing is judged by what it was."""

from __future__ import annotations

from typing import Final

from core.domain.address import parse_address
from core.domain.samples import Source
from core.errors import UnreadableImage
from core.images.open_tree import open_tree
from core.images.trees import REMOTE, Stamp, Tree, TreeFile
from core.ingest.formats.spec import Entry
from core.ingest.presence import check_presence
from core.ingest.scan import scan_entry
from core.progress import Progress
from core.store.project import Project
from core.store.samples import known_files, paths_of, refresh_samples
from core.store.sources import sources
from core.translation import mark

_PART: Final = 4096
"""Files that are looked up, and written down, at a time."""


def refresh_changed(project: Project, progress: Progress) -> int:
    """Compare every file's size and time with those recorded and read again what differs; labels and groups stay.

    Where a file is gone, all are looked for (`core.ingest.presence`). Files on servers are left out.

    Returns
    -------
    int
        How many images have another content than before.

    Raises
    ------
    Cancelled
        The user stopped; what was read again before stays so.
    """
    progress.begin(mark("Looking for changed images"))
    found = [_refresh(project, source, progress) for source in sources(project).values() if source.kind != REMOTE]
    if any(gone for _, gone in found):
        check_presence(project, progress)
    return sum(changed for changed, _ in found)


def _refresh(project: Project, source: Source, progress: Progress) -> tuple[int, bool]:
    """Return how many images of a source have another content, and whether a file of it is gone."""
    tree, changed = open_tree(source), 0
    paths = list(paths_of(project, source.id))
    stamps: dict[str, Stamp | None] = {}
    for start in range(0, len(paths), _PART):
        progress.checkpoint()
        found = []
        for path, recorded in known_files(project, source.id, paths[start : start + _PART]).items():
            file = _changed(tree, path, recorded, stamps)
            if file is not None:
                progress.checkpoint()
                found.append(scan_entry(tree, file, Entry(path)))
        changed += refresh_samples(project, source.id, found)
    return changed, None in stamps.values()


def _changed(tree: Tree, path: str, recorded: tuple[int, int], stamps: dict[str, Stamp | None]) -> TreeFile | None:
    """Return the file that an image is, or is in, where it is not as recorded; None also where it is gone."""
    address = parse_address(path)
    if address.container not in stamps:
        stamps[address.container] = _stamp(tree, address.container)
    now = stamps[address.container]
    # Of a part, its own size is recorded: there the time of the file must do.
    if now is None or (now.mtime_ns == recorded[1] and (address.part is not None or now.size_bytes == recorded[0])):
        return None
    return TreeFile(address.container, now.size_bytes, now.mtime_ns)


def _stamp(tree: Tree, path: str) -> Stamp | None:
    try:
        return tree.stamp(path)
    except UnreadableImage:
        return None
