"""What is known of an image before its pixels: its format, its header, and the limits it must keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

Raw = NDArray[Any]
"""Decoded pixels: (H, W) grey, (H, W, 3) RGB or (H, W, C) with any number of channels; uint8, uint16 or float32."""

MAX_PIXELS: Final = 2**28
"""16,384 × 16,384: a header that claims more pixels is refused before memory is asked for."""

HOLLOW_PIXELS, HOLLOW_RATIO = 2**24, 10_000
"""Above so many pixels an image must have a byte for each 10,000: no picture compresses further, only bombs do."""

MAX_BYTES: Final = 2**30
"""The most memory that the pixels of one image may take: with many channels or planes fewer pixels are allowed."""

MAX_CHANNELS: Final = 128
"""As many as OpenCV takes."""

PEEK_BYTES: Final = 132
_JPEG = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"})
_SCIENCE = frozenset({".tif", ".tiff", ".btf", ".tf2", ".tf8", ".dcm", ".dicom"})
SLIDE_SUFFIXES: Final = frozenset({".svs", ".ndpi", ".mrxs", ".scn", ".bif", ".svslide", ".vms", ".vmu"})
"""Whole slides, which are never read as a whole: `core.images.slides`."""

IMAGE_SUFFIXES: Final = (
    frozenset({".png", ".bmp", ".dib", ".webp", ".gif", ".heic", ".heif"}) | _JPEG | _SCIENCE | SLIDE_SUFFIXES
)
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


@dataclass(frozen=True, slots=True)
class Where:
    """Which of the images in a file is meant; everything counts from 0.

    Attributes
    ----------
    page
        The page, frame or directory; None for what the file shows by itself.
    z, t
        The plane in depth (None: the brightest of all) and the time (None: the first) of a stack.
    """

    page: int | None = None
    z: int | None = None
    t: int | None = None


WHOLE: Final = Where()


@dataclass(frozen=True, slots=True)
class Header:
    """What a format's header says.

    Attributes
    ----------
    width, height
        As stored, in pixels, before the orientation is applied.
    channels
        1 (grey), 3 (RGB) or any other number: what decoding gives.
    bit_depth
        8, 12 (as uint16), 16, or 32 (as float32): what decoding gives.
    orientation
        EXIF's 1…8.
    complete
        Whether the file's structure proves that nothing is cut off; otherwise only decoding it tells.
    pages, planes
        How many pages or frames there are to choose from, and how many planes in depth.
    pages_left
        How many pages or frames the image is not made of: those of a stack are all in it, but for later times.
    where
        Which of them this is about.
    pixel_size_um
        Width and height of a stored pixel in micrometres.
    channel_names
        One for each channel, or none.
    taken_at
        As ISO 8601, local time where no zone is known.
    window
        The intensities that the file proposes to show as black and white.
    """

    format: str
    width: int
    height: int
    channels: int
    bit_depth: int
    orientation: int = 1
    complete: bool = False
    pages: int = 1
    planes: int = 1
    pages_left: int = 0
    where: Where = WHOLE
    pixel_size_um: tuple[float, float] | None = None
    channel_names: tuple[str, ...] = ()
    taken_at: str | None = None
    window: tuple[float, float] | None = None

    def decoded_bytes(self) -> int:
        """Return how many bytes are unpacked to give the pixels."""
        sample = 1 if self.bit_depth <= 8 else 2 if self.bit_depth <= 16 else 4
        merged = self.planes if self.where.page is None and self.where.z is None else 1
        return self.width * self.height * self.channels * sample * merged


class Fault(Exception):
    """Why an image cannot be decoded, as a code of `core.error_texts`; `core.images.decode` adds whose it is."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sniff(head: bytes) -> str | None:
    """Return the format that the first bytes of a file announce, or None where it is none that Coverslip reads."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head[128:132] == b"DICM":  # what is before it may be the head of a TIFF
        return "dicom"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")):
        return "jpeg2000"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "heic"
    return "bmp" if head.startswith(b"BM") else None
