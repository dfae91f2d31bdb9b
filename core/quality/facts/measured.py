"""One image from its file to its facts: read once, decoded once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from core.domain.address import parse_address
from core.images.decode import ImageInfo, info_of, open_codec, readable
from core.images.exif import apply_orientation
from core.images.formats import Raw
from core.images.reader import ImageReader
from core.quality.facts.bank import Measured
from core.quality.facts.columns import COLUMNS
from core.quality.facts.measure import measure_pixels
from core.quality.facts.traces import Acquisition, acquisition

_COLUMN: Final = {name: index for index, name in enumerate(COLUMNS)}
_BLOCK: Final = 4


def measure_image(reader: ImageReader, source_id: int, path: str) -> Measured:
    """Return the facts of an image of a source; raises `UnreadableImage`."""
    data = reader.encoded(source_id, path)
    if data is None:
        raw = reader.raw(source_id, path)
        with readable(path):
            return _measured(raw, acquisition(None, _info(raw, path)))
    return measure_bytes(data, Path(reader.tree(source_id).root) / path)


def measure_bytes(data: bytes, place: Path) -> Measured:
    """Return the facts of an image file whose bytes are at hand; raises `UnreadableImage`.

    Parameters
    ----------
    place
        Where it is from, for the reason where it cannot be read.
    """
    with readable(place):
        codec, header = open_codec(data)
        stored = codec.pixels(data, header)
        measured = _measured(apply_orientation(stored, header.orientation), acquisition(data, info_of(header)))
        # What is missing at the end comes as flat blocks; without any, there is no need to look again.
        if header.format == "jpeg" and not np.ptp(stored[-_BLOCK:, -_BLOCK:], axis=(0, 1)).any():
            measured.arrays["numbers"][_COLUMN["decoder_warned"]] = float(_is_broken(data))
        return measured


def _measured(raw: Raw, traces: Acquisition) -> Measured:
    arrays, numbers = measure_pixels(raw)
    row = np.full(len(COLUMNS), np.nan, dtype=np.float32)
    for name, value in (numbers | traces.numbers | {"decoder_warned": 0.0}).items():
        row[_COLUMN[name]] = value
    return Measured({**arrays, "numbers": row}, traces.tags)


def _is_broken(data: bytes) -> bool:
    """Whether the decoder finds the data of a JPEG damaged, which it passes over in silence where it can go on."""
    from simplejpeg import decode_jpeg

    try:
        decode_jpeg(data, "GRAY", min_height=1, min_width=1, strict=True)
    except ValueError:
        return True
    return False


def _info(raw: Raw, path: str) -> ImageInfo:
    channels = 1 if raw.ndim == 2 else raw.shape[2]
    return ImageInfo(raw.shape[1], raw.shape[0], channels, 8 * raw.dtype.itemsize, parse_address(path).part or "slide")
