"""Two images beside one another with their difference, the one turned and cut as the other is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress
from core.quality.duplicates.relation import Relation, aligned, relation
from core.quality.duplicates.verify import KNOWN, Match, picture, verified

_SMALL: Final = 32


@dataclass(frozen=True, slots=True)
class AlignedPair:
    """Two images of one size that show the same part, and their difference.

    Attributes
    ----------
    first, second, difference
        (H, W, 3) uint8; the difference is 128 where the two are equal or only one of them is, and brighter where
        `first` is. Brightness and contrast were evened out.
    relation
        What makes the second out of the first; None where they do not show the same: then nothing was aligned but
        the size.
    """

    first: NDArray[np.uint8]
    second: NDArray[np.uint8]
    difference: NDArray[np.uint8]
    relation: Relation | None


def aligned_pair(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> AlignedPair:
    """Lay image `b` (H, W, 3) over image `a`; takes some ten milliseconds."""
    images = (a, b)
    small = np.stack([picture(image, _SMALL) for image in images])
    matches = verified(np.array([[0, 1]]), small, lambda row: images[row], Progress(), KNOWN)
    match = matches[0] if matches else _stretched()
    frame, host, difference = aligned(images[match.frame], images[match.host], match)
    if match.frame == 1:
        frame, host, difference = host, frame, 255 - difference
    sizes = np.array([image.shape[1::-1] for image in images], dtype=np.float64)
    return AlignedPair(frame, host, difference, relation(match, 1, sizes) if matches else None)


def _stretched() -> Match:
    return Match(0, 1, np.eye(2, 3, dtype=np.float32), 0.0, (), 1.0, 1.0, 1.0, 0.0)
