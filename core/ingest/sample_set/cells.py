"""What each label looks like under a Romanowsky stain (Giemsa, Wright), as numbers drawn anew for every cell.

The ranges overlap where the real ones do: a large lymphocyte comes close to a monocyte, a band neutrophil has a
monocyte's folded nucleus, an eosinophil that lost its granules passes for a neutrophil, and the last stage of an
erythroblast has a lymphocyte's round, dense nucleus. A classifier, like a student, makes its mistakes there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

Circle = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Granules:
    """Granules in the cytoplasm: how many, how wide (micrometres), how strongly stained, and with what.

    `shine` is how much of the middle is bright (eosinophil granules refract light); `over_nucleus` how much they
    hide the nucleus.
    """

    stain: str
    count: int
    size_um: float
    strength: float
    shine: float = 0.0
    over_nucleus: float = 0.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, ready to be painted. Positions and radii of `nucleus` are in units of the cell's radius.

    Attributes
    ----------
    radius_um, aspect, ruggedness_um
        Outline: size, long over short axis, how far the edge wanders.
    cytoplasm
        Concentration of each stain.
    grain
        How uneven the cytoplasm is: 0 smooth, 0.5 coarse.
    edge
        How much darker (above 0) or paler (below 0) the cytoplasm is towards its edge.
    halo
        How pale the zone around the nucleus is, 0 to 1.
    vacuoles
        Clear bubbles in the cytoplasm.
    nucleus
        Circles (x, y, radius) that melt into one body.
    bridge
        Radius of the threads that join circles in sequence; 0 for none.
    density
        Mean stain of the chromatin.
    clump, clump_um
        How strongly chromatin is gathered into clumps, and how wide these are.
    granules
        Any number of kinds.
    """

    radius_um: float
    aspect: float
    ruggedness_um: float
    cytoplasm: dict[str, float]
    grain: float
    edge: float
    halo: float
    vacuoles: int
    nucleus: tuple[Circle, ...]
    bridge: float
    density: float
    clump: float
    clump_um: float
    granules: tuple[Granules, ...] = ()


def neutrophil(rng: Generator) -> Cell:
    """Neutrophil: 12 to 14 um; two to five dark lobes joined by threads, or an unlobed band; pale pink cytoplasm.

    Its own granules are finer than the light resolves and show as a lilac dust.
    """
    lobes = int(rng.choice([1, 2, 3, 4, 5], p=[0.2, 0.15, 0.38, 0.2, 0.07]))
    nucleus = _arc(rng, 6, _u(rng, 2.6, 4.4), 0.5, _u(rng, 0.24, 0.34)) if lobes == 1 else _lobes(rng, lobes)
    return Cell(
        radius_um=_u(rng, 5.6, 7.0),
        aspect=_u(rng, 1.0, 1.18),
        ruggedness_um=0.28,
        cytoplasm={"eosin": _u(rng, 0.45, 0.85), "blue": _u(rng, 0.0, 0.25)},
        grain=_u(rng, 0.18, 0.32),
        edge=-0.15,
        halo=0.0,
        vacuoles=int(rng.choice([0, 0, 0, 1, 2])),
        nucleus=nucleus,
        bridge=_u(rng, 0.07, 0.13),
        density=_u(rng, 0.85, 1.2),
        clump=_u(rng, 0.25, 0.42),
        clump_um=_u(rng, 0.9, 1.4),
        granules=(Granules("azure", int(rng.integers(30, 120)), 0.16, _u(rng, 0.06, 0.2)),),
    )


def eosinophil(rng: Generator) -> Cell:
    """Eosinophil: 12 to 16 um; usually two lobes like spectacles; packed with coarse orange-red granules that shine.

    About one in seven has lost most granules and is pale.
    """
    spent = rng.random() < 0.14
    count = int(rng.integers(30, 90)) if spent else int(rng.integers(170, 330))
    strength = _u(rng, 0.42, 0.7) if spent else _u(rng, 0.6, 1.0)
    return Cell(
        radius_um=_u(rng, 5.9, 7.5),
        aspect=_u(rng, 1.0, 1.2),
        ruggedness_um=0.3,
        cytoplasm={"eosin": _u(rng, 0.5, 0.95), "blue": _u(rng, 0.0, 0.2)},
        grain=0.22,
        edge=-0.1,
        halo=0.0,
        vacuoles=int(rng.choice([0, 0, 1, 3])) if spent else 0,
        nucleus=_lobes(rng, int(rng.choice([2, 3, 4], p=[0.72, 0.22, 0.06]))),
        bridge=_u(rng, 0.09, 0.17),
        density=_u(rng, 0.75, 1.05),
        clump=_u(rng, 0.2, 0.36),
        clump_um=_u(rng, 0.9, 1.4),
        granules=(Granules("orange", count, _u(rng, 0.27, 0.38), strength, shine=0.5, over_nucleus=0.35),),
    )


