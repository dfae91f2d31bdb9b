"""Images to the network's input, with torch: the one implementation that training, evaluation and embeddings share.

An image is resized on its own, in the calling thread: first its rows, a few at a time straight from the pixels, so
that it is never there as a whole in float; then its columns. That costs a sixth of `interpolate` on a batch of
photographs in float, most of which goes through the memory four times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray

from core.images.channels import LUMA, ChannelMap
from core.images.formats import Raw
from core.images.preprocess import Box, Preprocess
from core.images.resample import resize_line

_CHUNK: Final = 2**19
"""How many levels are turned into floats at a time: about what stays in the cache of a core."""
_STEP_PX: Final = 64
"""Rows are cut, or padded, to a multiple of so many pixels: torch compiles a summing for every width it meets."""
_COLUMNS: Final = 8
"""Output columns made by one matrix product: more of them waste arithmetic on zeros, fewer are more calls."""


def to_network(images: Sequence[Raw], preprocess: Preprocess) -> torch.Tensor:
    """Return (N, C, size, size) float32, normalised, channels last, for N images of any sizes.

    C is `preprocess.width`.

    Parameters
    ----------
    images
        N of (H, W, source), as `Preprocess.image` gives them: (H, W, 3) uint8 RGB without a map of channels.
    """
    size, width = preprocess.size, preprocess.width
    out = torch.empty((len(images), size, size * width), dtype=torch.float32)
    mean, std = (torch.tensor(values, dtype=torch.float32).repeat(size) for values in (preprocess.mean, preprocess.std))
    for row, image in enumerate(images):
        _resize(image, preprocess, mean, out[row])
        out[row].div_(255).sub_(mean).div_(std)
    return out.view(len(images), size, size, width).permute(0, 3, 1, 2)


def resize_rgb8(image: Raw, preprocess: Preprocess) -> NDArray[np.uint8]:
    """Return (size, size, C) uint8 for an image as in `to_network`: same box and filter, rounded to grey levels.

    Without a map of channels it is within one level of `to_network`.

    Quicker than on float, and only good enough for training.
    """
    levels8 = preprocess.channels.levels8(image) if preprocess.channels else image
    pixels = torch.from_numpy(_writable(levels8)).permute(2, 0, 1)[None]
    fill = torch.round(torch.tensor(preprocess.mean, dtype=torch.float32).reshape(-1, 1, 1) * 255).to(torch.uint8)
    levels = _take(pixels, preprocess.box(image.shape[0], image.shape[1]), fill)
    if levels.shape[2:] != (preprocess.size, preprocess.size):
        size = (preprocess.size, preprocess.size)
        levels = F.interpolate(levels, size=size, mode="bilinear", align_corners=False, antialias=True)
    resized: NDArray[np.uint8] = levels[0].permute(1, 2, 0).contiguous().numpy()
    return resized


def _resize(image: Raw, preprocess: Preprocess, mean: torch.Tensor, out: torch.Tensor) -> None:
    """Write the levels of an image's box into `out` (size, size · C), with the colour `mean` (size · C) outside."""
    box, size, depth = preprocess.box(*image.shape[:2]), preprocess.size, preprocess.width
    inside = image[max(0, box.top) : box.top + box.height, max(0, box.left) : box.left + box.width]
    height, width = inside.shape[:2]
    if height == width == size == box.height == box.width:
        out.view(size, size, depth).copy_(_levels(_writable(inside), preprocess.channels))
        return
    down, across = (height, min(0, box.top), box.height, size), (width, min(0, box.left), box.width, size)
    narrow = _sum_rows(inside, down, preprocess)
    for block in _column_blocks(*across, depth):
        torch.mm(narrow[:, block.first : block.last], block.weights, out=out[:, block.start : block.stop])
    if box.height > height or box.width > width:
        covered = _covered(*down)[:, None] * _covered(*across).repeat_interleave(depth)
        out.add_((1 - covered) * (mean * 255))


