"""Image files to pixels: one decoder per format, so that the same file gives the same pixels everywhere.

Every file is taken as hostile. Its format is known by its first bytes, never by its name; its header is checked
against `MAX_PIXELS`, and against the file's own size, before memory is asked for; whatever a decoder raises becomes
an `UnreadableImage` with a reason.
Nothing is ever guessed: a file that is cut off is reported, not filled up with grey.

JPEG, PNG and TIFF are decoded by imagecodecs (libjpeg-turbo, libpng, and tifffile around it), BMP, GIF and WebP by
Pillow. Pillow alone would turn 16-bit RGB into 8-bit; OpenCV would not say that a file is cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import UnreadableImage
from core.images import jpeg, png, simple_formats, tiff
from core.images.exif import apply_orientation, is_turned
from core.images.files import read_file
from core.images.formats import HOLLOW_PIXELS, HOLLOW_RATIO, MAX_PIXELS, Fault, Header, Raw, sniff


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What a header says: `width` and `height` in pixels the right way up, `channels` 1 or 3, `bit_depth` 8 or 16."""

    width: int
    height: int
    channels: int
    bit_depth: int
    format: str


@dataclass(frozen=True, slots=True)
class _Codec:
    """How one format is read: its header, then its pixels as stored."""

    header: Callable[[bytes], Header]
    pixels: Callable[[bytes, Header], Raw]


_CODECS: Final[dict[str, _Codec]] = {
    "jpeg": _Codec(jpeg.read_header, jpeg.read_pixels),
    "png": _Codec(png.read_header, png.read_pixels),
    "tiff": _Codec(tiff.read_header, tiff.read_pixels),
    "bmp": _Codec(simple_formats.read_bmp_header, simple_formats.read_bmp_pixels),
    "gif": _Codec(simple_formats.read_gif_header, simple_formats.read_gif_pixels),
    "webp": _Codec(simple_formats.read_webp_header, simple_formats.read_webp_pixels),
}


def decode(path: Path) -> Raw:
    """Return the pixels of an image file, the right way up.

    Returns
    -------
    (H, W) grey or (H, W, 3) RGB, uint8 or uint16. Alpha is composited over white; CMYK, palettes and single bits
    come as RGB or grey; of several frames or pages, the first.

    Raises
    ------
    UnreadableImage
        With the reason as its code: see `core.error_texts`.
    """
    return decode_bytes(read_file(path), path)


def decode_bytes(data: bytes, path: Path) -> Raw:
    """Return the pixels of an image file whose bytes are at hand; as `decode`."""
    with readable(path):
        codec, header = _open(data)
        return apply_orientation(codec.pixels(data, header), header.orientation)


def read_info(path: Path) -> ImageInfo:
    """Return what the header of an image file says, without decoding pixels; raises `UnreadableImage`."""
    data = read_file(path)
    with readable(path):
        return _info(_open(data)[1])


def verify_bytes(data: bytes, path: Path) -> ImageInfo:
    """Return what the header says, having made sure that the image is not cut off.

    A file whose structure proves that it is complete (a JPEG or GIF with its end marker, a PNG whose chunks are all
    there with the right checksums, an uncompressed TIFF with all its strips) is not decoded; any other file is. On
    large images that is many times quicker than decoding them all.

    Raises
    ------
    UnreadableImage
        With the reason as its code.
    """
    with readable(path):
        codec, header = _open(data)
        if not header.complete:
            codec.pixels(data, header)
        return _info(header)


def open_header(data: bytes) -> Header:
    """Return the checked header of an image file; to be called within `readable`."""
    return _open(data)[1]


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong with the image at `path` into an `UnreadableImage`: the per-image boundary."""
    try:
        yield
    except (UnreadableImage, ImportError):
        # Where a decoder is not installed, the installation is broken, not the image.
        raise
    except Fault as fault:
        raise UnreadableImage(fault.code, path=str(path)) from None
    except MemoryError as error:
        raise UnreadableImage("image_too_large", path=str(path)) from error
    except Exception as error:
        # Decoders raise a dozen types on damaged files; each of them means the same to the user.
        code = "image_truncated" if "truncated" in str(error) else "image_damaged"
        raise UnreadableImage(code, path=str(path)) from error


def _open(data: bytes) -> tuple[_Codec, Header]:
    name = sniff(data)
    if name is None:
        raise Fault("image_unknown_format" if data else "image_empty")
    codec = _CODECS[name]
    header = codec.header(data)
    if header.width < 1 or header.height < 1:
        raise Fault("image_damaged")
    pixels = header.width * header.height
    if pixels > MAX_PIXELS:
        raise Fault("image_too_large")
    if pixels > HOLLOW_PIXELS and pixels > HOLLOW_RATIO * len(data):
        raise Fault("image_hollow")
    return codec, header


def _info(header: Header) -> ImageInfo:
    turned = is_turned(header.orientation)
    width, height = (header.height, header.width) if turned else (header.width, header.height)
    return ImageInfo(width, height, header.channels, header.bit_depth, header.format)
