"""One frame of a DICOM file as it is stored, whatever its transfer syntax, without any of pydicom's plugins.

What a compressed frame says of its size is held against the data set before a decoder asks for memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.formats import Fault
from core.images.jpeg2000 import read_codestream

if TYPE_CHECKING:
    from pydicom import Dataset

_RLE: Final = "1.2.840.10008.1.2.5"
_JPEG: Final = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70))
_JPEG_LS: Final = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (80, 81))
_JPEG_2000: Final = frozenset(f"1.2.840.10008.1.2.4.{number}" for number in (90, 91))
_NATIVE: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
SYNTAXES: Final = _JPEG | _JPEG_LS | _JPEG_2000 | _NATIVE | {_RLE}
"""The transfer syntaxes that are read. Deflated data sets are not: nothing says how large they become."""

_SAYS_COLOURS, _HEAD_BYTES = (b"\xff\xee\x00\x0eAdobe", b"JFIF\0"), 4096
_FRAME_MARKERS: Final = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | {0xF7}

_ITEM: Final = b"\xfe\xff\x00\xe0"
_MOST_ITEMS: Final = 2**17
"""Pieces that compressed frames may be in; each of them is looked at."""


def is_native(syntax: str) -> bool:
    """Whether frames are stored without compression."""
    return syntax in _NATIVE


def stored_frame(dataset: Dataset, syntax: str, index: int, frames: int) -> NDArray[Any]:
    """Return frame `index` as stored, (H, W) or (H, W, 3), colours as RGB; raises `Fault` or what a decoder raises."""
    if is_native(syntax):
        from pydicom.pixels.decoders.base import get_decoder

        native: NDArray[Any] = get_decoder(syntax).as_array(dataset, index=index, raw=False)[0]
        return native
    from pydicom.encaps import get_frame

    if dataset.PixelData.count(_ITEM) > _MOST_ITEMS:
        raise Fault("image_damaged")
    frame = get_frame(dataset.PixelData, index, number_of_frames=frames)
    shape = (int(dataset.Rows), int(dataset.Columns), int(dataset.get("SamplesPerPixel", 1)))
    photometric = str(dataset.PhotometricInterpretation)
    if syntax == _RLE:
        pixels = _run_lengths(frame, shape, int(dataset.BitsAllocated))
    elif syntax in _JPEG_2000:
        pixels = _jpeg_2000(frame, shape)
    else:
        pixels = _jpeg(frame, shape, syntax, photometric)
    if pixels.shape != (shape if shape[2] > 1 else shape[:2]):
        raise Fault("image_damaged")
    if syntax == _RLE or syntax in _JPEG_LS:
        return _to_rgb(pixels, photometric)
    return pixels


def _run_lengths(frame: bytes, shape: tuple[int, int, int], bits: int) -> NDArray[Any]:
    from imagecodecs import dicomrle_decode

    dtype = np.dtype(f"<u{bits // 8}")
    expected = shape[0] * shape[1] * shape[2] * dtype.itemsize
    if expected > 128 * len(frame):  # a run is at most 128 bytes long
        raise Fault("image_truncated")
    plain = dicomrle_decode(frame, dtype)
    if len(plain) != expected:
        raise Fault("image_damaged")
    planes = np.frombuffer(plain, dtype).reshape(shape[2], *shape[:2])
    return np.ascontiguousarray(planes[0] if shape[2] == 1 else np.moveaxis(planes, 0, -1))


def _jpeg_2000(frame: bytes, shape: tuple[int, int, int]) -> NDArray[Any]:
    from imagecodecs import jpeg2k_decode

    start = max(0, frame.find(b"\xff\x4f\xff\x51"))  # some writers put whole JP2 files inside
    said = read_codestream(frame, start)
    if (said.height, said.width, said.channels) != shape:
        raise Fault("image_damaged")
    pixels: NDArray[Any] = jpeg2k_decode(frame[start:])
    return pixels


def _jpeg(frame: bytes, shape: tuple[int, int, int], syntax: str, photometric: str) -> NDArray[Any]:
    from imagecodecs import jpeg_decode, jpegls_decode

    if _jpeg_shape(frame) != shape:
        raise Fault("image_damaged")
    # That decoder would fill up with grey what is cut off.
    if not frame.rstrip(b"\0\xff").endswith(b"\xff\xd9"):
        raise Fault("image_truncated")
    if syntax in _JPEG_LS:
        pixels: NDArray[Any] = jpegls_decode(frame)
    elif photometric == "RGB" and shape[2] == 3 and not any(mark in frame[:_HEAD_BYTES] for mark in _SAYS_COLOURS):
        # Nothing in the JPEG says so, but the data set does: these are colours already.
        pixels = jpeg_decode(frame, colorspace="RGB", outcolorspace="RGB")
    else:
        pixels = jpeg_decode(frame)
    return pixels


def _jpeg_shape(frame: bytes) -> tuple[int, int, int]:
    """Return height, width and components of a JPEG or JPEG-LS; raises `Fault`."""
    position = 2
    while position + 10 <= len(frame) and frame[position] == 0xFF:
        marker = frame[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        body = position + 4
        if marker in _FRAME_MARKERS:
            height = int.from_bytes(frame[body + 1 : body + 3], "big")
            return height, int.from_bytes(frame[body + 3 : body + 5], "big"), frame[body + 5]
        position += 2 + int.from_bytes(frame[position + 2 : body], "big")
    raise Fault("image_damaged")


def _to_rgb(pixels: NDArray[Any], photometric: str) -> NDArray[Any]:
    """Return RGB for what is stored in another colour space and not converted by its decoder."""
    if photometric != "YBR_FULL" or pixels.ndim != 3 or pixels.dtype != np.uint8:
        return pixels
    from pydicom.pixels.processing import convert_color_space

    colours: NDArray[Any] = convert_color_space(pixels, "YBR_FULL", "RGB")
    return colours
