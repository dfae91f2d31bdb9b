"""Paints a `Cell` as concentrations of stain; light comes later, in `optics`."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from core.ingest.sample_set.cells import Cell, Granules
from core.ingest.sample_set.stains import STAINS
from core.ingest.sample_set.textures import (
    Canvas,
    Plane,
    bent,
    dots,
    ellipse,
    inside,
    layered_noise,
    noise,
    ring,
    scatter,
)

EDGE_UM = 0.13


class Painting:
    """The stain on the glass: (S, H, W) concentrations, one plane for each of `STAINS`."""

    def __init__(self, canvas: Canvas, planes: Plane | None = None) -> None:
        self.canvas = canvas
        self.planes = np.zeros((len(STAINS), *canvas.shape), np.float32) if planes is None else planes

    def part(self, x_um: float, y_um: float, reach_um: float) -> Painting:
        """Return the square about a point, cut off at the border: painting on it paints here."""
        canvas = self.canvas
        height, width = canvas.shape
        column, row = x_um * canvas.px_per_um + (width - 1) / 2, y_um * canvas.px_per_um + (height - 1) / 2
        reach_px = reach_um * canvas.px_per_um
        rows = slice(max(0, int(row - reach_px)), max(0, int(row + reach_px) + 1))
        columns = slice(max(0, int(column - reach_px)), max(0, int(column + reach_px) + 1))
        window = Canvas(canvas.x[rows, columns], canvas.y[rows, columns], canvas.px_per_um)
        return Painting(window, self.planes[:, rows, columns])

    def add(self, stain: str, amount: Plane) -> None:
        """Lay more of a stain on what is there."""
        self.planes[STAINS[stain]] += amount

    def clear(self, share: Plane) -> None:
        """Take away a share (H, W), 0 to 1, of everything that is there."""
        self.planes *= 1 - share


def paint_cell(rng: Generator, painting: Painting, cell: Cell, x_um: float = 0.0, y_um: float = 0.0) -> Plane:
    """Paint a nucleated cell at a place; returns the distance to its outline (H, W), negative inside."""
    whole = painting.canvas
    canvas = Canvas(whole.x - np.float32(x_um), whole.y - np.float32(y_um), whole.px_per_um)
    x, y = bent(rng, canvas, cell.ruggedness_um, cell.radius_um * 1.1)
    outline = ellipse(x, y, cell.radius_um, cell.aspect, float(rng.uniform(0, np.pi)))
    body = inside(outline, EDGE_UM)
    nuclear = _nucleus_distance(rng, canvas, cell)
    nuclear = np.maximum(nuclear, outline + np.float32(0.25))  # it never leaves the cell
    core = inside(nuclear, EDGE_UM)
    painting.clear(body * np.float32(0.9))
    _paint_cytoplasm(rng, painting, cell, outline, nuclear, body)
    painting.clear(core * np.float32(0.8))
    painting.add("azure", core * _chromatin(rng, canvas, cell, nuclear))
    for granules in cell.granules:
        _paint_granules(rng, painting, granules, body, core, cell.radius_um * cell.aspect, (x_um, y_um))
    return outline


def _nucleus_distance(rng: Generator, canvas: Canvas, cell: Cell) -> Plane:
    """Return the distance to the nucleus: circles melted together, joined by threads, bent by noise."""
    x, y = bent(rng, canvas, 0.035 * cell.radius_um, cell.radius_um * 0.65)
    size = cell.radius_um
    melt = np.float32(5.0 / size)
    total = np.zeros(canvas.shape, np.float32)
    for cx, cy, radius in cell.nucleus:
        distance = np.hypot(x - np.float32(cx * size), y - np.float32(cy * size)) - np.float32(radius * size)
        total += np.exp(np.clip(-melt * distance * 3, -40, 40))
    body = -np.log(total + np.float32(1e-12)) / (3 * melt)
    if cell.bridge:
        for (ax, ay, _), (bx, by, _) in zip(cell.nucleus[:-1], cell.nucleus[1:], strict=True):
            body = np.minimum(body, _thread(x / size, y / size, (ax, ay, bx, by)) * size - cell.bridge * size)
    return np.asarray(body, np.float32)


def _thread(x: Plane, y: Plane, ends: tuple[float, float, float, float]) -> Plane:
    """Return the distance to the line between two points."""
    ax, ay, bx, by = ends
    dx, dy = bx - ax, by - ay
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
    return np.asarray(np.hypot(x - ax - along * dx, y - ay - along * dy), np.float32)


def _paint_cytoplasm(
    rng: Generator, painting: Painting, cell: Cell, outline: Plane, nuclear: Plane, body: Plane
) -> None:
    canvas = painting.canvas
    texture = 1 + np.float32(cell.grain) * (
        layered_noise(rng, canvas, 2.2) * np.float32(0.5) + noise(rng, canvas, 0.3) * np.float32(0.7)
    )
    towards_edge = np.exp(np.clip(outline / np.float32(0.3 * cell.radius_um), -6, 0))
    thickness = texture * (1 + np.float32(cell.edge) * towards_edge)
    thickness *= 1 - np.float32(cell.halo) * ring(np.maximum(nuclear, 0), 0.9)
    if cell.vacuoles:
        holes = scatter(rng, canvas, body, cell.vacuoles, cell.radius_um)
        bubbles = dots(canvas, holes, rng.uniform(0.25, 0.75, len(holes)))
        thickness *= 1 - np.float32(0.75) * cv2.GaussianBlur(bubbles, (0, 0), 0.15 * canvas.px_per_um)
    thickness = np.clip(thickness, 0.05, 2.5) * body
    for stain, amount in cell.cytoplasm.items():
        painting.add(stain, thickness * np.float32(amount))
    membrane = ring(outline, 0.22) * np.float32(0.16)
    painting.add("azure" if cell.cytoplasm.get("blue", 0.0) > 0.4 else "eosin", membrane)


def _chromatin(rng: Generator, canvas: Canvas, cell: Cell, nuclear: Plane) -> Plane:
    """Return the stain of the nucleus: clumps with clear channels between them, darker along the envelope."""
    clumps = np.tanh(1.6 * layered_noise(rng, canvas, cell.clump_um, 2))
    fine = noise(rng, canvas, 0.35)
    envelope = ring(nuclear + np.float32(0.3), 0.35)
    depth = np.clip(-nuclear / np.float32(0.35 * cell.radius_um), 0, 1)  # a nucleus is thicker in its middle
    stain = 0.86 + 0.14 * depth + cell.clump * clumps + 0.09 * fine + 0.16 * envelope
    return np.asarray(cell.density * np.clip(stain, 0.25, 1.9), np.float32)


def _paint_granules(
    rng: Generator,
    painting: Painting,
    granules: Granules,
    body: Plane,
    core: Plane,
    reach_um: float,
    at_um: tuple[float, float],
) -> None:
    canvas = painting.canvas
    allowed = body * (1 - core * np.float32(1 - granules.over_nucleus))
    local = scatter(rng, canvas, allowed, granules.count, reach_um + abs(at_um[0]) + abs(at_um[1]))
    sizes = granules.size_um * rng.lognormal(0.0, 0.22, len(local))
    grains = dots(canvas, local, sizes) * body
    grains = cv2.GaussianBlur(grains, (0, 0), max(0.45, 0.09 * canvas.px_per_um))
    if granules.shine:
        glints = dots(canvas, local - 0.25 * granules.size_um, sizes * 0.45)
        grains = np.clip(grains - np.float32(granules.shine) * glints, 0, 1)
    painting.clear(grains * np.float32(0.45 if granules.strength > 0.3 else 0.0))
    painting.add(granules.stain, grains * np.float32(granules.strength))
