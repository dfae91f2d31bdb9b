"""Thumbnails: small pictures for the grid, quick for large originals, through a disk cache that is safe to delete."""

from __future__ import annotations

import hashlib
import math
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage
from core.images import jpeg
from core.images.decode import open_codec, readable
from core.images.display import Display, composite
from core.images.exif import apply_orientation
from core.images.formats import Header, Raw
from core.images.intensity import Window, estimate_window, to_rgb8
from core.images.packs import keep, load
from core.images.reader import ImageReader

_CV_CHANNELS: Final = 4
"""OpenCV interpolates no more channels than these at once."""

_LARGE_PX: Final = 512
"""Originals with a longer side than this are kept on disk; smaller ones decode as quickly as they would be read."""

_REDUCED_FROM: Final = 2
"""A JPEG at least so many times larger than its thumbnail is reduced while it is decoded."""

_QUALITY: Final = 90


def thumbnail(
    reader: ImageReader,
    source_id: int,
    path: str,
    size_px: int,
    *,
    window: Window | None = None,
    display: Display | None = None,
    digest: str | None = None,
    cache_dir: Path | None = None,
) -> NDArray[np.uint8]:
    """Return (h, w, 3) uint8 with the longer side at most `size_px`, the aspect kept; never enlarged.

    Parameters
    ----------
    window
        For images of 16 bits and floats; None takes what the file itself proposes (as DICOM does), or spreads each
        image over its own intensities, to look at and not to compare.
    display
        How the data set's images are shown, in place of `window`; 8-bit grey and RGB ones are shown as they are.
    digest, cache_dir
        With both, large originals are kept in and taken from ``cache_dir`` (the project's ``cache/thumbnails``), by
        content, size and window.

    Raises
    ------
    UnreadableImage
        With the reason as its code.
    """
    name = _kept_name(digest, size_px, window, display) if digest else ""
    if cache_dir is not None and name and (found := _load(cache_dir, name)) is not None:
        return found
    raw, large, proposed = _original(reader, source_id, path, size_px)
    small = _small(raw, window or proposed, display, size_px)
    if cache_dir is not None and name and large:
        _keep(cache_dir, name, small)
    return small


def _original(reader: ImageReader, source_id: int, path: str, size_px: int) -> tuple[Raw, bool, Window | None]:
    """Return the pixels, perhaps already reduced, whether the original is large, and the window that it proposes."""
    data = reader.encoded(source_id, path)
    if data is None:
        raw = reader.raw(source_id, path)
        return raw, max(raw.shape[:2]) > _LARGE_PX, None
    file = Path(path)
    with readable(file):
        codec, header = open_codec(data)
        longest = max(header.width, header.height)
        if header.format == "jpeg" and longest >= _REDUCED_FROM * size_px:
            raw = jpeg.read_reduced(data, header, size_px)
        else:
            raw = codec.pixels(data, header)
        return apply_orientation(raw, header.orientation), longest > _LARGE_PX, _proposed(header)


def _proposed(header: Header) -> Window | None:
    """Return the window that a file proposes for itself, where that makes sense."""
    low, high = header.window or (0.0, 0.0)
    return Window(low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None


def _small(raw: Raw, window: Window | None, display: Display | None, size_px: int) -> NDArray[np.uint8]:
    """Return (h, w, 3) uint8. What was measured is averaged before it is windowed: less work, and truer."""
    small = _shrink(raw, size_px)
    if display is not None and not (raw.dtype == np.uint8 and (raw.ndim == 2 or raw.shape[2] == 3)):
        return composite(small, display)
    if raw.dtype != np.uint8 and window is None:
        window = estimate_window([small])
    return to_rgb8(small, window)


def _shrink(image: Raw, size_px: int) -> Raw:
    import cv2

    height, width = image.shape[:2]
    scale = size_px / max(height, width)
    if scale >= 1:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Between neighbours there is nothing to average until every second pixel would be passed over; it is ten times as
    # quick, and with what a reduced JPEG costs, that is seen.
    way = cv2.INTER_LINEAR if 2 * min(size[0] / width, size[1] / height) > 1 else cv2.INTER_AREA
    if image.ndim == 3 and image.shape[2] > _CV_CHANNELS:
        layers = np.moveaxis(image, 2, 0)
        return np.dstack([cv2.resize(np.ascontiguousarray(layer), size, interpolation=way) for layer in layers])
    small = np.asarray(cv2.resize(image, size, interpolation=way))
    return small.reshape(size[1], size[0], *image.shape[2:])


def _kept_name(digest: str, size_px: int, window: Window | None, display: Display | None) -> str:
    seen_through = f"-{window.low}-{window.high}" if window else ""
    if display is not None:
        seen_through = f"-{hashlib.blake2b(display.key.encode(), digest_size=6).hexdigest()}"
    return f"{digest}-{size_px}{seen_through}"


def _load(folder: Path, name: str) -> NDArray[np.uint8] | None:
    data = load(folder, name)
    if data is None:
        return None
    from simplejpeg import decode_jpeg

    with suppress(UnreadableImage), readable(folder):
        picture: NDArray[np.uint8] = decode_jpeg(data, "RGB")
        return picture
    return None


def _keep(folder: Path, name: str, image: NDArray[np.uint8]) -> None:
    from simplejpeg import encode_jpeg

    keep(folder, name, encode_jpeg(np.ascontiguousarray(image), _QUALITY, "RGB", "444"))
