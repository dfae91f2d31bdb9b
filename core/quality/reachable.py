"""Making sure that the images of a project are there before they are checked.

A drive that is not connected must not look like a data set without duplicates.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from core.domain.address import parse_address
from core.domain.query import SampleQuery
from core.domain.samples import Sample, Source
from core.errors import UnreadableImage, UserError
from core.images.open_tree import open_tree
from core.images.trees import REMOTE, Tree
from core.ingest.presence import check_presence
from core.progress import Progress
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources

_ASKED: Final = 200
"""Files looked up of those that were there, and of those that were not; where one is not as it was, all are."""


def require_images(project: Project, progress: Progress) -> None:
    """Look for some of the images, and where one is gone, or one that was is back, for all of them.

    Those that are gone are marked as missing, those that are back as there.

    Raises
    ------
    UserError
        ``source_offline`` where all of a folder or ZIP is gone; nothing was changed.
    """
    known = sources(project)
    here = _some(project, SampleQuery(missing=False, unreadable=False))
    for source_id in sorted({sample.source_id for sample in here}):
        _require_root(known[source_id])
    away = _some(project, SampleQuery(missing=True))
    trees = {
        source_id: open_tree(source)
        for source_id, source in known.items()
        if source.kind != REMOTE and Path(source.root).exists()
    }
    gone = (not _is_there(trees, sample) for sample in here)
    back = (sample.source_id in trees and _is_there(trees, sample) for sample in away)
    if any(gone) or any(back):
        check_presence(project, progress)


def _some(project: Project, query: SampleQuery) -> list[Sample]:
    """Return the samples of a query, or where they are many, some from its beginning to its end."""
    ids = sample_ids(project, query)
    drawn = ids[np.linspace(0, len(ids) - 1, min(_ASKED, len(ids))).astype(np.int64)] if len(ids) else ids
    return samples_by_id(project, drawn)


def _is_there(trees: Mapping[int, Tree], sample: Sample) -> bool:
    """Return whether the file of an image is where it was; of images on servers that is not asked."""
    tree = trees.get(sample.source_id)
    if tree is None:
        return True
    try:
        tree.stamp(parse_address(sample.path).container)
    except UnreadableImage:
        return False
    return True


def _require_root(source: Source) -> None:
    if source.kind != REMOTE and not Path(source.root).exists():
        raise UserError("source_offline", path=source.root)
