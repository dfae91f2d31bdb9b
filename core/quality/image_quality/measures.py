"""What is measured for each kind of image problem but blur, and how odd it is in the data set.

Each is pure: the facts of the images in, deviations out (`core.quality.image_quality.usual`). A set that is dark by its
nature, as dark-field and fluorescence are, has dark images as its usual.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.facts.image_facts import ImageFacts
from core.quality.image_quality.usual import (
    Values,
    above,
    apart,
    below,
    centred,
    logit,
    rows_by_label,
    shifts,
    usual_range,
)

Labels = NDArray[np.int64]
_SEEN: Final = 0.12
"""Of a logit or logarithm: a change of an eighth, which nobody would call a fault."""
_PLATEAU: Final = 0.01
_PART: Final = 65_536
_UNUSUAL: Final = 2.0
_SENSORS: Final = (10, 12, 14)
_GREY, _FEW, _GREY_AMONG_COLOURS = 0.003, 0.05, 8.0


def measure_dark(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much darker than usual each is, both in its mean and in its brightest parts."""
    return _unless_usual_of_a_label(measure_darker(facts, labels), facts, ("mean", "p99"), labels)


def measure_darker(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) the same, of those too that are as dark as another label's images are."""
    return np.minimum(*(below(_level(facts, name, labels), _SEEN) for name in ("mean", "p99")))


