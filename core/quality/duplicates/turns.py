"""How one picture might lie in another, to begin with: eight ways to turn and mirror it, whole or on a part."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from core.quality.duplicates.frames import cut_out, inner_boxes, parts_within
from core.quality.duplicates.looks import PARTS, WHOLE, Looks
from core.quality.duplicates.registration import gaussian, soft_disc

TURNS: Final[tuple[tuple[tuple[int, int], tuple[int, int]], ...]] = (
    ((1, 0), (0, 1)),
    ((0, -1), (1, 0)),
    ((-1, 0), (0, -1)),
    ((0, 1), (-1, 0)),
    ((-1, 0), (0, 1)),
    ((1, 0), (0, -1)),
    ((0, 1), (1, 0)),
    ((0, -1), (-1, 0)),
)
"""The rotations by 0, 90, 180 and 270 degrees, and the same mirrored: maps of places (x, y)."""
_SIZE: Final = 16
_BLUR: Final = 1.0
_CHUNK: Final = 2_048
_ANGLES: Final = 72
_AGREES: Final = 0.97
_FREE_MARGIN: Final = 0.02
"""By how much a free turn has to agree better than a quarter turn, which is commoner."""


def first_maps(
    small: NDArray[np.uint8], pairs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Tensor, NDArray[np.float32]]:
    """Return how each pair agrees best before any refinement.

    Parameters
    ----------
    small
        (N, 32, 32) grey pictures.
    pairs
        (P, 2) indexes.

    Returns
    -------
    ordered
        (P, 2) the pairs, the frame first and the host, in which it lies, second.
    maps
        (P, 2, 3) from places in the frame to places in the host.
    agreement
        (P,) correlation, the middle of the pictures counting most.
    """
    frames = torch.tensor(TURNS, dtype=torch.float32)
    used, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    boxes = inner_boxes(small[used])
    as_host = _views(torch.from_numpy(small[used].astype(np.float32)), torch.from_numpy(cut_out(small[used], boxes)))
    as_frame = as_host[:, 0][:, _turned()]
    best, chosen = [], []
    for start in range(0, len(pairs), _CHUNK):
        a, b = places[start : start + _CHUNK].T
        scores = torch.cat([_compared(as_host[b], as_frame[a]), _compared(as_host[a], as_frame[b])], dim=1)
        found = scores.max(dim=1)
        best.append(found.values)
        chosen.append(found.indices)
    if not best:
        return pairs, torch.empty(0, 2, 3), np.empty(0, dtype=np.float32)
    choice, agreement = torch.cat(chosen), torch.cat(best)
    ways = as_host.shape[1] * len(frames)
    swapped = (choice >= ways).numpy()
    ordered, places = (np.where(swapped[:, None], some[:, ::-1], some) for some in (pairs, places))
    part, turn = choice % ways // len(frames), choice % len(frames)
    within = torch.from_numpy(parts_within(boxes, small.shape[-1]))[torch.from_numpy(places[:, 1])]
    hosts = torch.where((part < as_host.shape[1] - 1)[:, None, None], _host_maps()[part.clamp(max=len(PARTS))], within)
    maps = torch.cat([hosts[:, :, :2] @ frames[turn].transpose(1, 2), hosts[:, :, 2:]], dim=2)
    _turn_freely(small, ordered, maps, agreement)
    return ordered, maps, agreement.numpy()


def _turn_freely(small: NDArray[np.uint8], pairs: NDArray[np.int64], maps: Tensor, agreement: Tensor) -> None:
    """Put in place of maps (P, 2, 3) those of wholes turned by any angle, where they agree better; and how well."""
    worse = torch.nonzero(agreement < _AGREES).flatten()
    looks, soft = Looks(), gaussian(small.shape[-1], _BLUR)
    for start in range(0, len(worse), _CHUNK):
        places = worse[start : start + _CHUNK]
        frames, hosts = (small[pairs[places.numpy(), side]] for side in (0, 1))
        wanted = _weighted(_whole(torch.from_numpy(frames).float(), soft))
        blurry = (soft @ torch.from_numpy(hosts).float() @ soft.T)[:, None]
        for mapped in _angles(looks.terms(frames), looks.terms(hosts)):
            grid = affine_grid(mapped, [len(mapped), 1, _SIZE, _SIZE], align_corners=False)
            seen = grid_sample(blurry, grid, align_corners=False, padding_mode="border").flatten(1)
            found = (_weighted(seen) * wanted).sum(1)
            better = found > agreement[places] + _FREE_MARGIN
            maps[places[better]], agreement[places[better]] = mapped[better], found[better]


def _angles(frames: Tensor, hosts: Tensor) -> tuple[Tensor, Tensor]:
    """Return maps (n, 2, 3) that turn the frame as it agrees best with the host, as it is and mirrored."""
    frame, host = Looks.of_circles(frames), Looks.of_circles(hosts)
    waves = torch.arange(frame.shape[2])
    angles = torch.arange(_ANGLES) * (2 * torch.pi / _ANGLES)
    turns = torch.exp(1j * angles[:, None] * waves)
    found = []
    for mirrored in (False, True):
        own = frame.conj() if mirrored else frame
        both = (own.conj() * host)[:, :, 1:].sum(1)
        angle = angles[(both @ turns[:, 1:].T).real.argmax(1)]
        cos, sin = torch.cos(angle), torch.sin(angle)
        sign = -1.0 if mirrored else 1.0
        maps = torch.zeros(len(frame), 2, 3)
        maps[:, 0, 0], maps[:, 0, 1], maps[:, 1, 0], maps[:, 1, 1] = cos, -sin * sign, sin, cos * sign
        found.append(maps)
    return found[0], found[1]


def _whole(pictures: Tensor, soft: Tensor) -> Tensor:
    read = _sampling(1.0, 0.0, pictures.shape[-1]) @ soft
    return (read @ pictures @ read.T).flatten(1)


def _weighted(seen: Tensor) -> Tensor:
    """Return pictures (n, 256) less their level, at length 1, the middle counting most."""
    weight = soft_disc(_SIZE).flatten()
    level = (seen * weight).sum(1, keepdim=True) / weight.sum()
    apart = (seen - level) * weight.sqrt()
    found: Tensor = apart / apart.norm(dim=1, keepdim=True).clamp_min(1e-6)
    return found


def _compared(hosts: Tensor, frames: Tensor) -> Tensor:
    return torch.bmm(hosts, frames.transpose(1, 2)).flatten(1)


def _host_maps() -> Tensor:
    return torch.tensor([[[scale, 0, x], [0, scale, y]] for scale, x, y in (WHOLE, *PARTS)])


def _turned() -> Tensor:
    """Return (8, 256) which pixel of a picture is at each place after each of the turns."""
    steps = np.arange(_SIZE) * 2 + 1 - _SIZE
    places = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    columns, rows = np.moveaxis((places @ np.array(TURNS).transpose(0, 2, 1) + _SIZE - 1) // 2, 2, 0)
    return torch.from_numpy(rows * _SIZE + columns)


def _views(pictures: Tensor, within: Tensor) -> Tensor:
    """Return (n, 2 + parts, 256) the whole, each part and what is within a frame of pictures (n, 32, 32), softened, at
    length 1."""
    found = torch.empty(len(pictures), 2 + len(PARTS), _SIZE * _SIZE)
    soft = gaussian(pictures.shape[-1], _BLUR)
    for number, (scale, x, y) in enumerate((WHOLE, *PARTS)):
        across, down = (_sampling(scale, shift, pictures.shape[-1]) @ soft for shift in (x, y))
        for start in range(0, len(pictures), _CHUNK):
            seen = (down @ pictures[start : start + _CHUNK] @ across.T).flatten(1)
            found[start : start + _CHUNK, number] = _weighted(seen)
    found[:, -1] = _weighted(_whole(within.float(), soft))
    return found


def _sampling(scale: float, shift: float, size: int) -> Tensor:
    """Return (16, size) what reads a part of a side, between its pixels where need be."""
    places = ((torch.arange(_SIZE) * 2 + 1) / _SIZE - 1) * scale + shift
    pixels = ((places + 1) * size / 2 - 0.5).clamp(0, size - 1)
    return (1 - (pixels[:, None] - torch.arange(size)).abs()).clamp(min=0)
