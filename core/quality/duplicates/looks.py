"""What is alike between pictures of the same thing, however they were turned, mirrored or lit: numbers to search by.

A picture of 32 × 32 is read along circles around its middle; the sizes of the Fourier terms of each circle stay the
same when the picture is turned by any angle or mirrored, and at length 1 also when its contrast changes (Fourier-Mellin
invariants; Casasent & Psaltis, 1976, without the scale). A crop is found by looking for parts of the whole picture.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SIZE: Final = 32
_CIRCLES: Final = 9
_ANGLES: Final = 48
_TERMS: Final = 9
_REACH: Final = 0.97
_CROP, _SHIFT, _INNER = 0.85, 0.1375, 0.9
_DEEP, _FAR, _DEEPEST = 0.71, 0.25, 0.62
PARTS: Final[tuple[tuple[float, float, float], ...]] = (
    (_INNER, 0.0, 0.0),
    *((_CROP, x, y) for x in (-_SHIFT, 0.0, _SHIFT) for y in (-_SHIFT, 0.0, _SHIFT)),
    *((_DEEP, x, y) for x in (-_FAR, 0.0, _FAR) for y in (-_FAR, 0.0, _FAR)),
    (_DEEPEST, 0.0, 0.0),
)
"""Parts of a picture that crops of it look like: scale, and the middle's place from -1 to 1."""
WHOLE: Final = (1.0, 0.0, 0.0)
N_LOOKS: Final = _CIRCLES * _TERMS


class Looks:
    """Turns pictures into `N_LOOKS` numbers of length 1; one matrix for one part of the picture."""

    def __init__(self, part: tuple[float, float, float] = WHOLE) -> None:
        self._matrix = torch.from_numpy(_matrix(*part))

    def of(self, small: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (n, `N_LOOKS`) float32 of grey pictures (n, 32, 32); zeros of a flat one."""
        terms = self.terms(small)
        sizes = terms.abs()
        # The mean of a circle keeps its sign: dark in bright is not bright in dark.
        sizes.view(-1, _CIRCLES, _TERMS)[:, :, 0] = terms.real.reshape(-1, _CIRCLES, _TERMS)[:, :, 0]
        lengths = torch.linalg.vector_norm(sizes, dim=1, keepdim=True)
        found: Tensor = torch.where(lengths > 1.0, sizes / lengths.clamp_min(1e-6), torch.zeros_like(sizes))
        return found.numpy()

    def terms(self, small: NDArray[np.uint8]) -> Tensor:
        """Return (n, `N_LOOKS`) complex Fourier terms of the circles, whose phases say how a picture is turned."""
        read = torch.from_numpy(small.reshape(len(small), -1).astype(np.float32)) @ self._matrix
        found: Tensor = torch.view_as_complex(read.reshape(len(small), -1, 2))
        return found

    @staticmethod
    def of_circles(terms: Tensor) -> Tensor:
        """Return terms (n, `N_LOOKS`) as (n, circles, waves)."""
        return terms.reshape(-1, _CIRCLES, _TERMS)


def _matrix(scale: float, x: float, y: float) -> NDArray[np.float32]:
    """Return (1024, 2 · N_LOOKS): sampling along circles, less the mean, and Fourier terms, as one linear map."""
    radii = (np.arange(_CIRCLES) + 0.5) / _CIRCLES * _REACH * scale
    angles = np.arange(_ANGLES) / _ANGLES * 2 * np.pi
    columns = x + radii[:, None] * np.cos(angles)
    rows = y + radii[:, None] * np.sin(angles)
    sampled = _bilinear(columns.ravel(), rows.ravel()).reshape(_CIRCLES, _ANGLES, -1)
    weight = radii / radii.sum()
    sampled = sampled - np.einsum("r,rap->p", weight, sampled)[None, None] / _ANGLES
    waves = np.exp(-1j * angles[:, None] * np.arange(_TERMS)) * np.where(np.arange(_TERMS) > 0, np.sqrt(2), 1)
    terms = np.einsum("rap,at->prt", sampled, waves) * np.sqrt(weight)[None, :, None]
    flat = terms.reshape(_SIZE * _SIZE, N_LOOKS)
    found: NDArray[np.float32] = np.stack([flat.real, flat.imag], -1).reshape(_SIZE * _SIZE, -1).astype(np.float32)
    return found


def _bilinear(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 1024) the weights of the pixels around places (n,), -1 to 1; the nearest ones beyond the border."""
    found = np.zeros((len(x), _SIZE, _SIZE))
    column, row = (np.clip((value + 1) * _SIZE / 2 - 0.5, 0, _SIZE - 1) for value in (x, y))
    left, top = (np.minimum(np.floor(value).astype(int), _SIZE - 2) for value in (column, row))
    at = np.arange(len(x))
    for dx in (0, 1):
        for dy in (0, 1):
            found[at, top + dy, left + dx] += np.abs(1 - dx - column + left) * np.abs(1 - dy - row + top)
    return found.reshape(len(x), -1)
