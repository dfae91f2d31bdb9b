"""The preview of an augmentation: real images of the project, as the network may see them. Imports torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.domain.query import USABLE_SAMPLES
from core.errors import UnreadableImage
from core.images.display import composite
from core.images.intensity import to_rgb8
from core.images.network_input import resize_rgb8
from core.images.preprocess import Preprocess
from core.images.reader import ImageReader
from core.store.display import display
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.store.sources import sources
from core.training.augment.apply import augment_sheet
from core.training.config import TrainConfig

_SIDE_PX = 96


def augmented_sheet(project: Project, config: TrainConfig, columns: int) -> NDArray[np.uint8]:
    """Return (2 × columns, S, S, 3) uint8: images as they are, then the same augmented; fewer where few can be read."""
    reader = ImageReader(sources(project))
    ids = sample_ids(project, USABLE_SAMPLES)
    # Spread over the project, so that the sheet does not show one slide alone.
    chosen = ids[np.linspace(0, len(ids) - 1, min(len(ids), columns)).astype(np.intp)] if len(ids) else ids
    preprocess = Preprocess(_SIDE_PX, config.resize, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    images, look = [], display(project)
    for sample in samples_by_id(project, chosen):
        try:
            raw = reader.raw(sample.source_id, sample.path)
            images.append(resize_rgb8(to_rgb8(raw) if look is None else composite(raw, look), preprocess))
        except UnreadableImage:
            continue
    if not images:
        return np.zeros((0, _SIDE_PX, _SIDE_PX, 3), dtype=np.uint8)
    plain = np.stack(images)
    changed = augment_sheet(plain, config.augmentation_strengths, config.seed, colour=look is None)[:, 0]
    return np.concatenate([plain, changed])
