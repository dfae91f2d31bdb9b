"""Antialiased bilinear resizing as a pair of matrices, without torch: the formula behind every resize in Coverslip.

An image resizes as ``R @ image @ C.T`` with ``R = resize_weights(H, size)`` and ``C = resize_weights(W, size)``, the
same as ``torch.nn.functional.interpolate(mode="bilinear", antialias=True, align_corners=False)``.
"""

from __future__ import annotations

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
