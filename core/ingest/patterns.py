"""Patterns for file names: regular expressions whose named parts say label, group, split, and anything else as tags."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.labels import label_name
from core.domain.samples import Split
from core.errors import UserError
from core.ingest.bounded_pattern import BoundedPattern, compiled
from core.ingest.csv_table import Assignment, split_named

if TYPE_CHECKING:
    import regex

PETS: Final = r"^(?P<label>.+)_\d+\.[A-Za-z]+$"
"""The rule of the Oxford-IIIT Pets as fastai reads it: the name up to the last number is the label."""

_PREVIEW_S: Final = 2.0
"""What a preview may take: it is made again at every key."""

_OWN_PARTS: Final = ("label", "group", "split")


@dataclass(frozen=True, slots=True)
class PatternRow:
    """A file's path, and for each part of the pattern its name, its text, and where it stands in the path."""

    path: str
    parts: tuple[tuple[str, str, int, int], ...]


@dataclass(frozen=True, slots=True)
class PatternPreview:
    """What a pattern finds: in how many of how many paths, and some of them; or in `error` why it cannot be used."""

    matched: int = 0
    total: int = 0
    rows: tuple[PatternRow, ...] = ()
    unmatched: tuple[str, ...] = ()
    error: str = ""


def pattern_preview(text: str, paths: Sequence[str], *, rows: int = 9) -> PatternPreview:
    """Return what a pattern finds in these paths; quick enough to be asked at every key pressed, at 10,000 paths.

    Parameters
    ----------
    rows
        How many paths that match, and how many that do not, are shown.
    """
    try:
        return _preview(compiled(text), paths, rows)
    except UserError as error:
        return PatternPreview(total=len(paths), error=error.message)


def _preview(pattern: BoundedPattern, paths: Sequence[str], rows: int) -> PatternPreview:
    matched, end = 0, time.monotonic() + _PREVIEW_S
    shown: list[PatternRow] = []
    unmatched: list[str] = []
    for path in paths:
        found = search(pattern, path)
        if time.monotonic() > end:
            raise UserError("pattern_too_slow", pattern=pattern.text, example=path)
        if found is None:
            if len(unmatched) < rows:
                unmatched.append(path)
            continue
        matched += 1
        if len(shown) < rows:
            shown.append(PatternRow(path, _parts(pattern, *found)))
    return PatternPreview(matched, len(paths), tuple(shown), tuple(unmatched))


def search(pattern: BoundedPattern, path: str) -> tuple[regex.Match[str], int] | None:
    """Return what the pattern finds in the file's name or else in its path, and where the searched text begins."""
    composed = unicodedata.normalize("NFC", path)
    start = composed.rfind("/") + 1
    found = pattern.search(composed[start:])
    if found is not None:
        return found, start
    found = pattern.search(composed)
    return None if found is None else (found, 0)


def assignment(pattern: BoundedPattern, path: str) -> Assignment:
    """Return what the parts say: ``label``, ``group``, ``split``, every other named part as the tag ``name=text``.

    Without a part ``label``, and where no other part is named, the first part is the label, or all that was found.

    Raises
    ------
    UserError
        ``label_name_invalid``.
    """
    found = search(pattern, path)
    if found is None:
        return Assignment()
    match = found[0]
    named = {name: text.strip() for name, text in match.groupdict().items() if text and text.strip()}
    label = named.get("label")
    if not pattern.names:
        text = match[1 if pattern.groups else 0]
        label = text.strip() if text else None
    return Assignment(
        label=label_name(label) if label else None,
        group=named.get("group"),
        split=split_named(named.get("split", "")) or Split.NONE,
        tags=tuple(f"{name}={text}" for name, text in named.items() if name not in _OWN_PARTS),
    )


def _parts(pattern: BoundedPattern, match: regex.Match[str], start: int) -> tuple[tuple[str, str, int, int], ...]:
    if not pattern.names:
        part = 1 if pattern.groups else 0
        return (("label", match[part] or "", start + match.start(part), start + match.end(part)),)
    return tuple(
        (name, match[name], start + match.start(name), start + match.end(name)) for name in pattern.names if match[name]
    )