def measure_bright(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much brighter than usual each is, both in its mean and in its brighter or its darkest parts.

    Where the brighter parts are at the end of the scale anyway, only the darkest tell that there was too much light.
    """
    mean, brighter, darkest = (above(_level(facts, name, labels), _SEEN) for name in ("mean", "p95", "p05"))
    found = np.minimum(mean, np.maximum(brighter, darkest))
    return _unless_usual_of_a_label(found, facts, ("mean", "p95"), labels)


def _unless_usual_of_a_label(found: Values, facts: ImageFacts, names: tuple[str, ...], labels: Labels) -> Values:
    """Return deviations, 0 of images whose levels are usual in another label: of those the data set has many.

    What lies between the labels' usual levels is usual nowhere, and stays odd.
    """
    rows = np.flatnonzero(found >= _UNUSUAL)
    levels = [level_of(facts, name) for name in names]
    moved = [shifts(level, labels) for level in levels]
    if not len(rows) or not any(shift.any() for shift in moved):
        return found
    usual = [usual_range(level + shift) for level, shift in zip(levels, moved, strict=True)]
    excused = np.zeros(len(rows), dtype=np.bool_)
    for row in rows_by_label(labels):
        inside = [
            (low <= level[rows] + shift[row]) & (level[rows] + shift[row] <= high)
            for level, shift, (low, _, high) in zip(levels, moved, usual, strict=True)
        ]
        excused |= np.all(inside, axis=0)
    found[rows[excused]] = 0
    return found


def measure_low_information(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much less each shows than usual: fewer levels (Shannon's entropy), and less contrast."""
    entropy = centred(facts.column("entropy").astype(np.float64), labels)
    columns = facts.columns(["p01", "p999"]).astype(np.float64)
    contrast = np.log(np.maximum(columns[:, 1] - columns[:, 0], 1e-6))
    return np.minimum(below(entropy, 0.03), below(centred(contrast, labels), _SEEN))


def measure_saturated(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much more of each than usual is at the end of the scale, where differences are lost.

    The end is that of the type, or the image's own greatest level where a plateau shows that the sensor had no more.
    """
    share = saturated_share(facts)
    # On a scale of square roots, shares that are large in many images leave room for larger ones.
    units = above(centred(np.sqrt(share), labels), 0.04)
    units[share < _PLATEAU] = 0
    return units


def saturated_share(facts: ImageFacts) -> Values:
    """Return (N,) the share of pixels that are saturated, 0 to 1."""
    columns = facts.columns(["clipped_high", "at_maximum", "bit_depth"]).astype(np.float64)
    # Of eight bits only the end of the type is one; deeper sensors end where they end.
    found: Values = np.where(columns[:, 2] > 8, np.maximum(columns[:, 0], columns[:, 1]), columns[:, 0])
    return found


def measure_odd_size(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much larger or smaller than usual each is, by the logarithm of its area."""
    return apart(centred(np.log(pixels_of(facts)), labels), _SEEN)


def pixels_of(facts: ImageFacts) -> Values:
    """Return (N,) how many pixels each image has."""
    found: Values = facts.columns(["width", "height"]).astype(np.float64).prod(1)
    return found


def measure_odd_aspect(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much longer or taller than usual each is, by the logarithm of width by height."""
    return apart(centred(np.log(aspect_of(facts)), labels), _SEEN)


def aspect_of(facts: ImageFacts) -> Values:
    """Return (N,) width by height."""
    columns = facts.columns(["width", "height"]).astype(np.float64)
    found: Values = columns[:, 0] / columns[:, 1]
    return found


def measure_odd_colour(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how far each is from the set's usual colours, whatever its brightness.

    The distance of Mahalanobis, with medians for means, over mean and deviation of the two chromatic components
    (opponent colours by the mean level) of an image's 64 patches. A few grey images among coloured ones are odd.
    """
    traits = np.column_stack([centred(column, labels) for column in chroma_of(facts).T])
    known = np.isfinite(traits).all(1)
    if known.sum() < 10 or not np.ptp(traits[known], axis=0).any():
        return np.zeros(len(facts))
    offset = traits - np.median(traits[known], axis=0)
    scale = 1.4826 * np.median(np.abs(offset[known]), axis=0)
    offset /= np.maximum(scale, 0.01)
    # The half nearest to the middle says how the components go together.
    near = known & (np.nan_to_num(np.abs(offset).max(1), nan=np.inf) < 3)
    shape = np.cov(offset[near].T) if near.sum() > 10 else np.eye(4)
    inverse = np.linalg.inv(shape + 0.1 * np.eye(4))
    distance = np.sqrt(np.einsum("ni,ij,nj->n", np.nan_to_num(offset), inverse, np.nan_to_num(offset)))
    distance[~known] = np.nan
    units = above(distance, 0.5)
    grey = facts.column("chroma") < _GREY
    if 0 < grey.sum() <= _FEW * known.sum():
        units[grey] = np.maximum(units[grey], _GREY_AMONG_COLOURS)
    return units


def chroma_of(facts: ImageFacts) -> Values:
    """Return (N, 4) mean and deviation of red against green and of yellow against blue, in shares of the level."""
    colours, found = facts.colours, np.full((len(facts), 4), np.nan)
    for start in range(0, len(facts), _PART):
        patches = colours[start : start + _PART].reshape(-1, 64, 3).astype(np.float32)
        red, green, blue = patches[..., 0], patches[..., 1], patches[..., 2]
        level = np.maximum(patches.mean(2).mean(1), 8)[:, None]
        first, second = (red - green) / level, (0.5 * (red + green) - blue) / level
        part = [first.mean(1), second.mean(1), first.std(1), second.std(1)]
        found[start : start + _PART] = np.column_stack(part)
    found[~facts.readable] = np.nan
    return found


def measure_cut_off(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much more than usual each object lies against one edge of its image."""
    return above(centred(touched(facts), labels), 0.1)


def touched(facts: ImageFacts) -> Values:
    """Return (N,) how much more of one edge the object covers than of the opposite one, 0 to 1.

    What lies against both edges fills the image, as in close crops; it is not cut off.
    """
    top, right, bottom, left = facts.columns([f"touch_{side}" for side in ("top", "right", "bottom", "left")]).T
    found: Values = np.maximum(np.abs(top - bottom), np.abs(right - left)).astype(np.float64)
    return found


def level_of(facts: ImageFacts, name: str = "mean") -> Values:
    """Return (N,) a level on the scale that light is judged on (`core.quality.image_quality.usual.logit`)."""
    return logit(facts.column(name).astype(np.float64) * _of_sensor(facts))


def _level(facts: ImageFacts, name: str, labels: Labels) -> Values:
    return centred(level_of(facts, name), labels)


def _of_sensor(facts: ImageFacts) -> float:
    """Return by what levels are multiplied to be shares of the sensor's range: many give 10 to 14 bits, kept as 16."""
    used, bits = facts.columns(["p999", "bit_depth"]).T
    known = np.isfinite(used) & np.isfinite(bits)
    if not known.any() or (bits[known] != 16).any():
        return 1.0
    most = float(used[known].max()) * 65_535
    return next((65_535 / (2**depth - 1) for depth in _SENSORS if most <= 2**depth - 1), 1.0)
