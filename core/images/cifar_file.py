"""CIFAR-10 and CIFAR-100, 32 × 32 RGB, as published: pickled for Python, or as plain records for anything else.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.formats import Fault
from core.images.safe_pickle import MAX_BYTES, load_plain

Images = NDArray[np.uint8]
Labels = dict[str, NDArray[np.int64]]

_SIDE: Final = 32
_PIXELS: Final = 3 * _SIDE * _SIDE
_LABELS: Final = ("labels", "fine_labels", "coarse_labels")
_RECORDS: Final = (
    (1, (("labels", 10),)),
    (2, (("coarse_labels", 20), ("fine_labels", 100))),
)
"""Label bytes before the pixels of a record, and the number of labels that each can name: CIFAR-10, CIFAR-100."""


def is_cifar_pickle(head: bytes) -> bool:
    """Return whether the first bytes are those of a pickle (protocol 2 to 5)."""
    return len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5


def load_cifar_pickle(file: Path) -> dict[str, Any]:
    """Return what a file of the Python version holds, by name; raises `Fault` where it is no plain data."""
    if file.stat().st_size > MAX_BYTES:
        raise Fault("image_too_large")
    found = load_plain(file.read_bytes())
    if not isinstance(found, dict):
        raise Fault("items_unknown")
    return {key.decode("latin-1") if isinstance(key, bytes) else str(key): value for key, value in found.items()}


def open_cifar_pickle(file: Path) -> tuple[Images, Labels]:
    """Return the (N, 32, 32, 3) images and the labels of a batch; raises `Fault`."""
    found = load_cifar_pickle(file)
    data = found.get("data")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != _PIXELS:
        raise Fault("items_unknown")
    labels: Labels = {}
    for name in _LABELS:
        codes = found.get(name)
        if isinstance(codes, list):
            if len(codes) != len(data) or not all(type(code) is int and 0 <= code < 1000 for code in codes):
                raise Fault("item_damaged")
            labels[name] = np.array(codes, dtype=np.int64)
    return _upright(data), labels


def open_cifar_binary(file: Path) -> tuple[Images, Labels] | None:
    """Return the (N, 32, 32, 3) images, mapped from the disk, and the labels; None where the file is no CIFAR."""
    size = file.stat().st_size
    for count, kinds in _RECORDS:
        record = count + _PIXELS
        if not size or size % record:
            continue
        rows = np.memmap(file, dtype=np.uint8, mode="r", shape=(size // record, record))
        labels = {name: rows[:, column].astype(np.int64) for column, (name, _) in enumerate(kinds)}
        if all(int(labels[name].max()) < most for name, most in kinds):
            return _upright(rows[:, count:]), labels
    return None


def _upright(rows: NDArray[np.uint8]) -> Images:
    """Return (N, 32, 32, 3) for rows that hold all of red, then green, then blue; without copying them."""
    return rows.reshape(len(rows), 3, _SIDE, _SIDE).transpose(0, 2, 3, 1)