def basophil(rng: Generator) -> Cell:
    """Basophil: 10 to 14 um; coarse blue-black granules of unequal size that hide a paler, bent nucleus.

    The granules dissolve in water: in some they are washed out and leave a lilac cell with holes.
    """
    washed = rng.random() < 0.2
    count = int(rng.integers(14, 36)) if washed else int(rng.integers(45, 130))
    return Cell(
        radius_um=_u(rng, 5.0, 6.8),
        aspect=_u(rng, 1.0, 1.2),
        ruggedness_um=0.3,
        cytoplasm={"eosin": _u(rng, 0.3, 0.6), "blue": _u(rng, 0.15, 0.45), "azure": _u(rng, 0.02, 0.09)},
        grain=0.3,
        edge=-0.1,
        halo=0.0,
        vacuoles=int(rng.integers(3, 9)) if washed else int(rng.integers(0, 3)),
        nucleus=_lobes(rng, int(rng.choice([2, 3]))) if rng.random() < 0.6 else _arc(rng, 5, 2.4, 0.36, 0.36),
        bridge=0.22,
        density=_u(rng, 0.55, 0.8),
        clump=_u(rng, 0.12, 0.25),
        clump_um=1.5,
        granules=(Granules("dark", count, _u(rng, 0.27, 0.42), _u(rng, 0.5, 0.9), over_nucleus=0.9),),
    )


def lymphocyte(rng: Generator) -> Cell:
    """Lymphocyte: small ones (8 to 10 um) are almost all nucleus, round, dense, in smudged blocks, with a blue rim.

    Large ones (11 to 16 um) have ample sky-blue cytoplasm, darker at the edge, sometimes a few azure granules.
    """
    large = rng.random() < 0.36
    ratio = _u(rng, 0.58, 0.76) if large else _u(rng, 0.8, 0.92)
    off = (1 - ratio) * _u(rng, 0.2, 0.8)
    few = int(rng.integers(4, 14)) if large and rng.random() < 0.4 else 0
    return Cell(
        radius_um=_u(rng, 5.4, 7.9) if large else _u(rng, 3.9, 5.4),
        aspect=_u(rng, 1.0, 1.25),
        ruggedness_um=0.4 if large else 0.22,
        cytoplasm={"blue": _u(rng, 0.45, 1.0), "eosin": _u(rng, 0.0, 0.15)},
        grain=_u(rng, 0.08, 0.18),
        edge=_u(rng, 0.1, 0.5),
        halo=_u(rng, 0.2, 0.6),
        vacuoles=0,
        nucleus=_round(rng, ratio, off, dent=_u(rng, 0.0, 0.5 if large else 0.3)),
        bridge=0.0,
        density=_u(rng, 0.8, 1.05) if large else _u(rng, 0.95, 1.25),
        clump=_u(rng, 0.16, 0.34),
        clump_um=_u(rng, 1.2, 2.0),
        granules=(Granules("azure", few, 0.3, 0.7),) if few else (),
    )


def monocyte(rng: Generator) -> Cell:
    """Monocyte: the largest, 13 to 19 um; kidney, horseshoe or folded nucleus with lacy, pale chromatin.

    Cytoplasm grey-blue like ground glass, with fine dust and often a few vacuoles; the outline wanders.
    """
    shape = rng.random()
    if shape < 0.6:
        nucleus = _arc(rng, 6, _u(rng, 2.0, 4.0), _u(rng, 0.36, 0.48), _u(rng, 0.27, 0.36))
    else:
        nucleus = _round(rng, _u(rng, 0.56, 0.72), _u(rng, 0.05, 0.25), dent=_u(rng, 0.3, 1.0))
    return Cell(
        radius_um=_u(rng, 6.3, 9.0),
        aspect=_u(rng, 1.0, 1.28),
        ruggedness_um=_u(rng, 0.4, 0.95),
        cytoplasm={"blue": _u(rng, 0.5, 0.95), "eosin": _u(rng, 0.2, 0.6)},
        grain=_u(rng, 0.15, 0.28),
        edge=_u(rng, -0.15, 0.2),
        halo=0.0,
        vacuoles=int(rng.choice([0, 0, 2, 4, 7])),
        nucleus=nucleus,
        bridge=0.0,
        density=_u(rng, 0.62, 0.92),
        clump=_u(rng, 0.2, 0.38),
        clump_um=_u(rng, 0.7, 1.2),
        granules=(Granules("azure", int(rng.integers(20, 80)), 0.2, _u(rng, 0.1, 0.35)),),
    )


