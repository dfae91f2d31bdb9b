"""IDX files, the format of MNIST and its kin: a magic number, the dimensions, then bytes; often gzipped.

They are unpacked with a bound: never more than the header claims, nor more than `MAX_BYTES`.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray

from core.images.formats import Fault

MAX_BYTES: Final = 2**31
_LARGE_BYTES, _MAX_RATIO = 2**27, 100
"""What unpacks to more than this must not be packed to less than a hundredth: it is unpacked into memory."""

_UBYTE_LABELS: Final = 0x0801
_UBYTE_IMAGES: Final = 0x0803

IdxImages = NDArray[np.uint8]
"""(N, H, W) uint8, read-only: it is shared."""


def open_idx_images(file: Path) -> IdxImages:
    """Return the (N, H, W) images of an IDX file.

    Raises
    ------
    Fault
        ``idx_magic``, ``idx_size`` or ``image_too_large``.
    OSError
        Where the file cannot be read.
    """
    return _read(file, _UBYTE_IMAGES, 3)


def open_idx_labels(file: Path) -> NDArray[np.uint8]:
    """Return the (N,) label codes of an IDX file; raises as `open_idx_images`."""
    return _read(file, _UBYTE_LABELS, 1)


def _read(file: Path, magic: int, dimensions: int) -> NDArray[np.uint8]:
    with _open(file) as stream:
        try:
            head = stream.read(4 + 4 * dimensions)
            if int.from_bytes(head[:4], "big") != magic:
                raise Fault("idx_magic")
            if len(head) < 4 + 4 * dimensions:
                raise Fault("idx_size")
            shape = tuple(int.from_bytes(head[4 * i + 4 : 4 * i + 8], "big") for i in range(dimensions))
            size = int(np.prod([int(side) for side in shape], dtype=object))
            if size > MAX_BYTES:
                raise Fault("image_too_large")
            if shape[0] and not size:
                raise Fault("idx_size")
            if file.suffix != ".gz":
                return _mapped(file, len(head), shape)
            if size > max(_LARGE_BYTES, _MAX_RATIO * file.stat().st_size):
                raise Fault("archive_bomb")
            body = _read_exactly(stream, size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Fault("idx_size") from error
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)


def _mapped(file: Path, start: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    size = math.prod(shape)
    if file.stat().st_size != start + size:
        raise Fault("idx_size")
    return np.memmap(file, np.uint8, "r", start, shape) if size else np.zeros(shape, np.uint8)


def _open(file: Path) -> BinaryIO:
    if file.suffix == ".gz":
        return cast(BinaryIO, gzip.open(file, "rb"))
    return file.open("rb")


def _read_exactly(stream: BinaryIO, size: int) -> bytearray:
    # Bit by bit, so that a header that claims much makes nobody ask for much memory.
    body = bytearray()
    while len(body) < size and (part := stream.read(min(size - len(body), 2**24))):
        body += part
    if len(body) < size or stream.read(1):
        raise Fault("idx_size")
    return body
