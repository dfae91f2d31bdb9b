"""Laying one picture over another: the affine map, gain and offset under which two pictures agree best.

Gauss-Newton on the pixels themselves (Lucas & Kanade, 1981; Baker & Matthews, "Lucas-Kanade 20 years on", 2004), for
many pairs at once. Pictures are squares, stretched, and places in them run from -1 to 1 along each axis, so that a map
found in small pictures is the start for larger ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad

_DAMPING: Final = 1e-4
_STEP: Final = 0.25
_LARGE: Final = 64
FINE_PX: Final = 1.5
_MARGIN: Final = 2.0


@dataclass(frozen=True, slots=True)
class Registration:
    """How B pairs agree.

    Attributes
    ----------
    maps
        (B, 2, 3) from places in the frame to places in the host.
    agreement
        (B,) correlation of the pixels where both are, -1 to 1, whatever the brightness and contrast.
    detail
        (B,) the same of their fine structure alone, which different objects of one kind do not share.
    covered
        (B,) share of the frame that lies within the host.
    contained
        (B,) share of the host that the frame lies upon.
    gain, offset
        (B,) levels of the frame are `gain` × those of the host + `offset`.
    """

    maps: Tensor
    agreement: Tensor
    detail: Tensor
    covered: Tensor
    contained: Tensor
    gain: Tensor
    offset: Tensor


def register(
    frames: Tensor,
    hosts: Tensor,
    maps: Tensor,
    *,
    turns: int,
    blur: float = 0.0,
    middle: bool = False,
    every: int = 1,
) -> Tensor:
    """Return maps (B, 2, 3) that improve on `maps`, for pictures (B, S, S) float32.

    With `middle` only the middle of the frame counts, which has no corners that were filled after a rotation. Of the
    frame's pixels each `every`-th along either side is compared: after a blur those beside it say the same.
    """
    size = frames.shape[-1]
    centre = soft_disc(size) if middle else torch.ones(size, size)
    frames, hosts = (_standard(blurred(some, blur), centre.flatten()) for some in (frames, hosts))
    slopes = torch.stack([hosts, *_gradients(hosts)], dim=1)
    places, flat, centre = _thinned(_places(size), every), _thinned(frames, every).flatten(1), _thinned(centre, every)
    ramps = torch.cat([places, torch.ones(*places.shape[:2], 1)], dim=2).flatten(0, 1)
    inner = centre.flatten()
    damping = torch.eye(8) * (_DAMPING * flat.shape[1])
    rows = torch.empty(*flat.shape, 8)
    rows[..., 6], rows[..., 7] = -flat, -1.0
    gains = torch.stack([torch.ones(len(maps)), torch.zeros(len(maps))], dim=1)
    for _ in range(turns):
        grid = (ramps @ maps.transpose(1, 2)).reshape(-1, *places.shape)
        mask = (grid.abs() <= 1).all(-1).flatten(1)
        seen = grid_sample(slopes, grid, align_corners=False, padding_mode="border").flatten(2)
        torch.mul(seen[:, 1, :, None], ramps, out=rows[..., :3])
        torch.mul(seen[:, 2, :, None], ramps, out=rows[..., 3:6])
        residual = seen[:, 0] - gains[:, :1] * flat - gains[:, 1:]
        weighted = rows * (mask * inner * _trust(residual))[..., None]
        normal = weighted.transpose(1, 2) @ rows + damping
        change = torch.linalg.solve(normal, -(weighted.transpose(1, 2) @ residual[..., None]))[..., 0]
        maps = maps + change[:, :6].reshape(-1, 2, 3).clamp(-_STEP, _STEP)
        gains = gains + change[:, 6:]
    return maps


def judge(frames: Tensor, hosts: Tensor, maps: Tensor, *, fine: float = FINE_PX) -> Registration:
    """Return how well pictures (B, S, S) agree under maps (B, 2, 3); structure up to `fine` pixels is fine."""
    size = frames.shape[-1]
    grid, mask = _grid(maps, size)
    # What fills the corners after a rotation shines into the fine structure beside it, in either picture.
    _, inner = _grid(maps, size, _MARGIN * fine)
    layers = torch.stack([hosts, hosts - blurred(hosts, fine)], dim=1)
    seen = grid_sample(layers, grid, align_corners=False, padding_mode="border").flatten(2)
    grain = (frames - blurred(frames, fine)).flatten(1)
    covered = mask.mean(1)
    area = torch.linalg.det(maps[:, :, :2]).abs()
    agreement, gain, offset = _fitted(frames.flatten(1), seen[:, 0], inner)
    return Registration(
        maps,
        agreement,
        _fitted(grain, seen[:, 1], inner)[0],
        covered,
        (covered * area).clamp(max=1),
        gain,
        offset,
    )


def blurred(pictures: Tensor, sigma: float) -> Tensor:
    """Return pictures (B, S, S) through a Gaussian of `sigma` pixels; as they are at 0."""
    if sigma <= 0:
        return pictures
    if pictures.shape[-1] >= _LARGE:
        return _blurred_one_by_one(pictures, sigma)
    kernel = gaussian(pictures.shape[-1], sigma)
    return kernel @ pictures @ kernel.T


def _blurred_one_by_one(pictures: Tensor, sigma: float) -> Tensor:
    """Return the same of larger pictures, where few of the pixels of a side shine into one another."""
    import cv2

    source = pictures.contiguous().numpy()
    found = np.empty_like(source)
    reach = 2 * max(1, round(2.5 * sigma)) + 1
    for picture, place in zip(source, found, strict=True):
        cv2.GaussianBlur(picture, (reach, reach), sigma, dst=place, borderType=cv2.BORDER_REPLICATE)
    return torch.from_numpy(found)


def warped(hosts: Tensor, maps: Tensor) -> tuple[Tensor, Tensor]:
    """Return hosts (B, C, S, S) as their frames see them, and (B, S, S) whether each pixel lies in the host."""
    size = hosts.shape[-1]
    grid, mask = _grid(maps, size)
    return grid_sample(hosts, grid, align_corners=False, padding_mode="border"), mask.reshape(-1, size, size) > 0


def _thinned(pictures: Tensor, every: int) -> Tensor:
    """Return each `every`-th row and column of pictures (…, S, S), or of places (S, S, 2), as far from both borders."""
    keep = slice(every // 2, None, every)
    return pictures[keep, keep] if pictures.shape[-1] == 2 else pictures[..., keep, keep]


@cache
def gaussian(size: int, sigma: float) -> Tensor:
    """Return (S, S) what blurs along one side; beyond the border the outermost pixel goes on. Quicker than `conv2d`."""
    reach = max(1, round(2.5 * sigma))
    steps = torch.arange(-reach, reach + 1)
    weights = torch.exp(-0.5 * (steps / sigma) ** 2)
    places = (torch.arange(size)[:, None] + steps).clamp(0, size - 1)
    return torch.zeros(size, size).scatter_add_(1, places, (weights / weights.sum()).expand(size, -1).contiguous())


def _trust(residual: Tensor) -> Tensor:
    """Return weights (B, P) that leave out what the two do not share, such as corners filled after a rotation.

    Geman & McClure's (1987), at a scale of a few medians.
    """
    scale = 3 * residual[:, ::4].abs().median(dim=1, keepdim=True).values.clamp_min(0.02)
    return (1 + (residual / scale).square()).reciprocal().square()


def _grid(maps: Tensor, size: int, margin_px: float = 0.0) -> tuple[Tensor, Tensor]:
    """Return where the frame's pixels lie, and which of them lie in both pictures, not nearer to an edge."""
    grid, inside = affine_grid(maps, [len(maps), 1, size, size], align_corners=False), 1 - 2 * margin_px / size
    mask = (grid.abs() <= inside).all(-1) & (_places(size).abs() <= inside).all(-1)
    return grid, mask.flatten(1).float()


