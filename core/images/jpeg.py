"""JPEG: headers read here, pixels by libjpeg-turbo through imagecodecs: accurate DCT, smooth chroma, few copies.

That decoder fills up with grey what a cut-off file lacks. So a file without its end marker goes through Pillow, which
has the same libjpeg-turbo and tells; the pixels are the same. Pillow doesn't see the metadata segments: it would parse
them, and they may be hostile or just damaged.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import JpegImagePlugin

from core.images.exif import orientation_of, taken_at
from core.images.formats import Fault, Header
from core.images.pixels import from_pil

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_SCAN, _END, _EXIF, _ADOBE, _JFIF = 0xDA, 0xD9, 0xE1, 0xEE, 0xE0
_MAX_SCANS, _FEW_SCANS, _MAX_SCANNED = 128, 32, 2**30
"""Scans in all, scans that any image may have, and pixels that more of them may go over: each goes over all of it."""
_MAX_SEGMENTS: Final = 2**14
_METADATA: Final = (frozenset(range(0xE0, 0xF0)) | {0xFE}) - {_ADOBE, _JFIF}


@dataclass(frozen=True, slots=True)
class _Segments:
    """The segments before the first scan: what to keep of them, and what they say."""

    kept: list[bytes]
    scan: int
    frame: bytes
    frame_marker: int
    exif: bytes


def read_header(data: bytes) -> Header:
    """Read the header of a JPEG file; raises `Fault`."""
    return _header(data, _segments(data))


def read_pixels(data: bytes, header: Header) -> NDArray[np.uint8]:
    """Return the pixels, (H, W) or (H, W, 3), as stored."""
    if header.complete:
        from imagecodecs import jpeg8_decode

        pixels: NDArray[np.uint8] = jpeg8_decode(data)
        if pixels.shape == (header.height, header.width, 3)[: pixels.ndim]:
            return pixels
    # Cut off perhaps, or with inks: four components have conventions that Pillow knows.
    return from_pil(_pillow(data), header.channels)


def read_reduced(data: bytes, header: Header, size_px: int) -> NDArray[np.uint8]:
    """Return the pixels reduced by 1, 2, 4 or 8 while decoding, with the longer side still at least `size_px`."""
    scale = size_px / max(header.width, header.height)
    width, height = max(1, int(header.width * scale)), max(1, int(header.height * scale))
    if header.complete:
        from simplejpeg import decode_jpeg

        colours = "GRAY" if header.channels == 1 else "RGB"
        # What is damaged, or painted with inks, is left to Pillow.
        with suppress(ValueError):
            pixels: NDArray[np.uint8] = decode_jpeg(data, colours, min_height=height, min_width=width)
            return pixels[..., 0] if header.channels == 1 else pixels
    image = _pillow(data)
    image.draft(None, (width, height))
    return from_pil(image, header.channels)


def _pillow(data: bytes) -> JpegImagePlugin.JpegImageFile:
    segments = _segments(data)
    without_metadata = b"".join([b"\xff\xd8", *segments.kept, data[segments.scan :]])
    return JpegImagePlugin.JpegImageFile(io.BytesIO(without_metadata))


def _header(data: bytes, segments: _Segments) -> Header:
    if segments.frame_marker == 0xC3 or len(segments.frame) < 6:
        raise Fault("image_unsupported")
    height, width = int.from_bytes(segments.frame[1:3], "big"), int.from_bytes(segments.frame[3:5], "big")
    scans = data.count(b"\xff\xda")
    if scans > _MAX_SCANS or (scans > _FEW_SCANS and scans * height * width > _MAX_SCANNED):
        raise Fault("image_damaged")
    precision, components = segments.frame[0], segments.frame[5]
    if precision != 8:
        raise Fault("image_unsupported")
    return Header(
        format="jpeg",
        width=width,
        height=height,
        channels=1 if components == 1 else 3,
        bit_depth=8,
        orientation=orientation_of(segments.exif),
        complete=data.rstrip(b"\0").endswith(b"\xff\xd9"),  # some cameras fill up with zeros
        taken_at=taken_at(segments.exif) if segments.exif else None,
    )


def _segments(data: bytes) -> _Segments:
    kept: list[bytes] = []
    frame, frame_marker, exif, position = b"", 0, b"", 2
    for _ in range(_MAX_SEGMENTS):
        start = data.find(b"\xff", position)
        if start < 0 or start + 4 > len(data):
            raise Fault("image_truncated")
        marker = data[start + 1]
        if marker in (0x00, 0xFF) or marker in _STANDALONE:
            position = start + (1 if marker == 0xFF else 2)
            continue
        if marker == _END:
            raise Fault("image_damaged")
        if marker == _SCAN:
            if not frame:
                break
            return _Segments(kept, start, frame, frame_marker, exif)
        position = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        body = data[start + 4 : position]
        if marker in _FRAMES:
            frame, frame_marker = body, marker
        elif marker == _EXIF and not exif and body.startswith(b"Exif\0\0"):
            exif = body
        if marker not in _METADATA:
            kept.append(data[start:position])
    raise Fault("image_damaged")
