"""How quickly a kit answers on this computer's CPU: measured, on its own golden samples."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Final

from core.errors import UnreadableImage
from core.progress import Progress
from core.translation import mark

_WARM_UP: Final = 3
_MOST_IMAGES: Final = 40
_MOST_SECONDS: Final = 4.0


def measure_speed(kit: Path, progress: Progress) -> float:
    """Return milliseconds per image through ONNX Runtime on the CPU, one image at a time: the median.

    Raises
    ------
    UserError
        As opening the kit; ``kit_damaged`` where it has no golden sample that can be read.
    Cancelled
        Where the user stopped it.
    """
    import numpy as np

    from core.errors import UserError
    from core.images.decode import decode
    from core.inference.predictor import Predictor
    from core.kit import layout

    predictor = Predictor.open(kit, gpu=False)
    names = sorted((kit / layout.GOLDEN).glob("*.png"))
    step = max(1, len(names) // _MOST_IMAGES)
    images = []
    for name in names[::step][:_MOST_IMAGES]:
        try:
            images.append(decode(name).astype(np.uint8, copy=False))
        except UnreadableImage:
            continue
    if not images:
        raise UserError("kit_damaged", path=str(kit), name=layout.GOLDEN)
    for image in images[:_WARM_UP]:
        predictor.predict([image])
    started, taken = time.perf_counter(), []
    for image in progress.track(images, mark("Measuring the speed")):
        before = time.perf_counter()
        predictor.predict([image])
        taken.append(1000 * (time.perf_counter() - before))
        if time.perf_counter() - started > _MOST_SECONDS:
            break
    return statistics.median(taken)
