"""What the start page says about a project used recently, read without opening it for writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.query import USABLE_SAMPLES
from core.errors import UnreadableImage, UserError
from core.progress import Progress
from core.store.project import Project

PICTURES = 5
PICTURE_PX = 96


@dataclass(frozen=True, slots=True)
class RecentProject:
    """One line of the list.

    Attributes
    ----------
    path
        The project's folder.
    problem
        Why it cannot be opened, in the user's language; empty where it can.
    missing
        Whether the folder is not there.
    samples
        How many images it has; None until it is read.
    changed_at
        When it was last written, local time; None where that is not known.
    pictures
        A few of its images, (h, w, 3) uint8.
    """

    path: Path
    problem: str = ""
    missing: bool = False
    samples: int | None = None
    changed_at: datetime | None = None
    pictures: tuple[NDArray[np.uint8], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The project's name."""
        return self.path.stem


def read_recent(path: Path, progress: Progress) -> RecentProject:
    """Read what the list says about the project at `path`; trouble is part of the answer, never raised."""
    progress.checkpoint()
    database = path / "project.db"
    if not database.is_file():
        return RecentProject(path, missing=True)
    changed = max(file.stat().st_mtime for file in (database, database.with_name("project.db-wal")) if file.exists())
    changed_at = datetime.fromtimestamp(changed)
    try:
        with Project.open(path, read_only=True) as project:
            samples, pictures = _look_inside(project, progress)
    except UserError as error:
        return RecentProject(path, problem=error.message, changed_at=changed_at)
    return RecentProject(path, samples=samples, changed_at=changed_at, pictures=pictures)


def _look_inside(project: Project, progress: Progress) -> tuple[int, tuple[NDArray[np.uint8], ...]]:
    from core.images.reader import ImageReader
    from core.images.thumbnails import thumbnail
    from core.store.samples import sample_ids, samples_by_id
    from core.store.sources import sources

    ids = sample_ids(project, USABLE_SAMPLES)
    # From all over the project: its first images often have one label.
    chosen = ids[np.linspace(0, len(ids) - 1, min(PICTURES, len(ids))).astype(int)] if len(ids) else ids
    reader, pictures = ImageReader(sources(project)), []
    for sample in samples_by_id(project, chosen):
        progress.checkpoint()
        try:
            pictures.append(
                thumbnail(
                    reader,
                    sample.source_id,
                    sample.path,
                    PICTURE_PX,
                    digest=sample.digest,
                    cache_dir=project.cache_dir / "thumbnails",
                )
            )
        except UnreadableImage:
            continue
    return len(ids), tuple(pictures)
