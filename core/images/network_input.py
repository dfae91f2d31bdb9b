"""Images to the network's input, with torch: the one implementation that training, evaluation and embeddings share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray

from core.images.channels import LUMA, ChannelMap
from core.images.formats import Raw
from core.images.preprocess import Box, Preprocess

_CHUNK_PIXELS: Final = 2**24
"""The most source pixels resized at once: 200 MB as float."""


def to_network(images: Sequence[Raw], preprocess: Preprocess, device: torch.device | str = "cpu") -> torch.Tensor:
    """Return (N, C, size, size) float32, normalised, for N images of any sizes, on `device`; C is `preprocess.width`.

    Parameters
    ----------
    images
        N of (H, W, source), as `Preprocess.image` gives them: (H, W, 3) uint8 RGB without a map of channels. Those of
        one size are worked on together.
    """
    size, width = preprocess.size, preprocess.width
    out = torch.empty((len(images), width, size, size), dtype=torch.float32, device=device)
    mean, std = _channels(preprocess.mean, device), _channels(preprocess.std, device)
    for rows in _batches(images):
        levels = _resized([images[row] for row in rows], preprocess, device)
        out[rows] = (levels / 255 - mean) / std
    return out


def resize_rgb8(image: Raw, preprocess: Preprocess) -> NDArray[np.uint8]:
    """Return (size, size, C) uint8 for an image as in `to_network`: same box and filter, rounded to grey levels.

    Without a map of channels it is within one level of `to_network`.

    Ten times as quick as on float, and only good enough for training.
    """
    levels8 = preprocess.channels.levels8(image) if preprocess.channels else image
    writable = levels8 if levels8.flags.writeable else levels8.copy()  # torch warns of what cannot be written to
    pixels = torch.from_numpy(writable).permute(2, 0, 1)[None]
    fill = torch.round(_channels(preprocess.mean, "cpu") * 255).to(torch.uint8)
    levels = _take(pixels, preprocess.box(image.shape[0], image.shape[1]), fill)
    resized: NDArray[np.uint8] = _interpolate(levels, preprocess.size)[0].permute(1, 2, 0).contiguous().numpy()
    return resized


def _batches(images: Sequence[Raw]) -> Iterator[list[int]]:
    """Yield the rows of images of one size, so many that their pixels fit into a chunk."""
    by_size: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for row, image in enumerate(images):
        by_size[image.shape].append(row)
    for shape, rows in by_size.items():
        step = max(1, _CHUNK_PIXELS // max(1, shape[0] * shape[1]))
        for start in range(0, len(rows), step):
            yield rows[start : start + step]


def _resized(images: Sequence[Raw], preprocess: Preprocess, device: torch.device | str) -> torch.Tensor:
    """Return (n, C, size, size) float levels for n images of one size."""
    stacked = np.stack(images)
    if preprocess.channels:
        batch = _levels(torch.from_numpy(stacked.astype(np.float32, copy=False)).to(device), preprocess.channels)
    else:
        batch = torch.from_numpy(stacked).to(device)
    batch = batch.permute(0, 3, 1, 2)
    box = preprocess.box(batch.shape[2], batch.shape[3])
    return _interpolate(_take(batch, box, _channels(preprocess.mean, device) * 255), preprocess.size)


def _levels(images: torch.Tensor, channels: ChannelMap) -> torch.Tensor:
    """Return (n, H, W, C) levels from 0 to 255 for float values (n, H, W, source), not rounded."""
    chosen = images[..., list(channels.channels)]
    low = torch.tensor([window.low for window in channels.windows], dtype=torch.float32, device=images.device)
    scale = torch.tensor(
        [255 / (window.high - window.low) for window in channels.windows], dtype=torch.float32, device=images.device
    )
    levels = ((chosen - low) * scale).clamp(0, 255)
    if not channels.luma:
        return levels
    return (levels * torch.tensor(LUMA, dtype=torch.float32, device=images.device)).sum(dim=3, keepdim=True)


def _take(batch: torch.Tensor, box: Box, fill: torch.Tensor) -> torch.Tensor:
    """Return the box of (n, C, H, W) in the type of `fill` (C, 1, 1), and that colour where it reaches outside."""
    height, width = batch.shape[2:]
    top, left = max(0, box.top), max(0, box.left)
    bottom, right = min(height, box.top + box.height), min(width, box.left + box.width)
    inside = batch[:, :, top:bottom, left:right].to(fill.dtype)
    if inside.shape[2:] == (box.height, box.width):
        return inside
    out = fill.expand(len(batch), len(fill), box.height, box.width).clone(memory_format=torch.channels_last)
    rows, columns = top - box.top, left - box.left
    out[:, :, rows : rows + inside.shape[2], columns : columns + inside.shape[3]] = inside
    return out


def _interpolate(levels: torch.Tensor, size: int) -> torch.Tensor:
    if levels.shape[2:] == (size, size):
        return levels
    return F.interpolate(levels, size=(size, size), mode="bilinear", align_corners=False, antialias=True)


def _channels(values: Sequence[float], device: torch.device | str) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).reshape(-1, 1, 1)
