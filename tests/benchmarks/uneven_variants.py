"""Copies that are lit unevenly, or marked: shade towards the corners or a side, a spot, time stamps, arrows, boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from tests.benchmarks.planted_variants import Change, Picture

_COLOURS: Final = [(255, 255, 0), (255, 255, 255), (0, 0, 0), (255, 60, 30)]


def vignette(image: Picture, random: np.random.Generator) -> Picture:
    """Darken by 25 to 60 % towards the corners, from a middle anywhere near that of the picture."""
    x, y = _places(image)
    left, top = random.uniform(-0.3, 0.3, 2)
    far = np.clip(((x - left) ** 2 + (y - top) ** 2) / 2, 0, 1.2)
    return _levels(image * (1 - random.uniform(0.25, 0.6) * far)[..., None])


def ramp(image: Picture, random: np.random.Generator) -> Picture:
    """Multiply by what grows to one side."""
    return _levels(image * (1 + random.uniform(0.2, 0.45) * _slope(image, random))[..., None])


def added_ramp(image: Picture, random: np.random.Generator) -> Picture:
    """Add what grows to one side."""
    return _levels(image + (random.uniform(15, 45) * _slope(image, random))[..., None])


def spot(image: Picture, random: np.random.Generator) -> Picture:
    """Add a soft spot of light anywhere."""
    x, y = _places(image)
    left, top = random.uniform(-0.7, 0.7, 2)
    far = ((x - left) ** 2 + (y - top) ** 2) / (2 * random.uniform(0.5, 1.0) ** 2)
    return _levels(image + (random.uniform(20, 60) * np.exp(-far))[..., None])


def time_stamp(image: Picture, random: np.random.Generator) -> Picture:
    """Write a date along the upper or the lower border."""
    picture = Image.fromarray(image)
    top = 2 if random.random() < 0.5 else picture.height - 13
    date = f"20{random.integers(10, 27)}-{random.integers(1, 13):02d}-{random.integers(1, 29):02d} 12:34"
    ImageDraw.Draw(picture).text((2, top), date, fill=_COLOURS[int(random.integers(4))])
    return np.array(picture)


def arrow(image: Picture, random: np.random.Generator) -> Picture:
    height, width = image.shape[:2]
    angle, length = random.uniform(0, 2 * np.pi), min(height, width) * random.uniform(0.2, 0.4)
    x, y = width * random.uniform(0.3, 0.7), height * random.uniform(0.3, 0.7)
    start = int(x - length * np.cos(angle)), int(y - length * np.sin(angle))
    colour = _COLOURS[int(random.integers(4))]
    return np.asarray(cv2.arrowedLine(image.copy(), start, (int(x), int(y)), colour, 2, tipLength=0.3), dtype=np.uint8)


def box(image: Picture, random: np.random.Generator) -> Picture:
    height, width = image.shape[:2]
    low, high = random.uniform(0.05, 0.35, 2), random.uniform(0.65, 0.95, 2)
    corners = [(int(width * x), int(height * y)) for x, y in (low, high)]
    return np.asarray(cv2.rectangle(image.copy(), *corners, _COLOURS[int(random.integers(4))], 2), dtype=np.uint8)


def _places(image: Picture) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
    return (x + 0.5) / image.shape[1] * 2 - 1, (y + 0.5) / image.shape[0] * 2 - 1


def _slope(image: Picture, random: np.random.Generator) -> NDArray[np.float64]:
    (x, y), angle = _places(image), random.uniform(0, 2 * np.pi)
    found: NDArray[np.float64] = x * np.cos(angle) + y * np.sin(angle)
    return found


def _levels(values: NDArray[np.floating]) -> Picture:
    return np.clip(values, 0, 255).astype(np.uint8)


UNEVEN: Final[Mapping[str, Change]] = {
    "vignette": vignette,
    "ramp": ramp,
    "added_ramp": added_ramp,
    "spot": spot,
    "time_stamp": time_stamp,
    "arrow": arrow,
    "box": box,
}
