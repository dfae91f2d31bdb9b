"""JPEG: the quantisation tables, which tell encoders and their settings apart, the chroma's sampling, EXIF and ICC."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.images.hashing import bytes_digest
from core.quality.facts.exif_traces import exif_traces
from core.quality.facts.texts import Traces, icc_name

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE: Final = frozenset({0x01, 0xFF, *range(0xD0, 0xD9)})
_TABLES, _SCAN, _END, _APP1, _APP2 = 0xDB, 0xDA, 0xD9, 0xE1, 0xE2
_ICC: Final = b"ICC_PROFILE\0"

# Annex K.1 of ITU-T T.81 (luminance), in the zigzag order of the file.
_STANDARD: Final = (
    "16 11 12 14 12 10 16 14 13 14 18 17 16 19 24 40 26 24 22 22 24 49 35 37 29 40 58 51 61 60 57 51 "
    "56 55 64 72 92 78 64 68 87 69 55 56 80 109 81 87 95 98 103 104 103 62 77 113 121 112 100 120 92 101 103 99"
)


def read_traces(data: bytes) -> Traces:
    """Return what the segments before the first scan say."""
    tables, frame, exif, icc = [], b"", b"", b""
    for marker, body in _segments(data):
        if marker == _TABLES:
            tables.append(body)
        elif marker in _FRAMES:
            frame = body
        elif marker == _APP1 and not exif and body.startswith(b"Exif\0\0"):
            exif = body
        elif marker == _APP2 and not icc and body.startswith(_ICC):
            icc = body[len(_ICC) + 2 :]
    traces = exif_traces(exif)
    numbers = traces.numbers | {"jpeg_quality": _quality(tables), "jpeg_subsampling": _subsampling(frame)}
    tags = dict(traces.tags)
    if tables:
        tags["jpeg_tables"] = bytes_digest(b"".join(tables))[:12]
    if icc:
        tags["icc"] = icc_name(icc)
    return Traces(numbers, tags)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 2
    while (start := data.find(b"\xff", position)) >= 0 and start + 4 <= len(data):
        marker = data[start + 1]
        if marker in (_SCAN, _END):
            return
        if marker == 0 or marker in _STANDALONE:
            position = start + (1 if marker == 0xFF else 2)
            continue
        length = int.from_bytes(data[start + 2 : start + 4], "big")
        position = start + 2 + max(2, length)
        yield marker, data[start + 4 : position]


def _quality(tables: list[bytes]) -> float:
    """Return the quality, 1 to 100, at which the IJG's encoder has a table nearest to the file's first one."""
    body = b"".join(tables)
    wide = bool(body) and body[0] >> 4
    table = body[1 : 129 if wide else 65]
    if len(table) != (128 if wide else 64):
        return float("nan")
    values = np.frombuffer(table, dtype=">u2" if wide else np.uint8)
    return 1.0 + float(np.argmin(np.abs(_standard() - values.astype(np.int32)).sum(1)))


@lru_cache(maxsize=1)
def _standard() -> NDArray[np.int32]:
    """Return (100, 64) the tables of qualities 1 to 100."""
    quality = np.arange(1, 101)[:, None]
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    base = np.array(_STANDARD.split(), dtype=np.int32)
    return np.clip((base * scale + 50) // 100, 1, 255).astype(np.int32)


def _subsampling(frame: bytes) -> float:
    """Return 10 × horizontal + vertical sampling of the first component; NaN of grey images."""
    return float(10 * (frame[7] >> 4) + (frame[7] & 15)) if len(frame) > 8 and frame[5] > 1 else float("nan")
