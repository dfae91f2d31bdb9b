"""Made-up micrographs: a few soft blobs on an uneven background, each scene its own."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def scene(seed: int, height: int = 90, width: int = 90) -> NDArray[np.uint8]:
    """Return an image (height, width, 3)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    picture = 190 + 20 * x * random.normal() + 20 * y * random.normal()
    for _ in range(14):
        cy, cx, r = random.uniform(0.0, 1.0), random.uniform(0.0, 1.0), random.uniform(0.03, 0.16)
        picture = picture - random.uniform(20, 70) * np.exp(-((((x - cx) ** 2 + (y - cy) ** 2) / r**2) ** 2))
    colours = picture[..., None] + np.array([8, -12, 4]) + random.normal(0, 1.5, (height, width, 3))
    return np.clip(colours, 0, 255).astype(np.uint8)


def jpeg(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Return what an encoder leaves of an image."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


def rotated(image: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Return it turned anticlockwise, with black corners."""
    return np.array(Image.fromarray(image).rotate(degrees, Image.Resampling.BILINEAR))
