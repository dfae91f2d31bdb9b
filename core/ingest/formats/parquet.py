"""Parquet files with images in them, as Hugging Face publishes data sets; the name of a file says its split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.errors import UnreadableImage
from core.images.formats import Fault
from core.images.parquet_file import ParquetImages, holds_images
from core.images.trees import Tree
from core.ingest.assign import natural_key
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.names import split_in, usable_label
from core.ingest.formats.spec import Entry, ImportOptions, Offer, Problem
from core.ingest.tables.columns import GROUP_COLUMNS, LABEL_COLUMNS, position
from core.progress import Progress

_SUFFIX: Final = ".parquet"
_LOOKED_AT: Final = 3
_LABELS: Final = (*LABEL_COLUMNS, "labels", "fine_label", "coarse_label", "target", "cls")

_Row = tuple[str, int, tuple[str, ...] | None, str | None]


def is_parquet(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a Parquet file that holds images."""
    for file in files.with_suffix(_SUFFIX)[:_LOOKED_AT]:
        try:
            if holds_images(tree.local(file.path)):
                return True
        except UnreadableImage:
            continue
    return False


def read_parquet(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images in the Parquet files; one that cannot be read is a problem."""
    rows: list[_Row] = []
    problems: list[Problem] = []
    declared: dict[str, None] = {}
    multi = False
    for file in files.with_suffix(_SUFFIX):
        progress.checkpoint()
        try:
            found = ParquetImages(tree.local(file.path))
            names, labels, many = _labels(found, options.columns)
            groups = _texts(found, position(found.columns, GROUP_COLUMNS), options.columns.get("group"))
        except (Fault, UnreadableImage) as error:
            problems.append((file.path, error.code))
            continue
        declared |= dict.fromkeys(names)
        multi = multi or many
        rows += [(file.path, at, labels[at], groups[at]) for at in range(found.shape[0])]
    entries = LazyEntries(rows, lambda row: Entry(f"{row[0]}::item={row[1]}", row[2], row[3], split_in(row[0])))
    used = {name for row in rows for name in row[2] or ()}
    order = (*declared, *sorted(used - declared.keys(), key=natural_key))
    return Offer("parquet", tree, entries, order, multi, problems)


def _labels(found: ParquetImages, said: Mapping[str, str]) -> tuple[list[str], list[tuple[str, ...] | None], bool]:
    """Return the names that the file declares, the labels of each row, and whether a row can have several."""
    name = said.get("label", "")
    at = found.columns.index(name) if name in found.columns else position(found.columns, _LABELS)
    if at is None:
        return [], [None] * found.shape[0], False
    column = found.columns[at]
    names = _declared(found.features.get(column))
    values = found.values(column)
    many = any(isinstance(value, list) for value in values)
    return names, [_names(value, names) for value in values], many


def _declared(feature: object) -> list[str]:
    """Return the names of a ClassLabel, or of a list of them."""
    if isinstance(feature, list) and feature:
        feature = feature[0]
    if isinstance(feature, dict) and isinstance(feature.get("feature"), dict):
        feature = feature["feature"]
    names = feature.get("names") if isinstance(feature, dict) else None
    usable = [usable_label(name) for name in names] if isinstance(names, list) else []
    return [name or str(at) for at, name in enumerate(usable)]


def _names(value: object, declared: Sequence[str]) -> tuple[str, ...] | None:
    if isinstance(value, list):
        named = [name for one in value for name in _names(one, declared) or ()]
        return tuple(dict.fromkeys(named))
    if isinstance(value, int) and not isinstance(value, bool) and declared:
        return (declared[value],) if 0 <= value < len(declared) else None  # -1 stands for: not known
    name = usable_label(value)
    return None if name is None else (name,)


def _texts(found: ParquetImages, at: int | None, said: str | None) -> list[Any]:
    name = said if said in found.columns else None if at is None else found.columns[at]
    if name is None:
        return [None] * found.shape[0]
    return [None if value in (None, "") else str(value) for value in found.values(name)]
