"""The surest mistakes of a run, with their pictures: read on a worker, shown in the strip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label
from core.domain.task import Task
from core.errors import UserError
from core.progress import Progress
from core.store.project import Project
from core.training.judge import RunEvaluation

MOST: Final = 16
"""More than the widest strip shows."""
PICTURE_PX: Final = 256


@dataclass(frozen=True, slots=True)
class Mistake:
    """An image that was predicted wrongly; `picture` is (h, w, 3) uint8, None where it cannot be read.

    With many labels an image, it is the surest of its wrong decisions: `given` is None where the image does not have
    the label it is given, `predicted` where it is not given a label it has.
    """

    sample_id: int
    name: str
    given: Label | None
    predicted: Label | None
    confidence: float
    picture: NDArray[np.uint8] | None = field(repr=False, compare=False)


def surest_mistakes(project: Project, judged: RunEvaluation, progress: Progress) -> tuple[Mistake, ...]:
    """Return the up to `MOST` mistakes the run was surest of, the surest first; for worker threads."""
    from core.images.reader import ImageReader
    from core.images.thumbnails import thumbnail
    from core.store.samples import samples_by_id
    from core.store.sources import sources

    rows = judged.mistake_rows()[:MOST]
    reader = ImageReader(sources(project))
    found = []
    for row, sample in zip(rows.tolist(), samples_by_id(project, judged.sample_ids[rows]), strict=True):
        progress.checkpoint()
        try:
            picture = thumbnail(
                reader,
                sample.source_id,
                sample.path,
                PICTURE_PX,
                digest=sample.digest,
                cache_dir=project.cache_dir / "thumbnails",
            )
        except UserError:
            picture = None
        labels, confidence = _surest(judged, row)
        name = sample.path.replace("\\", "/").rpartition("/")[2]
        found.append(Mistake(sample.id, name, *labels, confidence, picture))
    return tuple(found)


def _surest(judged: RunEvaluation, row: int) -> tuple[tuple[Label | None, Label | None], float]:
    """Return what an image has and what it is given instead, and how sure the run is of that."""
    p = judged.probabilities[row]
    if judged.task is Task.SINGLE:
        predicted = int(p.argmax())
        return (judged.labels[int(judged.y[row])], judged.labels[predicted]), float(p[predicted])
    given = judged.given[row]
    sure = np.where(given != judged.truth[row], np.where(given, p, 1 - p), -1.0)
    index = int(sure.argmax())
    label = judged.labels[index]
    return ((None, label) if given[index] else (label, None)), float(sure[index])
