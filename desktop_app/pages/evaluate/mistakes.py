"""The surest mistakes of a run, with their pictures: read on a worker, shown in the strip."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label
from core.errors import UserError
from core.progress import Progress
from core.store.project import Project
from core.training.judge import RunEvaluation

MOST: Final = 16
"""More than the widest strip shows."""
PICTURE_PX: Final = 256


@dataclass(frozen=True, slots=True)
class Mistake:
    """An image that was predicted wrongly; `picture` is (h, w, 3) uint8, None where it cannot be read."""

    sample_id: int
    name: str
    given: Label
    predicted: Label
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
        probabilities = judged.probabilities[row]
        predicted = int(probabilities.argmax())
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
        labels = judged.labels[int(judged.y[row])], judged.labels[predicted]
        name = sample.path.replace("\\", "/").rpartition("/")[2]
        found.append(Mistake(sample.id, name, *labels, float(probabilities[predicted]), picture))
    return tuple(found)
