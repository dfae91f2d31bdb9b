"""Image files to pixels: one decoder per format, so that the same file gives the same pixels everywhere.

Every file is taken as hostile. Its format is known by its first bytes, never by its name; its header is checked
against `MAX_PIXELS`, and against the file's own size, before memory is asked for; whatever a decoder raises becomes
an `UnreadableImage` with a reason.
Nothing is ever guessed: a file that is cut off is reported, not filled up with grey.

JPEG, PNG, JPEG 2000 and TIFF are decoded by imagecodecs (libjpeg-turbo, libpng, OpenJPEG, and tifffile around them),
BMP, GIF and WebP by Pillow. Pillow alone would turn 16-bit RGB into 8-bit; OpenCV would not say that a file is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from core.errors import UnreadableImage, UserError
from core.images import dicom, gif, heic, jpeg, jpeg2000, png, simple_formats, slides, tiff
from core.images.exif import apply_orientation, is_turned
from core.images.files import read_file
from core.images.formats import (
    HOLLOW_PIXELS,
    HOLLOW_RATIO,
    MAX_BYTES,
    MAX_CHANNELS,
    MAX_PIXELS,
    WHOLE,
    Fault,
    Header,
    Raw,
    Where,
    sniff,
)


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What a header says, the right way up.

    Attributes
    ----------
    width, height
        In pixels.
    channels
        1 (grey), 3 (RGB) or any other number.
    bit_depth
        8, 12, 16, or 32 for floats.
    pixel_size_um
        Width and height of a pixel in micrometres; None where the file does not say, or only how to print it.
    channel_names
        One for each channel, or none.
    pages
        How many pages or frames there are: ``page=0`` and on.
    planes
        How many planes in depth: ``plane=z0`` and on; without one, the brightest of all.
    pages_left
        How many pages or frames the image is not made of.
    taken_at
        When the picture was taken, as ISO 8601, in local time where no zone is known.
    window
        The intensities that the file proposes to show as black and white.
    """

    width: int
    height: int
    channels: int
    bit_depth: int
    format: str
    pixel_size_um: tuple[float, float] | None = None
    channel_names: tuple[str, ...] = ()
    pages: int = 1
    planes: int = 1
    pages_left: int = 0
    taken_at: str | None = None
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Codec:
    """How one format is read: its header, then its pixels as stored; and the header of one of its pages or planes."""

    header: Callable[[bytes], Header]
    pixels: Callable[[bytes, Header], Raw]
    part: Callable[[bytes, Where], Header] | None = None


_PLANE: Final = re.compile(r"(?:z(\d{1,8}))?(?:(?:(?<=\d),)?t(\d{1,8}))?", re.ASCII)

_CODECS: Final[dict[str, Codec]] = {
    "jpeg": Codec(jpeg.read_header, jpeg.read_pixels),
    "png": Codec(png.read_header, png.read_pixels),
    "tiff": Codec(tiff.read_header, tiff.read_pixels, tiff.read_header),
    "bmp": Codec(simple_formats.read_bmp_header, simple_formats.read_bmp_pixels),
    "gif": Codec(gif.read_header, gif.read_pixels, gif.read_header),
    "jpeg2000": Codec(jpeg2000.read_header, jpeg2000.read_pixels),
    "dicom": Codec(dicom.read_header, dicom.read_pixels, dicom.read_header),
    "heic": Codec(heic.read_header, heic.read_pixels),
    "webp": Codec(simple_formats.read_webp_header, simple_formats.read_webp_pixels),
}


def decode(path: Path) -> Raw:
    """Return the pixels of an image file, the right way up.

    Returns
    -------
    (H, W) grey, (H, W, 3) RGB or (H, W, C) channels; uint8, uint16 or float32. Alpha is composited over white; CMYK,
    palettes and single bits come as RGB or grey; of several frames or pages, the first; of planes in depth, the
    brightest. Signed and longer whole numbers come as float32.

    Raises
    ------
    UnreadableImage
        With the reason as its code: see `core.error_texts`.
    """
    if slides.is_slide(path):
        with readable(path):
            return slides.read_slide(path)
    return decode_bytes(read_file(path), path)


def decode_bytes(data: bytes, path: Path, where: Where = WHOLE) -> Raw:
    """Return the pixels of an image file whose bytes are at hand, or of one of its pages or planes; as `decode`."""
    with readable(path):
        codec, header = _open(data, where)
        return apply_orientation(codec.pixels(data, header), header.orientation)


def decode_page(data: bytes, path: Path, value: str) -> Raw:
    """Return a page of a TIFF file, or a frame of a GIF or DICOM file, counted from 0; as `decode`."""
    with readable(path):
        where = page_where(value)
    return decode_bytes(data, path, where)


