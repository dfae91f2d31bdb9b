"""Texts of strangers, made short and plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Traces:
    """What a format's own fields say: numbers and texts by the names of `core.quality.facts.columns`."""

    numbers: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def plain(value: object) -> str:
    """Return a text without control characters and outer spaces, of at most `MOST` characters; "" for None."""
    if value is None:
        return ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * MOST]).split())[:MOST]


def said(**texts: object) -> dict[str, str]:
    """Return those of the texts that say something, made plain."""
    return {name: text for name, value in texts.items() if (text := plain(value))}


def icc_name(profile: bytes) -> str:
    """Return the description of an ICC profile (of version 2 or 4); "profile" where it has none that can be read."""
    count = min(int.from_bytes(profile[128:132], "big"), 64)
    for index in range(count):
        entry = profile[132 + 12 * index : 144 + 12 * index]
        if entry[:4] == b"desc" and len(entry) == 12:
            start, size = int.from_bytes(entry[4:8], "big"), min(int.from_bytes(entry[8:], "big"), 512)
            body = profile[start : start + size]
            if body[:4] == b"desc":
                return plain(body[12 : 12 + min(int.from_bytes(body[8:12], "big"), 4 * MOST)]) or "profile"
            if body[:4] == b"mluc":
                at, length = int.from_bytes(body[24:28], "big"), int.from_bytes(body[20:24], "big")
                return plain(body[at : at + min(length, 4 * MOST)].decode("utf-16-be", "replace")) or "profile"
    return "profile"
