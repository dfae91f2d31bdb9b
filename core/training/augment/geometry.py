"""Where pixels go: every geometric augmentation is a matrix, and all of them together are one sampling pass.

A matrix maps a position in the result to the position in the image it is taken from, in coordinates that run from
-1 to 1 over the side (x to the right, y down). What lies outside is filled by reflection.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

# (draws (N, 3) in [0, 1), strength) -> (N, 2, 3)
MatrixMaker = Callable[[Tensor, float], Tensor]


def transform(images: Tensor, matrices: Tensor) -> Tensor:
    """Sample `images` (N, C, S, S) through `matrices` (N, 2, 3), bilinearly, reflecting at the border."""
    side = images.shape[-1]
    centres = (torch.arange(side, dtype=images.dtype, device=images.device) * 2 + 1) / side - 1
    along_x, along_y, offset = (matrices[:, :, column, None, None] for column in range(3))
    # `affine_grid` makes the same grid in twenty times the time on a CPU.
    grid = (along_x * centres + along_y * centres[:, None] + offset).permute(0, 2, 3, 1)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def compose(matrices: list[Tensor]) -> Tensor:
    """Return the (N, 2, 3) matrix that does what all of `matrices` do, the first one first."""
    whole = _square(matrices[0])
    for matrix in matrices[1:]:
        whole = whole @ _square(matrix)
    return whole[:, :2]


def _square(matrix: Tensor) -> Tensor:
    last = matrix.new_tensor([0.0, 0.0, 1.0]).expand(len(matrix), 1, 3)
    return torch.cat([matrix, last], dim=1)


def _matrix(a: Tensor, b: Tensor, c: Tensor, d: Tensor, dx: Tensor | None = None, dy: Tensor | None = None) -> Tensor:
    zero = torch.zeros_like(a)
    top = torch.stack([a, b, zero if dx is None else dx], dim=1)
    bottom = torch.stack([c, d, zero if dy is None else dy], dim=1)
    return torch.stack([top, bottom], dim=1)


def _either_way(draw: Tensor) -> Tensor:
    """Map draws in [0, 1) to [-1, 1)."""
    return draw * 2 - 1


def _flip_horizontal(draws: Tensor, share: float) -> Tensor:
    sign = torch.where(draws[:, 0] < share, -1.0, 1.0)
    zero, one = torch.zeros_like(sign), torch.ones_like(sign)
    return _matrix(sign, zero, zero, one)


def _flip_vertical(draws: Tensor, share: float) -> Tensor:
    sign = torch.where(draws[:, 0] < share, -1.0, 1.0)
    zero, one = torch.zeros_like(sign), torch.ones_like(sign)
    return _matrix(one, zero, zero, sign)


def _quarter_turns(draws: Tensor, share: float) -> Tensor:
    turns = torch.where(draws[:, 0] < share, 1 + torch.floor(draws[:, 1] * 3), 0.0)
    # Exact, where the cosine of a right angle would not be.
    cosines = draws.new_tensor([1.0, 0.0, -1.0, 0.0])[turns.long()]
    sines = draws.new_tensor([0.0, 1.0, 0.0, -1.0])[turns.long()]
    return _matrix(cosines, -sines, sines, cosines)


def _rotation(draws: Tensor, degrees: float) -> Tensor:
    angle = _either_way(draws[:, 0]) * math.radians(degrees)
    return _matrix(torch.cos(angle), -torch.sin(angle), torch.sin(angle), torch.cos(angle))


def _zoom(draws: Tensor, fraction: float) -> Tensor:
    scale = torch.exp(_either_way(draws[:, 0]) * math.log1p(fraction))
    zero = torch.zeros_like(scale)
    return _matrix(scale, zero, zero, scale)


def _shear(draws: Tensor, degrees: float) -> Tensor:
    slant = torch.tan(_either_way(draws[:, 0]) * math.radians(degrees))
    zero, one = torch.zeros_like(slant), torch.ones_like(slant)
    across = draws[:, 1] < 0.5
    return _matrix(one, torch.where(across, slant, zero), torch.where(across, zero, slant), one)


def _stretch(draws: Tensor, fraction: float) -> Tensor:
    # The area stays: one side grows by the root of the ratio, the other shrinks by it.
    side = torch.exp(_either_way(draws[:, 0]) * math.log1p(fraction) / 2)
    zero = torch.zeros_like(side)
    return _matrix(side, zero, zero, 1 / side)


def _shift(draws: Tensor, fraction: float) -> Tensor:
    dx, dy = _either_way(draws[:, 0]) * 2 * fraction, _either_way(draws[:, 1]) * 2 * fraction
    zero, one = torch.zeros_like(dx), torch.ones_like(dx)
    return _matrix(one, zero, zero, one, dx, dy)


# In the order in which they are applied.
GEOMETRY: Final[Mapping[str, MatrixMaker]] = MappingProxyType(
    {
        "flip_horizontal": _flip_horizontal,
        "flip_vertical": _flip_vertical,
        "quarter_turns": _quarter_turns,
        "stretch": _stretch,
        "shear": _shear,
        "rotation": _rotation,
        "zoom": _zoom,
        "shift": _shift,
    }
)
