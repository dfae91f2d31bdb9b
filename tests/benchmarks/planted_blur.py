"""Data sets of known quality for the benchmarks: made-up dark-field pictures, and blur planted into any pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[Any]
KINDS: Final = ("gaussian", "motion", "defocus")


@dataclass(frozen=True, slots=True)
class DarkField:
    """How a set of dark-field pictures varies.

    `levels` is the greatest level of the type; `background` and `brightness` are medians as shares of it, which vary
    from image to image by log-normal factors of `spread`; `objects` is the mean number in a picture.
    """

    levels: int = 255
    background: float = 0.015
    brightness: float = 0.35
    spread: float = 0.35
    objects: float = 9.0
    noise: float = 0.006
    size: tuple[int, int] = (112, 176)


def dark_field(random: np.random.Generator, count: int, look: DarkField) -> list[Pixels]:
    """Return pictures (H, W) of small bright objects on a nearly black ground, uint8 or uint16."""
    return [_dark_picture(random, look) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Fluorescence:
    """How a set of fluorescence pictures varies: soft objects, even ground, noise of the detector.

    Levels are those of the type; `brightness` varies from image to image by log-normal factors of `spread`, the number
    of `objects` and their `radius` evenly in a range. A negative brightness makes dark objects, as in bright-field.
    """

    kind: type[np.generic]
    brightness: float
    background: float
    noise: float
    objects: tuple[int, int] = (6, 14)
    radius: tuple[float, float] = (3, 8)
    spread: float = 0.5
    size: int = 80


def fluorescence(random: np.random.Generator, count: int, look: Fluorescence) -> list[Pixels]:
    """Return square pictures (size, size) of flat-topped soft objects, uint8 or uint16."""
    return [_fluorescent_picture(random, look) for _ in range(count)]


def _fluorescent_picture(random: np.random.Generator, look: Fluorescence) -> Pixels:
    y, x = np.mgrid[: look.size, : look.size].astype(np.float32)
    picture = np.full(x.shape, look.background, np.float32)
    brightness = look.brightness * random.lognormal(0, look.spread)
    for _ in range(random.integers(look.objects[0], look.objects[1] + 1)):
        (cy, cx), long = random.uniform(8, look.size - 8, 2), random.uniform(*look.radius)
        wide = long * random.uniform(0.7, 1.3)
        edge = ((x - cx) / long) ** 2 + ((y - cy) / wide) ** 2
        picture += brightness * random.uniform(0.5, 1) * np.exp(-(edge**2))
    return with_noise(cv2.GaussianBlur(picture, (0, 0), 0.8), look.noise, look.kind, random)


def with_noise(picture: Pixels, noise: float, kind: Any, random: np.random.Generator) -> Pixels:
    """Return a picture as a detector with noise of that deviation gives it, in the range of its type."""
    levels = picture + random.normal(0, noise, picture.shape)
    return np.clip(levels, 0, np.iinfo(kind).max).astype(kind)


def _dark_picture(random: np.random.Generator, look: DarkField) -> Pixels:
    height, width = random.integers(*look.size, 2)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    slope = random.normal(0, 0.2, 2)
    ground = look.background * random.lognormal(0, look.spread)
    picture = ground * (1 + slope[0] * (x / width - 0.5) + slope[1] * (y / height - 0.5)).astype(np.float32)
    brightness = look.brightness * random.lognormal(0, look.spread)
    for _ in range(1 + random.poisson(look.objects)):
        cy, cx, radius = random.uniform(0, height), random.uniform(0, width), random.lognormal(1.1, 0.5)
        long = radius * random.uniform(1, 2.5)
        angle = random.uniform(0, np.pi)
        u = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
        v = -(x - cx) * np.sin(angle) + (y - cy) * np.cos(angle)
        edge = np.hypot(u / long, v / radius)
        picture += brightness * random.lognormal(-0.3, 0.5) / (1 + np.exp(np.clip((edge - 1) * radius * 1.5, -30, 30)))
    shot = np.sqrt(np.maximum(picture, 0) * look.noise * 0.3) * random.normal(size=picture.shape)
    picture = picture + shot + random.normal(0, look.noise, picture.shape)
    kind = np.uint8 if look.levels <= 255 else np.uint16
    return np.clip(picture * look.levels + 0.5, 0, look.levels).astype(kind)


def blurred(image: Pixels, kind: str, strength: float, random: np.random.Generator) -> Pixels:
    """Return an image blurred by about `strength` pixels of standard deviation."""
    if kind == "gaussian":
        return cv2.GaussianBlur(image, (0, 0), strength)
    kernel = _line(3.46 * strength, random.uniform(0, np.pi)) if kind == "motion" else _disc(2 * strength)
    return cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REFLECT_101)


def _line(length: float, angle: float) -> NDArray[np.float32]:
    """Return the kernel of a camera that moves along a straight line."""
    half = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for step in np.linspace(-length / 2, length / 2, 16 * half):
        row, column = half + step * np.sin(angle), half + step * np.cos(angle)
        top, left = int(np.floor(row)), int(np.floor(column))
        for dy in (0, 1):
            for dx in (0, 1):
                kernel[top + dy, left + dx] += abs(1 - dy - row + top) * abs(1 - dx - column + left)
    return kernel / kernel.sum()


def _disc(radius: float) -> NDArray[np.float32]:
    """Return the kernel of a lens that is out of focus."""
    half = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-half : half + 1, -half : half + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(y, x), 0, 1).astype(np.float32)
    return kernel / kernel.sum()
