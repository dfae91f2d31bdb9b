"""EXIF: who made the picture, with which device and settings."""

from __future__ import annotations

import struct

from core.images.exif import entries
from core.quality.facts.texts import Traces, said

_MAKE, _MODEL, _SOFTWARE, _DEEPER, _ICC = 0x010F, 0x0110, 0x0131, 0x8769, 0x8773
_EXPOSURE, _ISO, _SERIAL, _LENS = 0x829A, 0x8827, 0xA431, 0xA434
_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5


def exif_traces(exif: bytes) -> Traces:
    """Return what EXIF data (a TIFF structure, perhaps after ``Exif\\0\\0``) say; nothing of damaged ones."""
    data = exif.removeprefix(b"Exif\0\0")
    first = entries(data, None)
    kind, _, start = first.get(_DEEPER, (0, 0, 0))
    deeper = entries(data, start) if kind == _LONG else {}
    numbers = {}
    if (exposure := _rational(data, deeper.get(_EXPOSURE))) is not None:
        numbers["exposure_s"] = exposure
    if (iso := _short(data, deeper.get(_ISO))) is not None:
        numbers["iso"] = iso
    device = [text for tag in (_SERIAL, _LENS) if (text := _text(data, deeper.get(tag)))]
    tags = said(
        make=_text(data, first.get(_MAKE)),
        model=_text(data, first.get(_MODEL)),
        software=_text(data, first.get(_SOFTWARE)),
        device=b" ".join(device),
    )
    return Traces(numbers, tags)


def _text(data: bytes, entry: tuple[int, int, int] | None) -> bytes:
    if entry is None or entry[0] != _ASCII:
        return b""
    _, count, value = entry
    if count <= 4:
        return struct.pack(_order(data) + "I", value)[:count].rstrip(b"\0")
    return data[value : value + min(count, 256)].split(b"\0")[0]


def _short(data: bytes, entry: tuple[int, int, int] | None) -> float | None:
    if entry is None or entry[0] != _SHORT:
        return None
    return float(struct.unpack_from(_order(data) + "H", struct.pack(_order(data) + "I", entry[2]))[0])


def _rational(data: bytes, entry: tuple[int, int, int] | None) -> float | None:
    if entry is None or entry[0] != _RATIONAL or entry[2] + 8 > len(data):
        return None
    above, below = struct.unpack_from(_order(data) + "II", data, entry[2])
    return float(above / below) if below else None


def _order(data: bytes) -> str:
    return "<" if data[:2] == b"II" else ">"
