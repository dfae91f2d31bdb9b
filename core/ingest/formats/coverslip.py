"""Data sets that Coverslip exported, in whatever format: known by the `core.ingest.formats.sidecar` beside them.

The table says all there is to say of each image that it lists; an image that was put beside them comes in unlabelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from core.domain.address import parse_address
from core.domain.labels import label_name
from core.domain.samples import SampleState, Split
from core.domain.spreadsheet import unguarded_cell
from core.domain.task import Task
from core.errors import UnreadableImage, UserError
from core.images.trees import Tree, TreeFile
from core.ingest.assign import natural_key
from core.ingest.csv_table import split_named
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import load_json, rows_of
from core.ingest.formats.sidecar import COLUMNS, FACTS, TABLE, split_labels, split_names
from core.ingest.formats.spec import Entry, ImportOptions, LabelSaid, Offer, Problem
from core.ingest.tables.columns import position
from core.ingest.tables.sheet import MAX_BYTES, Sheet, open_sheet
from core.progress import Progress

_NEEDED: Final = ("path", "label", "split", "state", "digest")


def is_coverslip(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a table with the name and the columns of an exported data set's."""
    return any(_is_table(tree, file) for file in files.named("coverslip[.]csv"))


def read_coverslip(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images as the project that was exported had them.

    Raises
    ------
    UserError
        ``table_encoding`` or ``table_rows`` where a table was damaged.
    """
    reading = _Reading(files)
    for file in files.named("coverslip[.]csv"):
        progress.checkpoint()
        sheet = _sheet(tree, file)
        if set(_NEEDED) <= set(sheet.header):
            base = file.path.removesuffix(file.path.rpartition("/")[2])
            reading.facts(_facts(tree, files, f"{base}{FACTS}"))
            reading.rows(sheet, base)
    return reading.offer(tree)


def _is_table(tree: Tree, file: TreeFile) -> bool:
    try:
        return set(_NEEDED) <= set(_sheet(tree, file).header)
    except UserError:
        return False


def _sheet(tree: Tree, file: TreeFile) -> Sheet:
    if file.size_bytes > MAX_BYTES:
        raise UserError("table_encoding", path=file.path)
    try:
        data = tree.read(file.path)
    except (UnreadableImage, OSError) as error:
        raise UserError("table_missing", path=file.path) from error
    return open_sheet(TABLE, data, lambda header: position(header, ("path",)) is not None)


def _facts(tree: Tree, files: Catalogue, path: str) -> Mapping[str, Any]:
    """Return what holds for all; nothing where the file is gone or damaged: the table still says most."""
    file = files.get(path)
    try:
        found = load_json(tree, file) if file is not None else {}
    except UserError:
        return {}
    return found if isinstance(found, dict) else {}


class _Reading:
    """Collects entries and what is wrong with them."""

    def __init__(self, files: Catalogue) -> None:
        self._files = files
        self._entries: dict[str, Entry] = {}
        self._labels: dict[str, None] = {}
        self._looks: dict[str, LabelSaid] = {}
        self._problems: list[Problem] = []
        self._multi = False

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Take the task, and the labels in their order."""
        self._multi = self._multi or facts.get("task") == Task.MULTI
        for row in rows_of(facts, "labels"):
            name = _label(row.get("name"))
            if name is not None:
                self._labels[name] = None
                said = (row.get(key) for key in ("colour", "key", "parent"))
                self._looks.setdefault(name, LabelSaid(name, *(x if isinstance(x, str) else "" for x in said)))

    def rows(self, sheet: Sheet, base: str) -> None:
        """Take the rows of a table that lies in the folder `base`."""
        for row in _by_name(sheet):
            path = f"{base}{row['path']}"
            if self._files.get(parse_address(path).container) is None:
                self._problems.append((path[:300], "image_missing"))
            elif path not in self._entries:
                self._entries[path] = self._entry(path, row)

    def offer(self, tree: Tree) -> Offer:
        """Return what was collected."""
        listed = {parse_address(path).container for path in self._entries}
        beside = [Entry(file.path) for file in self._files.images if file.path not in listed]
        used = {name for entry in self._entries.values() for name in entry.labels or ()}
        labels = dict.fromkeys([*self._labels, *sorted(used, key=natural_key)])
        entries = [*self._entries.values(), *beside]
        multi = self._multi or any(entry.labels is not None and len(entry.labels) != 1 for entry in entries)
        return Offer("coverslip", tree, entries, tuple(labels), multi, self._problems, tuple(self._looks.values()))

    def _entry(self, path: str, row: Mapping[str, str]) -> Entry:
        said = split_labels(row["label"])
        names = None if said is None else tuple(name for text in said if (name := _label(text)) is not None)
        if said is not None and names is not None and len(names) < len(said):
            self._problems.append((path, "label_unusable"))
            names = names or None
        split = split_named(row["split"])
        if split is None:
            self._problems.append((path, "table_split"))
        return Entry(
            path,
            names,
            row["group"] or None,
            split or Split.NONE,
            split_names(row["tags"]),
            state=_state(row["state"]),
            reason=row["reason"] or None,
            excluded=row["excluded"] == "1",
            pinned=row["pinned"] == "1",
        )


def _by_name(sheet: Sheet) -> Iterator[dict[str, str]]:
    at = {name: sheet.header.index(name) for name in COLUMNS if name in sheet.header}
    for _, row in sheet.rows:
        found = {name: unguarded_cell(row[i]) for name, i in at.items() if i < len(row)}
        yield {name: found.get(name, "") for name in COLUMNS}


def _label(text: object) -> str | None:
    try:
        return label_name(text) if isinstance(text, str) else None
    except UserError:
        return None


def _state(text: str) -> SampleState:
    try:
        return SampleState(text or SampleState.NONE)
    except ValueError:
        return SampleState.NONE
