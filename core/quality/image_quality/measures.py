"""What is measured for each kind of image problem but blur, and how odd it is in the data set.

Each is pure: the facts of the images in, deviations out (`core.quality.image_quality.usual`). A set that is dark by its
nature, as dark-field and fluorescence are, has dark images as its usual.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.facts.image_facts import ImageFacts
from core.quality.image_quality.usual import Values, above, apart, below, centred, logit

Labels = NDArray[np.int64]
_SEEN: Final = 0.12
"""Of a logit or logarithm: a change of an eighth, which nobody would call a fault."""
_PLATEAU: Final = 0.01
_PART: Final = 65_536
_GREY, _FEW, _GREY_AMONG_COLOURS = 0.003, 0.05, 8.0


def measure_dark(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much darker than usual each is, both in its mean and in its brightest parts."""
    return np.minimum(*(below(_level(facts, name, labels), _SEEN) for name in ("mean", "p99")))


def measure_bright(facts: ImageFacts, labels: Labels) -> Values:
    """Return (N,) how much brighter than usual each is, both in its mean and in its brighter parts."""
    return np.minimum(*(above(_level(facts, name, labels), _SEEN) for name in ("mean", "p95")))


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
    units = above(centred(np.log10(share + 1e-3), labels), 0.3)
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
    """Return (N,) the largest share of one edge that the object covers, 0 to 1."""
    sides = [f"touch_{side}" for side in ("top", "right", "bottom", "left")]
    found: Values = facts.columns(sides).astype(np.float64).max(1)
    return found


def _level(facts: ImageFacts, name: str, labels: Labels) -> Values:
    return centred(logit(facts.column(name).astype(np.float64)), labels)
