"""What is done to a picture so that it is near another, or useless."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from core.ingest.sample_set.optics import Image
from core.ingest.sample_set.scene import MIN_SIDE_PX


def hopeless_defocus_um(rng: Generator) -> float:
    """Return a blur, as a deviation in micrometres, in which neither lobes nor granules can be told apart."""
    return float(rng.uniform(1.1, 1.7))


def nearly_the_same(rng: Generator, image: Image) -> tuple[Image, int]:
    """Return an edited copy of a picture, and the JPEG quality to save it with.

    It is trimmed by up to 5 % on each side, made brighter or darker, and every other one is mirrored: what happens
    to pictures that are passed around.
    """
    height, width = image.shape[:2]
    top, bottom = (min(int(height * rng.uniform(0, 0.05)), (height - MIN_SIDE_PX) // 2) for _ in range(2))
    left, right = (min(int(width * rng.uniform(0, 0.05)), (width - MIN_SIDE_PX) // 2) for _ in range(2))
    copy = image[top : height - bottom, left : width - right]
    if rng.random() < 0.5:
        copy = cv2.flip(copy, int(rng.integers(0, 2)))
    gain, lift = rng.uniform(0.88, 1.1), rng.uniform(-12, 8)
    brighter = np.clip(copy.astype(np.float32) * np.float32(gain) + np.float32(lift), 0, 255)
    return np.round(brighter).astype(np.uint8), int(rng.integers(62, 92))
