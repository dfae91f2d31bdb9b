"""Images to the network's input, with torch: the one implementation that training, evaluation and embeddings share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray

from core.images.preprocess import Box, Preprocess

_CHUNK_PIXELS: Final = 2**24
"""The most source pixels resized at once: 200 MB as float."""


def to_network(
    images: Sequence[NDArray[np.uint8]], preprocess: Preprocess, device: torch.device | str = "cpu"
) -> torch.Tensor:
    """Return (N, 3, size, size) float32, normalised, for N images of any sizes, on `device`.

    Parameters
    ----------
    images
        N of (H, W, 3) uint8 RGB. Those of one size are worked on together.
    """
    out = torch.empty((len(images), 3, preprocess.size, preprocess.size), dtype=torch.float32, device=device)
    mean, std = _channels(preprocess.mean, device), _channels(preprocess.std, device)
    for rows in _batches(images):
        levels = _resized([images[row] for row in rows], preprocess, device)
        out[rows] = (levels / 255 - mean) / std
    return out


def resize_levels(images: Sequence[NDArray[np.uint8]], preprocess: Preprocess) -> NDArray[np.float32]:
    """Return (N, size, size, 3) float32 grey levels 0…255, unrounded: `to_network` before it normalises."""
    out = np.empty((len(images), preprocess.size, preprocess.size, 3), dtype=np.float32)
    for rows in _batches(images):
        out[rows] = _resized([images[row] for row in rows], preprocess, "cpu").permute(0, 2, 3, 1).numpy()
    return out


def _batches(images: Sequence[NDArray[np.uint8]]) -> Iterator[list[int]]:
    """Yield the rows of images of one size, so many that their pixels fit into a chunk."""
    by_size: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, image in enumerate(images):
        by_size[image.shape].append(row)
    for shape, rows in by_size.items():
        step = max(1, _CHUNK_PIXELS // max(1, shape[0] * shape[1]))
        for start in range(0, len(rows), step):
            yield rows[start : start + step]


def _resized(images: Sequence[NDArray[np.uint8]], preprocess: Preprocess, device: torch.device | str) -> torch.Tensor:
    """Return (n, 3, size, size) float grey levels for n images of one size."""
    batch = torch.from_numpy(np.stack(images)).to(device).permute(0, 3, 1, 2)
    box = preprocess.box(batch.shape[2], batch.shape[3])
    levels = _take(batch, box, _channels(preprocess.mean, device) * 255)
    if levels.shape[2:] == (preprocess.size, preprocess.size):
        return levels
    size = (preprocess.size, preprocess.size)
    return F.interpolate(levels, size=size, mode="bilinear", align_corners=False, antialias=True)


def _take(batch: torch.Tensor, box: Box, fill: torch.Tensor) -> torch.Tensor:
    """Return the box of (n, 3, H, W) as float, with `fill` (3, 1, 1) where it reaches outside."""
    height, width = batch.shape[2:]
    top, left = max(0, box.top), max(0, box.left)
    bottom, right = min(height, box.top + box.height), min(width, box.left + box.width)
    inside = batch[:, :, top:bottom, left:right].to(torch.float32)
    if inside.shape[2:] == (box.height, box.width):
        return inside.contiguous()
    out = fill.expand(len(batch), 3, box.height, box.width).clone()
    rows, columns = top - box.top, left - box.left
    out[:, :, rows : rows + inside.shape[2], columns : columns + inside.shape[3]] = inside
    return out


def _channels(values: Sequence[float], device: torch.device | str) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).reshape(3, 1, 1)