def _sum_rows(image: Raw, line: tuple[int, int, int, int], preprocess: Preprocess) -> torch.Tensor:
    """Return (size, W · C) float levels: the weighted sums of an image's rows."""
    width, depth, (_, _, box, size) = image.shape[1], preprocess.width, line
    # Strips so narrow that the rows of a few output rows fit into a chunk.
    taps = 2 * max(box, size) // size + 1
    fitting = min(width + _STEP_PX - 1, _CHUNK // (3 * taps * depth))
    strip = max(_STEP_PX, fitting // _STEP_PX * _STEP_PX)
    most = min(len(image), max(taps, _CHUNK // (strip * depth)))
    scratch = torch.empty((most, strip * depth), dtype=torch.float32)
    out = torch.empty((size, width * depth), dtype=torch.float32)
    pixels = _writable(image)
    for rows in _row_chunks(*line, most):
        for left in range(0, width, strip):
            levels = _levels(pixels[rows.first : rows.last, left : left + strip], preprocess.channels)
            n = levels.shape[1] * depth
            scratch[: len(levels), :n].view(levels.shape).copy_(levels)
            sums = F.embedding_bag(rows.positions, scratch, mode="sum", per_sample_weights=rows.weights)
            out[rows.start : rows.stop, left * depth : left * depth + n] = sums[:, :n]
    return out


@dataclass(frozen=True, slots=True)
class _RowChunk:
    """Output rows `start` to `stop`, made of rows `first` to `last`: the sums over (n, T) `positions` after `first`."""

    start: int
    stop: int
    first: int
    last: int
    positions: torch.Tensor
    weights: torch.Tensor


@dataclass(frozen=True, slots=True)
class _ColumnBlock:
    """Values `start` to `stop` of an output row: values `first` to `last` of a row times `weights`."""

    start: int
    stop: int
    first: int
    last: int
    weights: torch.Tensor


@lru_cache(maxsize=256)
def _covered(length: int, offset: int, box: int, size: int) -> torch.Tensor:
    """Return (size,) how much of each output pixel is inside of the line."""
    return torch.from_numpy(resize_line(length, offset, box, size).weights.sum(axis=1))


@lru_cache(maxsize=256)
def _row_chunks(length: int, offset: int, box: int, size: int, most: int) -> tuple[_RowChunk, ...]:
    """Return how the rows are summed, with at most `most` of them in a chunk."""
    line, chunks, start = resize_line(length, offset, box, size), [], 0
    firsts, lasts = line.positions.min(axis=1), line.positions.max(axis=1) + 1
    while start < size:
        first = int(firsts[start])
        stop = max(start + 1, int(np.searchsorted(lasts, first + most, side="right")))
        at, weights = torch.from_numpy(line.positions[start:stop] - first), torch.from_numpy(line.weights[start:stop])
        chunks.append(_RowChunk(start, stop, first, int(lasts[stop - 1]), at, weights))
        start = stop
    return tuple(chunks)


@lru_cache(maxsize=64)
def _column_blocks(length: int, offset: int, box: int, size: int, depth: int) -> tuple[_ColumnBlock, ...]:
    """Return how the columns are summed in rows of `depth` channels side by side."""
    line, blocks = resize_line(length, offset, box, size), []
    for start in range(0, size, _COLUMNS):
        positions, weights = line.positions[start : start + _COLUMNS], line.weights[start : start + _COLUMNS]
        first, last = int(positions.min()), int(positions.max()) + 1
        matrix = np.zeros((last - first, depth, len(weights), depth), dtype=np.float32)
        outputs, taps = np.nonzero(weights)
        for channel in range(depth):
            matrix[positions[outputs, taps] - first, channel, outputs, channel] = weights[outputs, taps]
        flat = torch.from_numpy(matrix.reshape((last - first) * depth, -1))
        stop = start + len(weights)
        blocks.append(_ColumnBlock(start * depth, stop * depth, first * depth, last * depth, flat))
    return tuple(blocks)


def _levels(pixels: Raw, channels: ChannelMap | None) -> torch.Tensor:
    """Return (h, w, C) levels from 0 to 255, not rounded, for pixels (h, w, source)."""
    if channels is None:
        return torch.from_numpy(pixels)
    chosen = torch.from_numpy(pixels.astype(np.float32))[..., list(channels.channels)]
    low = torch.tensor([window.low for window in channels.windows], dtype=torch.float32)
    scale = torch.tensor([255 / (window.high - window.low) for window in channels.windows], dtype=torch.float32)
    levels = ((chosen - low) * scale).clamp(0, 255)
    if not channels.luma:
        return levels
    return (levels * torch.tensor(LUMA, dtype=torch.float32)).sum(dim=-1, keepdim=True)


def _writable(image: Raw) -> Raw:
    """Return the image as torch takes it: it warns of what cannot be written to, and knows no rows upside down."""
    return image if image.flags.writeable and min(image.strides) >= 0 else image.copy()


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
