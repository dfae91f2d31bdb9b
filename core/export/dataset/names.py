"""Names of files that every system takes, each once; the same images in the same order give the same names.

One thing must stay true: no name leads out of its folder, is hidden, or differs from another by its case alone.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from core.domain.address import Address, parse_address
from core.domain.samples import Sample
from core.export.dataset.spec import Item
from core.images.formats import IMAGE_SUFFIXES
from core.paths import PROJECT_SUFFIX

_UNSAFE: Final = frozenset('<>:"/\\|?*')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,150}")
"""Most names: safe as they are, but for those that are reserved."""
_LONGEST_RESERVED: Final = 4
_LONGEST_BYTES: Final = 200
"""Of the 255 that a name may have: a number and a suffix have to fit too."""


def safe_name(text: str) -> str:
    """Return a text as the name of a file or folder, without a suffix: NFC, not empty, at most 200 bytes of UTF-8."""
    if _PLAIN.fullmatch(text) and not (len(text) <= _LONGEST_RESERVED and _RESERVED.fullmatch(text)):
        return text
    kept = "".join("_" if c in _UNSAFE or unicodedata.category(c)[0] == "C" else c for c in _composed(text))
    kept = kept.strip().lstrip(".").encode("utf-8", "replace")[:_LONGEST_BYTES].decode("utf-8", "ignore").strip(". ")
    if _RESERVED.fullmatch(kept.split(".")[0].rstrip()):
        kept = f"_{kept}"
    if kept.lower().endswith(PROJECT_SUFFIX):  # such folders are never imported
        kept = f"{kept[: -len(PROJECT_SUFFIX)]}_{PROJECT_SUFFIX[1:]}"
    return kept or "_"


def own_name(item: Item, address: str | None = None) -> tuple[str, str]:
    """Return what an image is called by itself: its stem and suffix, of a part with the part's name.

    Parameters
    ----------
    address
        Of what is to be written in the sample's place; None for the sample itself.
    """
    sample = item.sample
    found = parse_address(sample.path if address is None else address)
    if found.part is None:
        stem, dot, suffix = found.file.rpartition("/")[2].rpartition(".")
        if stem and f".{suffix.lower()}" in IMAGE_SUFFIXES:  # as nearly all are, in a tenth of the time
            return stem, f"{dot}{suffix}"
    file = _last_file(found)
    if found.part is None or found.part == "member":
        return file.stem, _suffix(file)
    last = PurePosixPath(found.value.replace(",", "_"))
    part = "-".join((_outer_part(found), found.part + last.name) if found.part != "item" else (*last.parts,))
    return f"{file.stem}-{part.strip('-')}", item.suffix or _pixel_suffix(sample)


class Names:
    """Gives out names; none twice, and no two that differ by their suffix or case alone."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, folder: str, stem: str, suffix: str = "") -> str:
        """Return ``folder/stem.suffix`` with a number where that is taken already; `folder` may be empty."""
        prefix = f"{folder}/" if folder else ""
        plain = safe_name(stem)
        key = f"{prefix}{plain}".casefold()
        number = self._next.get(key, 1)
        name, taken = plain, key
        while taken in self._taken:
            number += 1
            name = f"{plain}-{number}"
            taken = f"{prefix}{name}".casefold()
        self._next[key] = number
        self._taken.add(taken)
        return f"{prefix}{name}{suffix}"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _last_file(address: Address) -> PurePosixPath:
    """Return the file an address is of: a real one, or the last that is a file within another."""
    while address.part not in (None, "member"):
        address = parse_address(address.file)
    return PurePosixPath(address.value if address.part is not None else address.file)


def _outer_part(address: Address) -> str:
    outer = parse_address(address.file)
    return f"{outer.part}{outer.value}" if outer.part not in (None, "member") else ""


def _suffix(file: PurePosixPath) -> str:
    suffix = file.suffix if file.suffix.lower() in IMAGE_SUFFIXES else ""
    return suffix or ".dcm"  # the only kind of image that is known without a suffix


def _pixel_suffix(sample: Sample) -> str:
    return ".png" if sample.channels in (1, 3) and sample.bit_depth <= 16 else ".tif"
