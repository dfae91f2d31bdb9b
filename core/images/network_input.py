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


def resize_rgb8(image: NDArray[np.uint8], preprocess: Preprocess) -> NDArray[np.uint8]:
    """Return (size, size, 3) uint8: the same box and filter rounded to grey levels, within one level of `to_network`.

    Ten times as quick as on float, and only good enough for training.
    """
    writable = image if image.flags.writeable else image.copy()  # torch warns of what cannot be written to
    pixels = torch.from_numpy(writable).permute(2, 0, 1)[None]
    fill = torch.round(_channels(preprocess.mean, "cpu") * 255).to(torch.uint8)
    levels = _take(pixels, preprocess.box(image.shape[0], image.shape[1]), fill)
    resized: NDArray[np.uint8] = _interpolate(levels, preprocess.size)[0].permute(1, 2, 0).contiguous().numpy()
    return resized


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
    return _interpolate(_take(batch, box, _channels(preprocess.mean, device) * 255), preprocess.size)


def _take(batch: torch.Tensor, box: Box, fill: torch.Tensor) -> torch.Tensor:
    """Return the box of (n, 3, H, W) in the type of `fill` (3, 1, 1), and that colour where it reaches outside."""
    height, width = batch.shape[2:]
    top, left = max(0, box.top), max(0, box.left)
    bottom, right = min(height, box.top + box.height), min(width, box.left + box.width)
    inside = batch[:, :, top:bottom, left:right].to(fill.dtype)
    if inside.shape[2:] == (box.height, box.width):
        return inside
    out = fill.expand(len(batch), 3, box.height, box.width).clone(memory_format=torch.channels_last)
    rows, columns = top - box.top, left - box.left
    out[:, :, rows : rows + inside.shape[2], columns : columns + inside.shape[3]] = inside
    return out


def _interpolate(levels: torch.Tensor, size: int) -> torch.Tensor:
    if levels.shape[2:] == (size, size):
        return levels
    return F.interpolate(levels, size=(size, size), mode="bilinear", align_corners=False, antialias=True)


def _channels(values: Sequence[float], device: torch.device | str) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).reshape(3, 1, 1)
