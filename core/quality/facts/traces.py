"""The traces that an acquisition leaves in a file beside the pixels: device, software, moment, tables of the encoder.

They are texts and numbers of strangers: nothing is trusted, everything is bounded, and what makes no sense is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from core.images.decode import ImageInfo
from core.quality.facts import dicom_traces, jpeg_traces, png_traces, tiff_traces
from core.quality.facts.texts import Traces

_READERS: Final[dict[str, Callable[[bytes], Traces]]] = {
    "jpeg": jpeg_traces.read_traces,
    "png": png_traces.read_traces,
    "tiff": tiff_traces.read_traces,
    "dicom": dicom_traces.read_traces,
}


@dataclass(frozen=True, slots=True)
class Acquisition:
    """Numbers and texts by the names of `core.quality.facts.columns`."""

    numbers: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def acquisition(data: bytes | None, info: ImageInfo) -> Acquisition:
    """Return the traces in an image's bytes (None: it has none of its own), and what its header says.

    To be called within `core.images.decode.readable`.
    """
    traces = _traces(data, info.format) if data is not None else Traces()
    day, second = _moment(info.taken_at)
    numbers = {
        "width": float(info.width),
        "height": float(info.height),
        "channels": float(info.channels),
        "bit_depth": float(info.bit_depth),
        "bytes_per_pixel": len(data) / (info.width * info.height) if data is not None else np.nan,
        "taken_day": day,
        "taken_second": second,
        "pixel_size_um": info.pixel_size_um[0] if info.pixel_size_um else np.nan,
        "has_icc": float(bool(traces.tags.get("icc"))),
    }
    return Acquisition(numbers | traces.numbers, {"format": info.format, **traces.tags})


def _traces(data: bytes, kind: str) -> Traces:
    reader = _READERS.get(kind)
    try:
        return reader(data) if reader is not None else Traces()
    except (ValueError, LookupError, TypeError, struct.error):
        # An image whose pixels are whole is not unreadable for what is said beside them.
        return Traces()


def _moment(text: str | None) -> tuple[float, float]:
    """Return days since 1970 and seconds of the day, which 32-bit floats hold to the second; NaN without a moment."""
    try:
        moment = datetime.fromisoformat(text[:19]) if text else None
    except ValueError:
        moment = None
    if moment is None:
        return np.nan, np.nan
    return float(moment.toordinal() - 719_163), float(moment.hour * 3600 + moment.minute * 60 + moment.second)
