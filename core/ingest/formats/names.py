"""What the names in a data set's own files mean: which image, which label, which split."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from core.domain.labels import label_name
from core.domain.samples import Split
from core.errors import UserError
from core.images.formats import IMAGE_SUFFIXES
from core.ingest.csv_table import split_named

_WORDS: Final = re.compile(r"[A-Za-z]+")
_SPLIT_WORDS: Final = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})

Box = tuple[float, float, float, float]
"""x and y of the upper left corner, width, height: in pixels of the upright image."""


class References:
    """Finds the files that a name may mean, by its path from some folder, or by as much of its end as fits one file.

    Data sets name files by paths of the machine they were made on: ``/home/kim/export/images/a.png`` is taken for
    ``images/a.png``, or for the only ``a.png``. Nothing outside of the source can be meant, whatever the name says.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_path: dict[str, str] = {}
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            composed = unicodedata.normalize("NFC", path)
            self._by_path[composed] = path
            name = composed.rpartition("/")[2]
            self._by_name[name].append(composed)
            self._by_stem[name.rpartition(".")[0]].append(composed)

    def find(self, name: str, base: str = "") -> list[str]:
        """Return the paths that `name` may mean, seen from the folder `base`; one, if all is well."""
        wanted = posixpath.normpath(unicodedata.normalize("NFC", name.strip()).replace("\\", "/"))
        for candidate in (posixpath.normpath(posixpath.join(base, wanted)), wanted.lstrip("/")):
            if candidate in self._by_path:
                return [self._by_path[candidate]]
        last = wanted.rpartition("/")[2]
        suffix = "." + last.rpartition(".")[2].lower() if "." in last else ""
        alike = self._by_name.get(last) or (self._by_stem.get(last, []) if suffix not in IMAGE_SUFFIXES else [])
        if not alike and last:
            alike = self._folded.get(last.casefold(), [])
            same = [path for path in alike if path.casefold() == posixpath.join(base, wanted).casefold()]
            alike = same or alike
        return [self._by_path[path] for path in _closest(alike, wanted)]

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        """The paths by name, upper and lower case taken for the same: made when a name is not found as it is."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, paths in self._by_name.items():
            found[name.casefold()] += paths
        return dict(found)

    def only(self, name: object, base: str = "") -> str | None:
        """Return the one path that `name` means; None where it is no text, or means none or several."""
        found = self.find(name, base) if isinstance(name, str) and name.strip() else []
        return found[0] if len(found) == 1 else None


def _closest(paths: Sequence[str], wanted: str) -> Sequence[str]:
    """Return those of the paths that share the longest end with the wanted one."""
    if len(paths) < 2:
        return paths
    parts = wanted.split("/")[::-1]

    def shared(path: str) -> int:
        count = 0
        for own, other in zip(path.split("/")[::-1], parts, strict=False):
            if own.rpartition(".")[0] != other and own != other:
                break
            count += 1
        return count

    most = max(map(shared, paths))
    return [path for path in paths if shared(path) == most]


def usable_label(text: object) -> str | None:
    """Return a text or number as a label's name; None where it cannot be one."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        return label_name(str(text))
    except UserError:
        return None


def split_in(path: str) -> Split:
    """Return the split that a word in the last folders or the name of a file means; `NONE` where none does."""
    for part in reversed(path.split("/")):
        for word in _WORDS.findall(part):
            if word.lower() in _SPLIT_WORDS:
                return split_named(word) or Split.NONE
    return Split.NONE


def boxed(path: str, box: Box, margin: float) -> str | None:
    """Return the address of a box of an image, with a margin around it; None where it has no area.

    Parameters
    ----------
    margin
        As a share of the box's longer side.
    """
    x, y, width, height = box
    if not all(abs(number) < 1e8 for number in box) or width < 1 or height < 1:
        return None
    extra = margin * max(width, height)
    left, top = round(x - extra), round(y - extra)
    right, bottom = round(x + width + extra), round(y + height + extra)
    return f"{path}::box={left},{top},{max(1, right - left)},{max(1, bottom - top)}"
