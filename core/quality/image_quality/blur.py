"""Blurry: less fine detail than the images of this data set usually have, given how much coarse detail there is.

Four looks, each blind to something else. All compare an image with itself at another scale, so that neither its size
nor how busy it is matters, and all learn what is usual from the set:

- the finest detail given the coarse (as the ratio of energies of Pech-Pacheco's Laplacian (2000) at several scales): of
  pictures blurred after they were taken, which also lose their noise;
- how much more detail there is over 4 pixels than over one, given how much more over 16 than over 8, in which even
  noise cancels: of large defocus, under the camera's own noise;
- the slope of the steepest edges (as Marziliano's edge width, 2002): of small defocus in noise;
- the slope of smoothed outlines given how large the objects are, and how even it is in all directions: of defocus and
  of motion of few soft objects in noise, as in fluorescence, where all finer detail is noise.

Detail is the mean squared second difference. In each look the direction counts that has lost most, as motion blurs one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.facts.image_facts import ImageFacts
from core.quality.image_quality.measures import measure_darker
from core.quality.image_quality.usual import ODD, Values, above, centred, residual

_WAYS: Final = ("across", "down", "diagonal", "antidiagonal")
_LAGS: Final = (1, 2, 4, 8, 16)
_LEAST: Final = 0.03
"""Of log10 of an energy: what nobody sees."""
_LEAST_SLOPE: Final = 0.013
_FAINT: Final = 0.02
_NOISY: Final = 0.3
"""From which share of noise in the finest detail on the outlines are looked at."""
_COMMON, _COMMON_UNEVEN, _WEIGHT = 2.0, 2.5, 1.5
"""Of the outlines: how many units the shapes of sharp objects bring about, and what each beyond counts."""


def measure_blur(facts: ImageFacts, labels: NDArray[np.int64]) -> Values:
    """Return (N,) how much blurrier each image is than usual, >= 0 (`core.quality.image_quality.usual`)."""
    detail = {lag: _filled(facts.columns([f"detail_{lag}_{way}" for way in _WAYS])) for lag in _LAGS}
    size = np.log(np.maximum(_filled(facts.columns(["width", "height"])).prod(1, keepdims=True), 1))
    dark = measure_darker(facts, labels) >= ODD
    looks = [_fine(detail, size, dark), _coarse(detail, size, dark), _slope(facts, size)]
    units = [np.maximum(above(centred(look, labels), _LEAST), 0) for look in looks if look is not None]
    hidden = _share_of_noise(facts, detail[1]) > _NOISY
    for look, common in ((_contours(facts, size), _COMMON), (_unevenness(facts, size), _COMMON_UNEVEN)):
        if look is not None:
            # What is common in shapes counts nothing: only objects that differ much, and where noise hides the rest.
            beyond = np.maximum(above(centred(look, labels), _LEAST_SLOPE) - common, 0) * _WEIGHT
            units.append(np.where(hidden, beyond, 0))
    total: Values = np.sqrt(np.sum(np.square(units), axis=0)) if units else np.zeros(len(facts))
    # Without any detail at all there is nothing that could be blurred: that is a lack of information.
    total[~np.isfinite(facts.column("edge_slope"))] = 0
    return total


def _fine(detail: dict[int, Values], size: Values, dark: NDArray[np.bool_]) -> Values | None:
    """Return how much of the detail over one pixel is missing, as log10."""
    if not np.ptp(detail[1]) > 0:
        return None
    causes = [detail[lag].mean(1) for lag in (4, 8) if np.ptp(detail[lag]) > 0]
    found = _missing(detail[1], np.column_stack([*causes, size]))
    return _whatever_the_exposure(found, detail[4].mean(1) - detail[1].mean(1), size, dark)


def _coarse(detail: dict[int, Values], size: Values, dark: NDArray[np.bool_]) -> Values | None:
    """Return how much of the detail between two and four pixels is missing, given that between 8 and 16."""
    if not (np.ptp(detail[16]) > 0 and np.ptp(detail[4]) > 0):
        return None
    between, wide = _between(detail[1], detail[2], detail[4]), _between(detail[8], detail[16])
    found = _missing(between, np.column_stack([wide.mean(1), size]))
    return _whatever_the_exposure(found, wide.mean(1) - between.mean(1), size, dark)


def _whatever_the_exposure(missing: Values, ratio: Values, size: Values, dark: NDArray[np.bool_]) -> Values:
    """Return what is missing; of dark images no more than the ratio of coarse to fine detail says.

    Less light takes away of both. The ratio alone would be too coarse a measure for the others.
    """
    return np.where(dark, np.minimum(missing, residual(ratio, size)), missing)


def _slope(facts: ImageFacts, size: Values) -> Values | None:
    slope = _filled(facts.columns(["edge_slope"]))[:, 0]
    return -residual(np.log(np.maximum(slope, 1e-3)), size) if np.ptp(slope) > 0 else None


def _share_of_noise(facts: ImageFacts, detail: Values) -> Values:
    """Return (N,) how much of the detail over one pixel is the noise of flat ground, as if that were white."""
    noise = _filled(facts.columns(["background_noise"]))[:, 0]
    # The second difference of independent values has 1 + 4 + 1 times their variance.
    found: Values = 6 * noise**2 / 10 ** detail.mean(1)
    return found


def _contours(facts: ImageFacts, size: Values) -> Values | None:
    """Return how much less steep the outlines are than those of objects as large usually are, as log10."""
    slope, radius = np.log10(np.maximum(_filled(facts.columns(["contour_slope", "contour_radius"])), 1e-4)).T
    return -residual(slope, np.column_stack([radius, size])) if np.ptp(slope) > 0 else None


def _unevenness(facts: ImageFacts, size: Values) -> Values | None:
    """Return how much less steep the outlines are along one direction than along another than is usual, as log10."""
    evenness, radius = np.log10(np.maximum(_filled(facts.columns(["contour_evenness", "contour_radius"])), 1e-4)).T
    return -residual(evenness, np.column_stack([radius, size])) if np.ptp(evenness) > 0 else None


def _missing(detail: Values, causes: Values) -> Values:
    """Return the greatest lack among the directions (N, 4), each in its own units, on the scale of the first."""
    lacks = [-residual(detail[:, way], causes) for way in range(detail.shape[1])]
    scales = [max(1.4826 * float(np.median(np.abs(lack))), 1e-9) for lack in lacks]
    found: Values = np.max([lack / scale for lack, scale in zip(lacks, scales, strict=True)], axis=0)
    return found * float(np.mean(scales))


def _between(*details: Values) -> Values:
    """Return log10 of how much energies (log10) change from lag to lag; at least a small part of the last.

    Noise is even at all lags, so that it cancels. Stripes as wide as a lag hide the energy over it: then the one over
    the lag before has more, which is detail too.
    """
    energies = [10**detail for detail in details]
    change = np.sum([np.abs(after - before) for before, after in pairwise(energies)], axis=0)
    found: Values = np.log10(np.maximum(change, _FAINT * energies[-1]))
    return found


def _filled(columns: NDArray[np.float32]) -> Values:
    """Return columns (N, m) with the median where there is no value, zeros where there is none at all."""
    values = columns.astype(np.float64)
    for column in values.T:
        known = np.isfinite(column)
        column[~known] = np.median(column[known]) if known.any() else 0.0
    return values
