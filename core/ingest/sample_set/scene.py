"""A crop as the microscope shows it: the cell of interest among red cells, platelets and now and then a neighbour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from core.ingest.sample_set.cells import LABELS, Cell
from core.ingest.sample_set.optics import Image, photograph
from core.ingest.sample_set.painter import EDGE_UM, Painting, paint_cell
from core.ingest.sample_set.stains import Slide
from core.ingest.sample_set.textures import Plane, bent, canvas_of, ellipse, inside, noise, ring

MIN_SIDE_PX, MAX_SIDE_PX = 60, 200
RED_CELL_UM = 3.6  # radius


@dataclass(frozen=True, slots=True)
class Framing:
    """Where a crop was cut: its size in pixels, and how far the cell lies from its middle in micrometres."""

    height_px: int
    width_px: int
    x_um: float
    y_um: float


def frame(rng: Generator, cell: Cell, slide: Slide) -> Framing:
    """Cut a box around a cell as a person or a detector would: with a margin, and not quite in the middle."""
    span = 2 * cell.radius_um * slide.px_per_um
    height, width = (int(np.clip(span * rng.uniform(1.12, 1.6), MIN_SIDE_PX, MAX_SIDE_PX)) for _ in range(2))
    x_um, y_um = rng.normal(0, 0.06 * cell.radius_um, 2).tolist()
    return Framing(height, width, x_um, y_um)


def picture_of(rng: Generator, label: str, slide: Slide, *, defocus_um: float = 0.0) -> Image:
    """Return a crop around a new cell of a label, (H, W, 3) uint8 RGB."""
    cell = LABELS[label](rng)
    framing = frame(rng, cell, slide)
    painting = Painting(canvas_of(framing.height_px, framing.width_px, slide.px_per_um))
    paint_surroundings(rng, painting, slide, clear_um=cell.radius_um)
    paint_cell(rng, painting, cell, framing.x_um, framing.y_um)
    return photograph(rng, painting, slide, defocus_um=defocus_um)


def paint_surroundings(rng: Generator, painting: Painting, slide: Slide, *, clear_um: float) -> None:
    """Paint red cells, platelets and rarely a white cell, all but clear of a circle about the middle."""
    high, wide = painting.canvas.reach_um
    painting.add("eosin", np.float32(0.03) * noise(rng, painting.canvas, 3.0))
    area = 4 * (high + 4) * (wide + 4)
    for _ in range(int(rng.poisson(slide.crowding * area / (np.pi * RED_CELL_UM**2)))):
        x, y = rng.uniform(-wide - 3, wide + 3), rng.uniform(-high - 3, high + 3)
        if np.hypot(x, y) > clear_um + RED_CELL_UM * rng.uniform(0.72, 1.0):
            _paint_red_cell(rng, painting, float(x), float(y))
    if rng.random() < 0.25:
        _paint_platelet(rng, painting, *_place_outside(rng, clear_um + 1.4, clear_um + 4))
    if rng.random() < 0.07:
        neighbour = LABELS[str(rng.choice(list(LABELS)))](rng)
        away = clear_um + neighbour.radius_um
        paint_cell(rng, painting, neighbour, *_place_outside(rng, away * 1.0, away * 1.12))


def _place_outside(rng: Generator, near_um: float, far_um: float) -> tuple[float, float]:
    angle, away = rng.uniform(0, 2 * np.pi), rng.uniform(near_um, far_um)
    return float(away * np.cos(angle)), float(away * np.sin(angle))


def _paint_red_cell(rng: Generator, painting: Painting, x_um: float, y_um: float) -> None:
    """Paint a red cell: a disc, thin in its middle (profile after Evans and Fung 1972), a little out of round."""
    painting = painting.part(x_um, y_um, 1.6 * RED_CELL_UM)
    x, y = bent(rng, painting.canvas, 0.14, 2.5)
    radius = RED_CELL_UM * float(rng.uniform(0.86, 1.12))
    outline = ellipse(
        x - np.float32(x_um), y - np.float32(y_um), radius, float(rng.uniform(1, 1.22)), float(rng.uniform(0, np.pi))
    )
    pallor = float(rng.uniform(0.4, 0.95))
    painting.add("haem", inside(outline, EDGE_UM) * _thickness(outline, radius, pallor) * np.float32(0.85))
    painting.add("haem", ring(outline + np.float32(0.15), 0.2) * np.float32(0.12))


def _thickness(outline: Plane, radius_um: float, pallor: float) -> Plane:
    rho = np.clip(1 + outline / np.float32(radius_um), 0, 1) ** 2
    biconcave = np.sqrt(1 - rho) * (0.207 + 2.003 * rho - 1.123 * rho * rho) / 0.84
    flat = 0.55 + 0.45 * rho
    return np.asarray(pallor * biconcave * 1.1 + (1 - pallor) * flat + 0.12, np.float32)


def _paint_platelet(rng: Generator, painting: Painting, x_um: float, y_um: float) -> None:
    """Paint a platelet: 2 to 3 um, lilac, granular in its middle, ragged."""
    painting = painting.part(x_um, y_um, 4.0)
    canvas = painting.canvas
    x, y = bent(rng, canvas, 0.25, 0.9)
    outline = ellipse(x - np.float32(x_um), y - np.float32(y_um), float(rng.uniform(0.9, 1.5)), 1.25, 0.7)
    speckle = np.clip(0.6 + 0.6 * noise(rng, canvas, 0.4), 0.1, 2)
    painting.add("azure", inside(outline, 0.25) * speckle * np.float32(0.28))
    painting.add("eosin", inside(outline, 0.3) * np.float32(0.3))
