"""What two pictures share besides their outlines: their structure, each place counting the same.

Silhouettes of one kind agree almost wholly: their strong edges outvote all else. So each picture is taken apart into
bands of detail and evened out by its own strength around each place (divisive normalisation; Jarrett et al., "What is
the best multi-stage architecture for object recognition?", 2009): grain, texture and ground count as much as an edge.
Places where the two differ grossly, such as a scale bar drawn into one of them, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.quality.duplicates.registration import blurred, warped

Band = tuple[float, float, float]
"""Finest and coarsest structure, in pixels, and the levels (of 255) below which it is taken for noise."""
BANDS: Final[tuple[Band, ...]] = ((0.6, 2.0, 1.0), (1.2, 4.0, 3.0), (2.5, 8.0, 3.0))
"""Of pictures of 96 pixels: grain, texture, shape."""
_GROSS: Final = 5.0
"""By how many of the usual differences two places differ grossly, and by how much of a picture's spread at least."""
_GROSS_SPREAD: Final = 0.5
_LEAST_LEVELS: Final = 1.5
_ROUNDS: Final = 3
_SOME: Final = 5
_ALONE: Final = 0.7
_COARSE: Final = 2.0
_MOST: Final = 0.9995


@dataclass(frozen=True, slots=True)
class Structure:
    """What B pairs share.

    Attributes
    ----------
    agreement
        (B,) correlation where they do not differ grossly.
    kept
        (B,) share of what both show where they do not.
    bands
        (B, k) Fisher's z of the correlation of each band there.
    covered
        (B,) share of the frame that lies within the host.
    contained
        (B,) share of the host that the frame lies upon.
    gain, offset
        (B,) levels of the frame are `gain` × those of the host + `offset`.
    """

    agreement: Tensor
    kept: Tensor
    bands: Tensor
    covered: Tensor
    contained: Tensor
    gain: Tensor
    offset: Tensor


def shared_structure(
    frames: Tensor, hosts: Tensor, maps: Tensor, *, bands: tuple[Band, ...] = BANDS, edge: int = 3
) -> Structure:
    """Return what pictures (B, S, S) share under maps (B, 2, 3), `edge` pixels at the border left out."""
    laid, inside = warped(hosts[:, None], maps)
    seen = laid[:, 0]
    covered = inside.float().mean((1, 2))
    contained = (covered * torch.linalg.det(maps[:, :, :2]).abs()).clamp(max=1)
    inside[:, :edge], inside[:, -edge:] = False, False
    inside[:, :, :edge], inside[:, :, -edge:] = False, False
    both = inside.float().flatten(1)
    like = _not_grossly_apart(frames.flatten(1), seen.flatten(1), both)
    agreement, gain, offset = _fitted(frames.flatten(1), seen.flatten(1), like)
    around = blurred(like.reshape(frames.shape), 1.5 * frames.shape[-1] / 96)
    trusted = (around > _ALONE).float().flatten(1) * both
    found = [
        torch.atanh(_fitted(*pair, weight)[0].clamp(-0.5, _MOST))
        for pair, weight in _taken_apart(frames, seen, trusted, bands)
    ]
    kept = like.sum(1) / both.sum(1).clamp_min(1)
    return Structure(agreement, kept, torch.stack(found, dim=1), covered, contained, gain, offset)


def _taken_apart(
    frames: Tensor, seen: Tensor, trusted: Tensor, bands: tuple[Band, ...]
) -> Iterator[tuple[tuple[Tensor, Tensor], Tensor]]:
    """Yield each band of both pictures, evened out, and where it counts; coarse ones of pictures of half the size."""
    both = torch.cat([frames, seen])
    half, some = avg_pool2d(both, 2), avg_pool2d(trusted.reshape(frames.shape), 2).flatten(1)
    for fine, coarse, floor in bands:
        if fine >= _COARSE:
            evened, weight = _evened(half, fine / 2, coarse / 2, floor).flatten(1), some
        else:
            evened, weight = _evened(both, fine, coarse, floor).flatten(1), trusted
        yield (evened[: len(frames)], evened[len(frames) :]), weight


def repeats(pictures: Tensor, coarse: float = 2.0, near: int = 3) -> Tensor:
    """Return (B,) how well pictures (B, S, S) agree with themselves once moved: 1 of stripes, grids and bar codes.

    Where a picture repeats itself, another may be laid over it in many ways, and that they agree tells little.
    """
    pictures = avg_pool2d(pictures, 2)
    size = pictures.shape[-1]
    detail = pictures - blurred(pictures, coarse)
    detail = detail - detail.mean((1, 2), keepdim=True)
    turned = torch.fft.rfft2(detail, s=(2 * size, 2 * size))
    alike = torch.fft.irfft2(turned.abs().square(), s=(2 * size, 2 * size))
    steps = torch.fft.fftfreq(2 * size, 1 / (2 * size)).abs()
    overlap = (size - steps).clamp_min(1) / size
    shift = torch.maximum(steps[:, None], steps[None])
    far = (shift >= near) & (shift <= size / 2)
    alike = alike / (overlap[:, None] * overlap[None])
    found: Tensor = alike[:, far].max(1).values / alike[:, 0, 0].clamp_min(1e-6)
    return found.clamp(0, 1)


def _not_grossly_apart(a: Tensor, b: Tensor, both: Tensor) -> Tensor:
    """Return weights (B, P), 1 where a straight line through the levels of the two explains them."""
    like = both
    mean = (a * both).sum(1, keepdim=True) / both.sum(1, keepdim=True).clamp_min(1)
    spread = (((a - mean).square() * both).sum(1, keepdim=True) / both.sum(1, keepdim=True).clamp_min(1)).sqrt()
    for _ in range(_ROUNDS):
        total = like.sum(1, keepdim=True).clamp_min(1)
        apart_a, apart_b = (some - (some * like).sum(1, keepdim=True) / total for some in (a, b))
        gain = (apart_a * apart_b * like).sum(1, keepdim=True) / (apart_b.square() * like).sum(
            1, keepdim=True
        ).clamp_min(1)
        residual = (apart_a - gain * apart_b).abs()
        some = torch.where(both[:, ::_SOME] > 0, residual[:, ::_SOME], torch.nan)
        usual = some.nanmedian(dim=1, keepdim=True).values.nan_to_num(0.0).clamp_min(_LEAST_LEVELS)
        like = both * (residual < torch.maximum(_GROSS * usual, _GROSS_SPREAD * spread))
    return like


def _evened(pictures: Tensor, fine: float, coarse: float, floor: float) -> Tensor:
    detail = blurred(pictures, fine) - blurred(pictures, coarse)
    found: Tensor = detail * torch.rsqrt(blurred(detail.square(), coarse) + floor**2)
    return found


def _fitted(a: Tensor, b: Tensor, weight: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the correlation (B,) of a and b (B, P) by weight, and the line a = gain × b + offset."""
    total = weight.sum(1, keepdim=True).clamp_min(1)
    mean_a, mean_b = ((some * weight).sum(1, keepdim=True) / total for some in (a, b))
    a, b = a - mean_a, b - mean_b
    square_a, square_b = (a.square() * weight).sum(1), (b.square() * weight).sum(1)
    scale = (square_a * square_b).sqrt()
    agreement = torch.where(scale > 1e-3, (a * b * weight).sum(1) / scale.clamp_min(1e-9), torch.zeros_like(scale))
    gain = torch.where(square_b > 1e-3, (square_a / square_b.clamp_min(1e-9)).sqrt(), torch.ones_like(scale))
    return agreement, gain, mean_a[:, 0] - gain * mean_b[:, 0]
