"""HEIC through pillow-heif, an optional part: libheif turns the image the right way up and keeps limits of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.images.exif import taken_at
from core.images.formats import Fault, Header
from core.images.pixels import over_white


def read_header(data: bytes) -> Header:
    """Read the header of a HEIC file; raises `Fault` ``image_needs_heic`` where the part is not installed."""
    image = _open(data)
    width, height = image.size
    exif = image.info.get("exif") or b""
    return Header("heic", width, height, 3, 8, taken_at=taken_at(exif))


def read_pixels(data: bytes, header: Header) -> NDArray[np.uint8]:
    """Return the main image, (H, W, 3), alpha composited over white."""
    image = _open(data)
    pixels = np.array(image, dtype=np.uint8)
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape[:2] != (header.height, header.width):
        raise Fault("image_damaged")
    flat: NDArray[np.uint8] = over_white(pixels[..., :3], pixels[..., 3]) if pixels.shape[2] == 4 else pixels
    return flat


def _open(data: bytes) -> Any:
    try:
        from pillow_heif import open_heif
    except ImportError:
        raise Fault("image_needs_heic") from None
    return open_heif(data, convert_hdr_to_8bit=True)
