"""The dyes of a Romanowsky stain, and how each slide took them.

Light through stained tissue follows Beer and Lambert: each dye takes away its share of red, green and blue,
exponentially in its concentration. A slide that stood too long, or in a buffer too acid or too alkaline, differs in
how much of each dye it took and a little in their hue; so do lamps, cameras and their white balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Transmitted red, green and blue at concentration 1.
_COLOURS: Final[dict[str, tuple[float, float, float]]] = {
    "azure": (0.40, 0.22, 0.55),  # chromatin: the purple of azure B with eosin
    "blue": (0.64, 0.73, 0.88),  # ribosomes: the sky blue of a lymphocyte's cytoplasm
    "eosin": (0.93, 0.77, 0.80),  # a neutrophil's cytoplasm
    "haem": (0.87, 0.63, 0.61),  # a red cell
    "orange": (0.84, 0.44, 0.34),  # an eosinophil's granules
    "dark": (0.27, 0.15, 0.44),  # a basophil's granules
    "soot": (0.30, 0.29, 0.27),  # dust and ink, no dye
}
STAINS: Final[dict[str, int]] = {name: index for index, name in enumerate(_COLOURS)}


@dataclass(frozen=True, slots=True, eq=False)
class Slide:
    """How one slide was stained and photographed.

    Attributes
    ----------
    name
        ``slide01`` and so on.
    density
        (S, 3) optical density of each stain at concentration 1, in red, green and blue.
    plasma
        (S,) concentration of each stain in the dried plasma between the cells.
    lamp
        (3,) brightness of clear glass, 0 to 1.
    px_per_um
        Magnification.
    blur_um
        Focus: deviation of the blur.
    fringe_px
        How far red and blue part at the edge of the field.
    noise
        Deviation of the sensor's noise at full brightness, 0 to 1.
    shade, shade_angle
        How much darker the light is across the field, and towards where.
    crowding
        Share of the glass that red cells cover.
    quality
        JPEG quality, 1 to 100; 0 for PNG.
    """

    name: str
    density: Floats
    plasma: Floats
    lamp: Floats
    px_per_um: float
    blur_um: float
    fringe_px: float
    noise: float
    shade: float
    shade_angle: float
    crowding: float
    quality: int


def make_slide(rng: Generator, number: int) -> Slide:
    """Return a slide with a stain, a focus and a light of its own."""
    strength = rng.uniform(0.72, 1.3)
    acidity = rng.uniform(-0.28, 0.28)  # acid buffers favour eosin, alkaline ones the blues
    favoured = {"eosin": acidity, "haem": acidity, "orange": acidity, "azure": -0.4 * acidity, "blue": -acidity}
    density = -np.log(np.array(list(_COLOURS.values())))
    for stain, row in STAINS.items():
        density[row] *= strength * (1 + favoured.get(stain, 0.0)) * rng.uniform(0.92, 1.08, 3)
    plasma = np.zeros(len(STAINS))
    plasma[STAINS["eosin"]] = rng.uniform(0.02, 0.35)
    plasma[STAINS["blue"]] = rng.uniform(0.0, 0.14)
    return Slide(
        name=f"slide{number:02d}",
        density=density.astype(np.float32),
        plasma=plasma.astype(np.float32),
        lamp=(rng.uniform(0.86, 0.97) * rng.uniform([0.98, 0.95, 0.88], [1.02, 1.0, 1.0])).astype(np.float32),
        px_per_um=float(rng.uniform(5.2, 9.0)),
        blur_um=float(rng.choice([0.08, 0.12, 0.16, 0.24])),
        fringe_px=float(rng.uniform(0.2, 0.9)),
        noise=float(rng.uniform(0.008, 0.022)),
        shade=float(rng.uniform(0.02, 0.14)),
        shade_angle=float(rng.uniform(0, 2 * np.pi)),
        crowding=float(rng.uniform(0.2, 0.75)),
        quality=0 if number % 6 == 4 else int(rng.choice([78, 85, 90, 94])),
    )
