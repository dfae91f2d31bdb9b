"""PNG: the chunks of text, colour profile and EXIF, without unpacking any."""

from __future__ import annotations

from typing import Final

from core.quality.facts.exif_traces import exif_traces
from core.quality.facts.texts import Traces, plain

_MOST_CHUNKS: Final = 4096
_TEXTS: Final = {"Software": "software", "Source": "device", "Make": "make", "Model": "model"}


def read_traces(data: bytes) -> Traces:
    """Return what the chunks say."""
    position, tags, traces = 8, dict[str, str](), Traces()
    for _ in range(_MOST_CHUNKS):
        size, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        if len(kind) < 4 or kind == b"IEND":
            break
        start, position = position + 8, position + 12 + size
        if kind == b"eXIf":
            traces = exif_traces(data[start : start + size])
        elif kind in (b"tEXt", b"iCCP"):
            name, _, text = data[start : start + min(size, 512)].partition(b"\0")
            if kind == b"iCCP":
                tags["icc"] = plain(name) or "profile"
            elif (known := _TEXTS.get(plain(name))) and plain(text):
                tags.setdefault(known, plain(text))
        elif kind == b"sRGB":
            tags.setdefault("icc", "sRGB")
    return Traces(traces.numbers, traces.tags | tags)
