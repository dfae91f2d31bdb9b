"""Making sure that the images of a project are there before they are checked.

A drive that is not connected must not look like a data set without duplicates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from core.domain.address import parse_address
from core.domain.query import SampleQuery
from core.domain.samples import Source
from core.errors import UnreadableImage, UserError
from core.images.open_tree import open_tree
from core.images.trees import REMOTE
from core.ingest.presence import check_presence
from core.progress import Progress
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources

_ASKED: Final = 200
"""Files looked up; where one of them is gone, all are."""


def require_images(project: Project, progress: Progress) -> None:
    """Look for some of the images, and where one is gone for all of them: those that are gone are marked as missing.

    Raises
    ------
    UserError
        ``source_offline`` where all of a folder or ZIP is gone; nothing was changed.
    """
    ids = sample_ids(project, SampleQuery(missing=False, unreadable=False))
    drawn = ids[np.linspace(0, len(ids) - 1, min(_ASKED, len(ids))).astype(np.int64)] if len(ids) else ids
    known = sources(project)
    chosen = samples_by_id(project, drawn)
    for source_id in sorted({sample.source_id for sample in chosen}):
        _require_root(known[source_id])
    trees = {source_id: open_tree(source) for source_id, source in known.items() if source.kind != REMOTE}
    for sample in chosen:
        tree = trees.get(sample.source_id)
        if tree is None:
            continue
        try:
            tree.stamp(parse_address(sample.path).container)
        except UnreadableImage:
            check_presence(project, progress)
            return


def _require_root(source: Source) -> None:
    if source.kind != REMOTE and not Path(source.root).exists():
        raise UserError("source_offline", path=source.root)
