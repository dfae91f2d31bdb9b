"""Plain frames around a picture, as a screenshot or a slide has them: where what they surround lies."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_PLAIN_LEVELS: Final = 3
"""Of 255, by which a row of a frame may vary: an encoder's traces."""
_WIDEST: Final = 9
"""Pixels of 32."""


def inner_boxes(small: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return (N, 4) left, top, right and bottom (past the last) of what is within a plain frame; all where none is.

    Parameters
    ----------
    small
        (N, S, S) grey pictures.
    """
    size = small.shape[-1]
    left, right = _plain(small.transpose(0, 2, 1)), _plain(small.transpose(0, 2, 1)[:, ::-1])
    top, bottom = _plain(small), _plain(small[:, ::-1])
    return np.stack([left, top, size - right, size - bottom], axis=1)


def framed(boxes: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    """Return (N,) whether a frame was found."""
    found: NDArray[np.bool_] = ((boxes[:, 2] - boxes[:, 0]) < size) | ((boxes[:, 3] - boxes[:, 1]) < size)
    return found


def cut_out(small: NDArray[np.uint8], boxes: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return what is within boxes (N, 4) of pictures (N, S, S), at their size."""
    import cv2

    size = small.shape[-1]
    found = np.empty_like(small)
    for place, (left, top, right, bottom) in enumerate(boxes.tolist()):
        inner = np.ascontiguousarray(small[place, top:bottom, left:right])
        found[place] = cv2.resize(inner, (size, size), interpolation=cv2.INTER_LINEAR)
    return found


def parts_within(boxes: NDArray[np.int64], size: int) -> NDArray[np.float32]:
    """Return (N, 2, 3) maps from places in what is within the boxes to places in the whole, each -1 to 1."""
    low, high = boxes[:, :2] * 2 / size - 1, boxes[:, 2:] * 2 / size - 1
    found = np.zeros((len(boxes), 2, 3), dtype=np.float32)
    found[:, [0, 1], [0, 1]] = (high - low) / 2
    found[:, :, 2] = (high + low) / 2
    return found


def _plain(small: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return how many rows from the first on are of one level, the same in all; 0 where the whole picture might be."""
    rows = small[:, : _WIDEST + 1].astype(np.int16)
    level = np.median(rows[:, 0], axis=1)
    apart = np.abs(rows - level[:, None, None]).max(axis=2)
    count = np.cumprod(apart <= _PLAIN_LEVELS, axis=1).sum(axis=1)
    found: NDArray[np.int64] = np.where(count > _WIDEST, 0, count).astype(np.int64)
    return found
