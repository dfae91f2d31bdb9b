"""How one picture might lie in another, to begin with: eight ways to turn and mirror it, whole or on a part."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from core.quality.duplicates.looks import PARTS, WHOLE
from core.quality.duplicates.registration import blurred, soft_disc

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
    hosts, frames = _host_maps(), _frame_maps()
    used, places = np.unique(pairs, return_inverse=True)
    places = places.reshape(pairs.shape)
    pictures = torch.from_numpy(small[used].astype(np.float32))
    as_host, as_frame = _views(pictures, hosts), _views(pictures, frames)
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
    turned = hosts[part][:, :, :2] @ frames[turn][:, :, :2].transpose(1, 2)
    maps = torch.cat([turned, hosts[part][:, :, 2:]], dim=2)
    return np.where(swapped[:, None], pairs[:, ::-1], pairs), maps, torch.cat(best).numpy()


def _compared(hosts: Tensor, frames: Tensor) -> Tensor:
    return torch.bmm(hosts, frames.transpose(1, 2)).flatten(1)


def _host_maps() -> Tensor:
    return torch.tensor([[[scale, 0, x], [0, scale, y]] for scale, x, y in (WHOLE, *PARTS)])


def _frame_maps() -> Tensor:
    turns = torch.tensor(TURNS, dtype=torch.float32)
    return torch.cat([turns, torch.zeros(len(turns), 2, 1)], dim=2)


def _views(pictures: Tensor, maps: Tensor) -> Tensor:
    """Return (n, len(maps), 256) each picture in each way, at length 1."""
    weight = soft_disc(_SIZE).flatten()
    found = torch.empty(len(pictures), len(maps), _SIZE * _SIZE)
    for start in range(0, len(pictures), _CHUNK):
        soft = blurred(pictures[start : start + _CHUNK], _BLUR)[:, None]
        for number, one in enumerate(maps):
            grid = affine_grid(one.expand(len(soft), 2, 3), [len(soft), 1, _SIZE, _SIZE], align_corners=False)
            seen = grid_sample(soft, grid, align_corners=False, padding_mode="border").flatten(1)
            level = (seen * weight).sum(1, keepdim=True) / weight.sum()
            seen = (seen - level) * weight.sqrt()
            found[start : start + len(soft), number] = seen / seen.norm(dim=1, keepdim=True).clamp_min(1e-6)
    return found
