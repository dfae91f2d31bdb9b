"""Antialiased bilinear resizing as a pair of matrices, without torch: the formula behind every resize in Coverslip.

An image resizes as ``R @ image @ C.T`` with ``R = resize_weights(H, size)`` and ``C = resize_weights(W, size)``, the
same as ``torch.nn.functional.interpolate(mode="bilinear", antialias=True, align_corners=False)``. Nearly all of the
weights are 0; `Line` has the others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def resize_weights(in_size: int, out_size: int) -> NDArray[np.float32]:
    """Return the (out_size, in_size) weights that resize a line of pixels.

    A triangle as wide as the reduction (one pixel when enlarging) stands over each output pixel's centre; what falls
    outside the line is left out and each row sums to 1.
    """
    # In units of half a pixel of a grid that both sizes divide, so that centres and distances are exact.
    centres = (2 * np.arange(out_size) + 1) * in_size
    distances = (2 * np.arange(in_size) + 1) * out_size - centres[:, None]
    weights = np.maximum(0.0, 1.0 - np.abs(distances) / (2 * max(in_size, out_size)))
    normalised: NDArray[np.float32] = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised


@dataclass(frozen=True, slots=True)
class Line:
    """How a line of pixels, or a box around its middle, becomes `S` output pixels: the weights that are not 0.

    Attributes
    ----------
    positions
        (S, T) the pixels of the line that an output pixel is made of; where it needs fewer than T, and where the box
        reaches outside of the line, any pixels of weight 0.
    weights
        (S, T) float32.
    """

    positions: NDArray[np.int64]
    weights: NDArray[np.float32]


def resize_line(length: int, offset: int, box: int, out_size: int) -> Line:
    """Return how the `box` pixels from `offset` on of a line of `length` pixels are resized to `out_size`.

    The box may begin before the line (`offset` below 0) and end after it. What is outside weighs nothing: there the
    weights of an output pixel sum to less than 1.
    """
    support = max(box, out_size)
    centres = (2 * np.arange(out_size, dtype=np.int64) + 1) * box
    taps = min(box, 2 * support // out_size + 1)
    # The first pixel whose distance is less than the triangle's half, in the units of `resize_weights`.
    first = np.clip((centres - 2 * support - out_size) // (2 * out_size) + 1, 0, box - taps)
    inside_box = first[:, None] + np.arange(taps)
    distances = (2 * inside_box + 1) * out_size - centres[:, None]
    weights = np.maximum(0.0, 1.0 - np.abs(distances) / (2 * support))
    weights /= weights.sum(axis=1, keepdims=True)
    positions = inside_box + offset
    weights[(positions < 0) | (positions >= length)] = 0
    return Line(np.clip(positions, 0, length - 1), weights.astype(np.float32))
