"""In words what was done to one image to get the other, and the two laid over one another."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.domain.findings import Json
from core.quality.duplicates.registration import warped
from core.quality.duplicates.verify import Match

_TURNED_DEGREES: Final = 1.5
_RESIZED: Final = 0.04
_CROPPED: Final = 0.95
_LEVELS: Final = 6.0
_CONTRAST: Final = 0.08
_MIDDLE: Final = 128.0
_COPIED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Relation:
    """What makes one image out of another, in the order in which it is said.

    Attributes
    ----------
    degrees
        Turned anticlockwise by this, -180 to 180.
    mirrored
        Left and right exchanged, before it was turned.
    shown
        Share of the other that it shows, 0 to 1; above 1, it shows more than the other.
    scale
        Its pixels by the other's, along a side.
    brighter
        Levels of 255 that mid-grey was raised by.
    contrast
        Factor of the differences between levels.
    retaken
        Rather taken or cut out again than made from the other's file.
    """

    degrees: float
    mirrored: bool
    shown: float
    scale: float
    brighter: float
    contrast: float
    retaken: bool = False

    def words(self) -> list[str]:
        """Return codes, such as ``retaken``, ``rotated_90``, ``cropped``, ``brighter``; ``re_encoded`` for none."""
        found = ["retaken"] * self.retaken + self._geometry() + self._levels()
        return found or ["re_encoded"]

    def to_json(self) -> dict[str, Json]:
        """Return the words and the numbers."""
        return {
            "words": list(self.words()),
            "degrees": round(self.degrees, 1),
            "mirrored": self.mirrored,
            "shown": round(self.shown, 3),
            "scale": round(self.scale, 3),
            "brighter": round(self.brighter, 1),
            "contrast": round(self.contrast, 3),
        }

    def _geometry(self) -> list[str]:
        found = ["mirrored"] if self.mirrored else []
        quarter = round(self.degrees / 90) * 90
        if abs(self.degrees - quarter) > _TURNED_DEGREES:
            found.append("rotated")
        elif quarter % 360:
            found.append(f"rotated_{quarter % 360}")
        if self.shown < _CROPPED:
            found.append("cropped")
        elif self.shown > 1 / _CROPPED:
            found.append("wider")
        if abs(math.log(max(self.scale, 1e-3))) > _RESIZED:
            found.append("resized")
        return found

    def _levels(self) -> list[str]:
        found = []
        if abs(self.brighter) > _LEVELS:
            found.append("brighter" if self.brighter > 0 else "darker")
        if abs(math.log(max(self.contrast, 1e-3))) > _CONTRAST:
            found.append("more_contrast" if self.contrast > 1 else "less_contrast")
        return found


def relation(match: Match, row: int, sizes: NDArray[np.float64]) -> Relation:
    """Return what makes image `row` out of the other of a match.

    Parameters
    ----------
    sizes
        (N, 2) widths and heights; where they are not known (NaN), the images are taken as squares of one size.
    """
    frame, host = (np.nan_to_num(sizes[side], nan=1.0) for side in (match.frame, match.host))
    # Places run from -1 to 1: halves of a side are the unit.
    linear = (host[:, None] / 2) * match.map[:, :2].astype(np.float64) / (frame[None, :] / 2)
    mirrored = bool(np.linalg.det(linear) < 0)
    # The host's x axis is turned back first, so that what is left is a rotation.
    turn = linear @ np.diag([-1.0, 1.0]) if mirrored else linear
    degrees = math.degrees(math.atan2(turn[1, 0] - turn[0, 1], turn[0, 0] + turn[1, 1]))
    scale = 1 / max(math.sqrt(abs(float(np.linalg.det(linear)))), 1e-6)
    shown = match.contained / max(match.covered, 1e-6)
    gain, offset, again = max(match.gain, 1e-3), match.offset, match.copied < _COPIED
    if row == match.frame:
        return Relation(degrees, mirrored, shown, scale, gain * _MIDDLE + offset - _MIDDLE, gain, again)
    back = degrees if mirrored else -degrees
    return Relation(back, mirrored, 1 / shown, 1 / scale, (_MIDDLE - offset) / gain - _MIDDLE, 1 / gain, again)


def aligned(
    frame: NDArray[np.uint8], host: NDArray[np.uint8], match: Match
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the host as the frame shows it, at the levels of the frame, beside the frame and their difference.

    Parameters
    ----------
    frame, host
        (H, W, 3) of any sizes.

    Returns
    -------
    tuple
        Three images (H, W, 3) of the frame's size: the frame, the host, and how far they differ: 128 where not at
        all or where only one of them is, brighter where the frame is.
    """
    import cv2

    height, width = frame.shape[:2]
    size = max(height, width)
    square = cv2.resize(np.ascontiguousarray(host), (size, size), interpolation=cv2.INTER_AREA)
    picture = torch.from_numpy(square).permute(2, 0, 1)[None].float()
    seen, inside = warped(picture, torch.from_numpy(match.map)[None])
    laid = cv2.resize(seen[0].permute(1, 2, 0).numpy(), (width, height), interpolation=cv2.INTER_LINEAR)
    both = cv2.resize(inside[0].numpy().astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    for channel in range(3):
        laid[..., channel] = _levelled(laid[..., channel], frame[..., channel].astype(np.float32), both)
    difference = np.where(both[..., None], frame.astype(np.float32) - laid, 0.0)
    shown = np.clip(np.where(both[..., None], laid, 0.0) + 0.5, 0, 255).astype(np.uint8)
    return frame, shown, np.clip(_MIDDLE + difference, 0, 255).astype(np.uint8)


def _levelled(layer: NDArray[np.float32], wanted: NDArray[np.float32], both: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a channel with the mean and the spread of `wanted`, where both are."""
    if not both.any():
        return layer
    spread = float(layer[both].std())
    gain = float(wanted[both].std()) / spread if spread > 1e-3 else 1.0
    found: NDArray[np.float32] = (layer - float(layer[both].mean())) * gain + float(wanted[both].mean())
    return found
