"""Which new images have the content of images that are here already, from another source: a copy of a folder, say.

Content is compared by digest, and a file is only read for that where an image of its very size is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.address import parse_address
from core.errors import UnreadableImage
from core.images.hashing import bytes_digest
from core.images.parts.table import encoded
from core.images.trees import REMOTE
from core.ingest.offers import Plan
from core.progress import Progress
from core.store.project import Project
from core.store.samples import digests_elsewhere, sizes_elsewhere

MOST_READ: Final = 1000
MOST_BYTES: Final = 2**28
"""How many files are read for a preview, and how many bytes, beyond those that are tried anyway."""


@dataclass(frozen=True, slots=True)
class Copies:
    """How many copies there are: `count`, or at least so many where not every image was compared."""

    count: int = 0
    complete: bool = True

    def __add__(self, other: Copies) -> Copies:
        return Copies(self.count + other.count, self.complete and other.complete)


def find_copies(
    project: Project,
    source_id: int,
    plan: Plan,
    new: Sequence[int],
    read: dict[int, str],
    progress: Progress,
) -> Copies:
    """Return how many of a plan's new entries have the content of images of other sources than this one.

    Parameters
    ----------
    new
        Their positions.
    read
        The digests, by position, of those that were read already.
    """
    sizes = sizes_elsewhere(project, source_id)
    if not sizes:
        return Copies()
    found = list(read.values())
    complete, left, bytes_left = True, MOST_READ, MOST_BYTES
    for at in new:
        if at in read:
            continue
        entry = plan.offer.entries[at]
        size = plan.found(entry).size_bytes
        if parse_address(entry.path).part is not None or plan.kind == REMOTE:
            complete = False  # a part's size is not known before it is decoded, and nothing is fetched for a preview
            continue
        if size not in sizes:
            continue
        if not left or size > bytes_left:
            complete = False
            break
        left, bytes_left = left - 1, bytes_left - size
        progress.checkpoint()
        found.append(digest_of(plan, entry.path))
    return Copies(count_known(project, source_id, found), complete)


def count_known(project: Project, source_id: int, digests: Iterable[str]) -> int:
    """Return how many of these digests are those of images of other sources."""
    listed = [digest for digest in digests if digest]
    known = digests_elsewhere(project, source_id, listed)
    return sum(digest in known for digest in listed)


def digest_of(plan: Plan, path: str) -> str:
    """Return the digest of a file of a plan; empty where it cannot be read."""
    try:
        data = encoded(plan.offer.tree, path)
    except UnreadableImage:
        return ""
    return "" if data is None else bytes_digest(data)