def erythroblast(rng: Generator) -> Cell:
    """Erythroblast, a red cell with its nucleus still in: 8 to 13 um, nucleus round, very dense, like a chessboard.

    As it ripens its cytoplasm turns from royal blue through grey to the pink of a red cell, and the nucleus shrinks.
    """
    age = float(rng.beta(1.9, 1.2))
    ratio = 0.80 - 0.30 * age + _u(rng, -0.05, 0.05)
    return Cell(
        radius_um=6.3 - 1.9 * age + _u(rng, -0.5, 0.5),
        aspect=_u(rng, 1.0, 1.15),
        ruggedness_um=0.2,
        cytoplasm={"blue": 1.35 * (1 - age) + 0.1, "haem": 0.1 + 0.6 * age, "eosin": 0.7 * age},
        grain=_u(rng, 0.08, 0.18),
        edge=_u(rng, 0.0, 0.25),
        halo=0.25 * (1 - age),
        vacuoles=0,
        nucleus=_round(rng, ratio, (1 - ratio) * _u(rng, 0.0, 0.7), dent=0.0),
        bridge=0.0,
        density=1.05 + 0.25 * age,
        clump=_u(rng, 0.3, 0.5) * (1.1 - 0.6 * age),
        clump_um=_u(rng, 1.0, 1.5),
    )


LABELS: Final[dict[str, Callable[[Generator], Cell]]] = {
    "Basophil": basophil,
    "Eosinophil": eosinophil,
    "Erythroblast": erythroblast,
    "Lymphocyte": lymphocyte,
    "Monocyte": monocyte,
    "Neutrophil": neutrophil,
}


def _u(rng: Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _round(rng: Generator, ratio: float, off: float, *, dent: float) -> tuple[Circle, ...]:
    """Return a round nucleus, `off` the centre, made of two circles that part a little for a `dent`."""
    angle, turn = _u(rng, 0, 2 * np.pi), _u(rng, 0, np.pi)
    x, y = off * np.cos(angle), off * np.sin(angle)
    apart, radius = 0.36 * dent * ratio, ratio * (1 - 0.2 * dent)
    step_x, step_y = apart * np.cos(turn), apart * np.sin(turn)
    return ((x - step_x, y - step_y, radius), (x + step_x, y + step_y, radius * _u(rng, 0.9, 1.0)))


def _arc(rng: Generator, count: int, sweep: float, bend: float, radius: float) -> tuple[Circle, ...]:
    """Return a kidney, horseshoe or band: circles along an arc of `sweep` radians at `bend` from its centre."""
    start, shift = _u(rng, 0, 2 * np.pi), _u(rng, 0, 0.12)
    angles = start + np.linspace(-sweep / 2, sweep / 2, count)
    back_x, back_y = (bend * 0.45 + shift) * np.cos(start), (bend * 0.45 + shift) * np.sin(start)
    sizes = radius * rng.uniform(0.9, 1.1, count)
    return tuple(
        (float(bend * np.cos(a) - back_x), float(bend * np.sin(a) - back_y), float(size))
        for a, size in zip(angles, sizes, strict=True)
    )


def _lobes(rng: Generator, count: int) -> tuple[Circle, ...]:
    """Return lobes strung out like beads, turning as they go, about the centre of the cell."""
    radius = {2: 0.37, 3: 0.31, 4: 0.27, 5: 0.24}[count]
    heading, points = _u(rng, 0, 2 * np.pi), [np.zeros(2)]
    turn = _u(rng, 0.7, 1.6) * rng.choice([-1, 1])
    for _ in range(count - 1):
        step = radius * _u(rng, 1.8, 2.5)
        points.append(points[-1] + step * np.array([np.cos(heading), np.sin(heading)]))
        heading += turn * _u(rng, 0.6, 1.3)
    spread = np.array(points) - np.mean(points, axis=0)
    far = float(np.hypot(*spread.T).max()) + radius
    spread *= min(1.0, (0.86 - radius) / max(far - radius, 1e-6))
    return tuple((float(x), float(y), radius * _u(rng, 0.85, 1.12)) for x, y in spread)