def decode_plane(data: bytes, path: Path, value: str) -> Raw:
    """Return a plane of a stack: ``z3``, ``t2`` or ``z3,t2``, counted from 0; as `decode`."""
    with readable(path):
        where = plane_where(value)
    return decode_bytes(data, path, where)


def page_where(value: str) -> Where:
    """Return what ``page=VALUE`` means; raises `Fault`."""
    if not (value.isascii() and value.isdecimal() and len(value) < 9):
        raise Fault("image_no_part")
    return Where(page=int(value))


def plane_where(value: str) -> Where:
    """Return what ``plane=VALUE`` means; raises `Fault`."""
    match = _PLANE.fullmatch(value)
    if match is None or not (match[1] or match[2]):
        raise Fault("image_no_part")
    depth, time = match[1], match[2]
    return Where(z=int(depth) if depth else None, t=int(time) if time else None)


def read_info(path: Path) -> ImageInfo:
    """Return what the header of an image file says, without decoding pixels; raises `UnreadableImage`."""
    if slides.is_slide(path):
        with readable(path):
            return info_of(slides.slide_header(path))
    return read_info_bytes(read_file(path), path)


def read_info_bytes(data: bytes, path: Path, where: Where = WHOLE) -> ImageInfo:
    """Return what the header says of an image whose bytes are at hand; as `read_info`."""
    with readable(path):
        return info_of(_open(data, where)[1])


def verify_bytes(data: bytes, path: Path | str, where: Where = WHOLE) -> ImageInfo:
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
        codec, header = _open(data, where)
        if not header.complete:
            codec.pixels(data, header)
        return info_of(header)


def open_codec(data: bytes) -> tuple[Codec, Header]:
    """Return how an image file is read, and its checked header; to be called within `readable`."""
    return _open(data, WHOLE)


def info_of(header: Header) -> ImageInfo:
    """Return what a header says, the right way up."""
    turned, size = is_turned(header.orientation), header.pixel_size_um
    width, height = (header.height, header.width) if turned else (header.width, header.height)
    return ImageInfo(
        width=width,
        height=height,
        channels=header.channels,
        bit_depth=header.bit_depth,
        format=header.format,
        pixel_size_um=(size[1], size[0]) if turned and size is not None else size,
        channel_names=header.channel_names,
        pages=header.pages,
        planes=header.planes,
        pages_left=header.pages_left,
        taken_at=header.taken_at,
        window=header.window,
    )


class _Readable:
    """As `readable`; a class, which costs a third of what a generator does: it is entered for every image."""

    __slots__ = ("_path",)

    def __init__(self, path: Path | str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Where a decoder is not installed (ImportError), the installation is broken, not the image.
        if not isinstance(error, Exception) or isinstance(error, UserError | ImportError):
            return
        path = str(self._path)
        if isinstance(error, Fault):
            raise UnreadableImage(error.code, path=path) from None
        if isinstance(error, MemoryError):
            raise UnreadableImage("image_too_large", path=path) from error
        # Decoders raise a dozen types on damaged files; each of them means the same to the user.
        code = "image_truncated" if "truncated" in str(error) else "image_damaged"
        raise UnreadableImage(code, path=path) from error


def readable(path: Path | str) -> AbstractContextManager[None]:
    """Turn whatever goes wrong with the image at `path` into an `UnreadableImage`: the per-image boundary."""
    return _Readable(path)


def _open(data: bytes, where: Where) -> tuple[Codec, Header]:
    name = sniff(data)
    if name is None:
        raise Fault("image_unknown_format" if data else "image_empty")
    codec = _CODECS[name]
    header = codec.header(data) if where is WHOLE or where == WHOLE else _part(codec, data, where)
    check_size(header, len(data))
    return codec, header


def _part(codec: Codec, data: bytes, where: Where) -> Header:
    if codec.part is not None:
        return codec.part(data, where)
    if where != Where(page=0):
        raise Fault("image_no_part")
    return codec.header(data)


def check_size(header: Header, n_bytes: int) -> None:
    """Make sure that decoding an image of `n_bytes` takes no absurd amount of memory or time; raises `Fault`."""
    if header.width < 1 or header.height < 1:
        raise Fault("image_damaged")
    if header.channels > MAX_CHANNELS:
        raise Fault("image_unsupported")
    pixels, unpacked = header.width * header.height, header.decoded_bytes()
    if pixels > MAX_PIXELS:
        raise Fault("image_too_large")
    if pixels > HOLLOW_PIXELS and pixels > HOLLOW_RATIO * n_bytes:
        raise Fault("image_hollow")
    if unpacked > 8 * HOLLOW_PIXELS and unpacked > 3 * HOLLOW_RATIO * n_bytes:
        raise Fault("image_hollow")
    if unpacked > max(MAX_BYTES, 4 * n_bytes):
        raise Fault("image_too_heavy")
