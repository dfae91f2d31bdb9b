"""What gets photographed in place of a cell: a dust fibre, an air bubble, a pen mark, an empty field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from core.ingest.sample_set.optics import Image, photograph
from core.ingest.sample_set.painter import Painting
from core.ingest.sample_set.plan import Foreign
from core.ingest.sample_set.scene import paint_surroundings
from core.ingest.sample_set.stains import Slide
from core.ingest.sample_set.textures import Plane, bent, canvas_of, inside, layered_noise, noise, ring


def foreign_picture(rng: Generator, foreign: Foreign, slide: Slide) -> Image:
    """Return a crop without a cell, (H, W, 3) uint8 RGB."""
    height, width = rng.integers(80, 180, 2).tolist()
    painting = Painting(canvas_of(height, width, slide.px_per_um))
    high, wide = painting.canvas.reach_um
    nearly_all = float(np.hypot(high, wide)) if rng.random() < 0.5 else 4.0
    paint_surroundings(rng, painting, slide, clear_um=nearly_all)
    _PAINTERS[foreign](rng, painting)
    return photograph(rng, painting, slide)


def _fibre(rng: Generator, painting: Painting) -> None:
    """Paint a dust fibre: a dark bent thread, above the focus and so with soft edges."""
    canvas = painting.canvas
    height, width = canvas.shape
    steps = np.linspace(0, 1, 40)
    turn, start = rng.uniform(-2.5, 2.5), rng.uniform(0, 2 * np.pi)
    heading = start + turn * steps + 0.5 * np.sin(steps * rng.uniform(3, 9))
    path = np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)
    path = (path - path.mean(axis=0)) / np.ptp(path, axis=0).max() * rng.uniform(0.95, 1.5) * min(height, width)
    points = np.round((path + np.array([width / 2, height / 2])) * 16).astype(np.int32)
    line = np.zeros(canvas.shape, np.uint8)
    thick_px = max(2, round(float(rng.uniform(0.35, 0.9)) * canvas.px_per_um))
    cv2.polylines(line, [points], False, 255, thick_px, cv2.LINE_AA, 4)
    thread = cv2.GaussianBlur(line.astype(np.float32) / 255, (0, 0), 0.22 * canvas.px_per_um)
    painting.add("soot", thread * np.clip(1.1 + 0.15 * noise(rng, canvas, 2.5), 0.6, 2))


def _bubble(rng: Generator, painting: Painting) -> None:
    """Paint an air bubble in the mountant: clear inside, a black rim where light is bent away, a bright line within."""
    canvas = painting.canvas
    radius = 0.8 * min(canvas.reach_um) * float(rng.uniform(0.7, 1.1))
    distance = np.hypot(canvas.x, canvas.y) - np.float32(radius)
    painting.clear(inside(distance, 0.3) * np.float32(0.8))
    painting.add("soot", ring(distance, 0.11 * radius) * np.float32(1.5))
    painting.add("soot", ring(distance + np.float32(0.25 * radius), 0.05 * radius) * np.float32(0.25))
    painting.add("soot", ring(distance - np.float32(0.18 * radius), 0.05 * radius) * np.float32(0.2))


def _pen(rng: Generator, painting: Painting) -> None:
    """Paint a felt-pen stroke on the cover glass: a broad band of ink, streaked along its way, far out of focus."""
    canvas = painting.canvas
    x, y = bent(rng, canvas, 0.8, 9.0)
    angle = float(rng.uniform(0, np.pi))
    across = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    half = 0.6 * min(canvas.reach_um)
    band = inside(np.abs(across - np.float32(rng.uniform(-2, 2))) - np.float32(half), 0.6)
    streaks = np.clip(1 + 0.22 * np.sin(across * 3.1) + 0.2 * layered_noise(rng, canvas, 5.0), 0.3, 2)
    ink: Plane = band * streaks
    painting.add("blue", ink * np.float32(rng.uniform(1.5, 3.5)))
    painting.add("soot", ink * np.float32(rng.uniform(0.3, 0.9)))


def _nothing(rng: Generator, painting: Painting) -> None:
    """Leave the field as it is: plasma, and what red cells there are."""


_PAINTERS: Final[dict[Foreign, Callable[[Generator, Painting], None]]] = {
    Foreign.FIBRE: _fibre,
    Foreign.BUBBLE: _bubble,
    Foreign.PEN: _pen,
    Foreign.EMPTY: _nothing,
}