@cache
def _places(size: int) -> Tensor:
    """Return (S, S, 2) the places of the pixels, x and y."""
    return affine_grid(torch.eye(2, 3)[None], [1, 1, size, size], align_corners=False)[0]


def _gradients(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Return the slopes along x and y, per unit of place."""
    half = pictures.shape[-1] / 2
    wide = pad(pictures[:, None], (1, 1, 1, 1), mode="replicate")[:, 0]
    return (wide[:, 1:-1, 2:] - wide[:, 1:-1, :-2]) * (half / 2), (wide[:, 2:, 1:-1] - wide[:, :-2, 1:-1]) * (half / 2)


def soft_disc(size: int) -> Tensor:
    """Return weights (S, S), 1 in the middle and none in the corners."""
    return (1 - _places(size).square().sum(-1) / 1.2).clamp(min=0)


def _standard(pictures: Tensor, weight: Tensor) -> Tensor:
    flat, weight = pictures.flatten(1), weight / weight.sum()
    flat = flat - (flat * weight).sum(1, keepdim=True)
    return (flat / (flat.square() * weight).sum(1, keepdim=True).sqrt().clamp_min(1e-3)).reshape(pictures.shape)


def _fitted(a: Tensor, b: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the correlation (B,) of a and b (B, P) where `mask` is 1, and the line a = gain × b + offset."""
    total = mask.sum(1).clamp_min(1)
    mean_a, mean_b = (a * mask).sum(1) / total, (b * mask).sum(1) / total
    a, b = (a - mean_a[:, None]) * mask, (b - mean_b[:, None]) * mask
    both, square_a, square_b = (a * b).sum(1), a.square().sum(1), b.square().sum(1)
    scale = (square_a * square_b).sqrt()
    agreement = torch.where(scale > 1e-3, both / scale.clamp_min(1e-9), torch.zeros_like(scale))
    gain = torch.where(square_b > 1e-3, (square_a / square_b.clamp_min(1e-9)).sqrt(), torch.ones_like(scale))
    return agreement, gain, mean_a - gain * mean_b
