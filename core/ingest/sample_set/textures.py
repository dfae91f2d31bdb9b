"""Noise, soft edges and dots: what everything painted in the sample set is made of. Lengths are in micrometres."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """The field of view, with the cell of interest near its middle.

    Attributes
    ----------
    x, y
        (H, W) position of every pixel, in micrometres from the middle.
    px_per_um
        Magnification.
    """

    x: Plane
    y: Plane
    px_per_um: float

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.x.shape
        return height, width

    @property
    def reach_um(self) -> tuple[float, float]:
        """Half the height and half the width."""
        return self.shape[0] / 2 / self.px_per_um, self.shape[1] / 2 / self.px_per_um


def canvas_of(height_px: int, width_px: int, px_per_um: float) -> Canvas:
    """Return the canvas of a crop."""
    y, x = np.mgrid[0:height_px, 0:width_px].astype(np.float32)
    return Canvas((x - (width_px - 1) / 2) / px_per_um, (y - (height_px - 1) / 2) / px_per_um, px_per_um)


def noise(rng: Generator, canvas: Canvas, scale_um: float) -> Plane:
    """Return smooth noise (H, W) of mean about 0 and deviation about 1 whose blobs are about `scale_um` wide."""
    step_px = max(1.0, scale_um * canvas.px_per_um * 0.7)
    height, width = canvas.shape
    grid = (int(height / step_px) + 4, int(width / step_px) + 4)
    coarse = rng.standard_normal(grid, dtype=np.float32) * np.float32(1.35)
    size = (int(grid[1] * step_px) + 1, int(grid[0] * step_px) + 1)
    fine: Plane = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    top, left = (int(rng.integers(0, int(step_px) + 1)) for _ in range(2))
    return fine[top : top + height, left : left + width]


def layered_noise(rng: Generator, canvas: Canvas, scale_um: float, octaves: int = 3) -> Plane:
    """Return noise with detail within detail: each octave half as wide and 0.6 times as strong."""
    total: Plane = noise(rng, canvas, scale_um)
    for octave in range(1, octaves):
        total = total + np.float32(0.6**octave) * noise(rng, canvas, scale_um / 2**octave)
    return total


def bent(rng: Generator, canvas: Canvas, amount_um: float, scale_um: float) -> tuple[Plane, Plane]:
    """Return the canvas's coordinates pushed about by `amount_um`, so that what is drawn in them looks grown."""
    amount = np.float32(amount_um)
    return (
        canvas.x + amount * noise(rng, canvas, scale_um),
        canvas.y + amount * noise(rng, canvas, scale_um),
    )


def inside(distance_um: Plane, softness_um: float) -> Plane:
    """Return 1 well inside (negative distance), 0 well outside, with an edge about `softness_um` wide."""
    steps = np.clip(distance_um / np.float32(softness_um), -30, 30)
    return np.asarray(1.0 / (1.0 + np.exp(steps)), np.float32)


def ring(distance_um: Plane, width_um: float) -> Plane:
    """Return a soft line, 1 high and about `width_um` wide, where the distance is 0."""
    return np.asarray(np.exp(-np.square(distance_um / np.float32(width_um))), np.float32)


def ellipse(x: Plane, y: Plane, radius_um: float, aspect: float, angle: float) -> Plane:
    """Return the distance to an ellipse about the origin, negative inside; `aspect` is long over short axis."""
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    long, short = np.float32(radius_um * np.sqrt(aspect)), np.float32(radius_um / np.sqrt(aspect))
    along, across = (x * cos + y * sin) / long, (y * cos - x * sin) / short
    return np.asarray((np.sqrt(along * along + across * across) - 1) * short, np.float32)


def dots(canvas: Canvas, centres_um: NDArray[np.float64], radii_um: NDArray[np.float64]) -> Plane:
    """Return round dots, 1 inside and 0 outside, with smooth edges.

    Parameters
    ----------
    centres_um
        (N, 2) x and y.
    radii_um
        (N,).
    """
    plane = np.zeros(canvas.shape, np.uint8)
    height, width = canvas.shape
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    where = np.round((centres_um * canvas.px_per_um + middle) * 16).astype(int)
    sizes = np.maximum(1, np.round(radii_um * canvas.px_per_um * 16)).astype(int)
    for (x, y), size in zip(where.tolist(), sizes.tolist(), strict=True):
        cv2.circle(plane, (x, y), size, 255, -1, cv2.LINE_AA, 4)
    return plane.astype(np.float32) / np.float32(255)


def scatter(rng: Generator, canvas: Canvas, allowed: Plane, count: int, radius_um: float) -> NDArray[np.float64]:
    """Return up to `count` points (N, 2) in micrometres, drawn where `allowed` (H, W), 0 to 1, lets them."""
    tries = rng.uniform(-radius_um, radius_um, (count * 3, 2))
    height, width = canvas.shape
    column = np.round(tries[:, 0] * canvas.px_per_um + (width - 1) / 2).astype(int)
    row = np.round(tries[:, 1] * canvas.px_per_um + (height - 1) / 2).astype(int)
    seen = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    chance = np.zeros(len(tries))
    chance[seen] = allowed[row[seen], column[seen]]
    return tries[rng.random(len(tries)) < chance][:count]
