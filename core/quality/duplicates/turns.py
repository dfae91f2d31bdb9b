"""How one picture might lie in another, to begin with: eight ways to turn and mirror it, whole or on a part."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.quality.duplicates.looks import PARTS, WHOLE
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
    hosts, frames = _host_maps(), torch.tensor(TURNS, dtype=torch.float32)
    used, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    as_host = _views(torch.from_numpy(small[used].astype(np.float32)))
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
    choice = torch.cat(chosen)
    ways = len(hosts) * len(frames)
    swapped = (choice >= ways).numpy()
    part, turn = choice % ways // len(frames), choice % len(frames)
    turned = hosts[part][:, :, :2] @ frames[turn].transpose(1, 2)
    maps = torch.cat([turned, hosts[part][:, :, 2:]], dim=2)
    return np.where(swapped[:, None], pairs[:, ::-1], pairs), maps, torch.cat(best).numpy()


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


def _views(pictures: Tensor) -> Tensor:
    """Return (n, 1 + parts, 256) the whole and each part of pictures (n, 32, 32), softened, at length 1."""
    weight = soft_disc(_SIZE).flatten()
    found = torch.empty(len(pictures), 1 + len(PARTS), _SIZE * _SIZE)
    soft = gaussian(pictures.shape[-1], _BLUR)
    for number, (scale, x, y) in enumerate((WHOLE, *PARTS)):
        across, down = (_sampling(scale, shift, pictures.shape[-1]) @ soft for shift in (x, y))
        for start in range(0, len(pictures), _CHUNK):
            seen = (down @ pictures[start : start + _CHUNK] @ across.T).flatten(1)
            level = (seen * weight).sum(1, keepdim=True) / weight.sum()
            seen = (seen - level) * weight.sqrt()
            found[start : start + _CHUNK, number] = seen / seen.norm(dim=1, keepdim=True).clamp_min(1e-6)
    return found


def _sampling(scale: float, shift: float, size: int) -> Tensor:
    """Return (16, size) what reads a part of a side, between its pixels where need be."""
    places = ((torch.arange(_SIZE) * 2 + 1) / _SIZE - 1) * scale + shift
    pixels = ((places + 1) * size / 2 - 0.5).clamp(0, size - 1)
    return (1 - (pixels[:, None] - torch.arange(size)).abs()).clamp(min=0)
