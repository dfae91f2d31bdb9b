"""Applying the rules to the files that were found: a label, a group and a split for each, before anything is added."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from core.errors import BugError, UserError
from core.ingest.csv_table import Assignment, read_table
from core.ingest.folder_labels import by_folder
from core.ingest.patterns import assignment as by_pattern
from core.ingest.rules import GroupKind, GroupRule, LabelKind, LabelRule, required

Assign = Callable[[str], Assignment]
"""Gives what the rules say of a file, by its path."""


def assignments(
    root: Path,
    paths: Sequence[str],
    labels: LabelRule,
    groups: GroupRule,
    columns: Mapping[str, str] = MappingProxyType({}),
    notes: list[str] | None = None,
) -> Assign:
    """Return what says which label, group and split a file has.

    Parameters
    ----------
    columns
        Which column of a table says what, where the user says so: see `core.ingest.tables.columns.guess`.
    notes
        Takes what the user should know of how a rule was understood.

    Raises
    ------
    UserError
        Where a rule cannot be applied: a pattern that matches nothing, a table with errors, a folder whose name
        cannot be a label.
    """
    if groups.kind is GroupKind.COLUMN and labels.kind is not LabelKind.TABLE:
        raise UserError("group_needs_table", name=groups.column)
    base = _labelling(root, paths, labels, groups, columns, notes)
    if groups.kind is not GroupKind.PATTERN:
        return base
    pattern = required(groups.pattern)
    pattern.check(paths)
    return lambda path: replace(base(path), group=pattern.find(path))


def natural_key(name: str) -> list[tuple[int, str]]:
    """Return what sorts names as people do: “stage 2” before “stage 10”."""
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in re.split(r"(\d+)", name)]


def _labelling(
    root: Path,
    paths: Sequence[str],
    labels: LabelRule,
    groups: GroupRule,
    columns: Mapping[str, str],
    notes: list[str] | None,
) -> Assign:
    match labels.kind:
        case LabelKind.NONE:
            return lambda path: Assignment()
        case LabelKind.FOLDER | LabelKind.AUTO:
            found = by_folder(paths, direct=labels.kind is LabelKind.FOLDER)
            if notes is not None and found.note:
                notes.append(found.note)
            return found.assign
        case LabelKind.PATTERN:
            pattern = required(labels.pattern)
            pattern.check(paths)
            for path in paths:
                by_pattern(pattern.pattern, path)
            return lambda path: by_pattern(pattern.pattern, path)
        case LabelKind.TABLE:
            if labels.table is None:
                raise BugError("a table rule without a table")
            table = table_file(labels.table, root)
            rows = read_table(table, FileNames(root, table.parent, paths).find, groups.column, columns)
            return lambda path: rows.get(path, Assignment())


def table_file(given: Path, root: Path) -> Path:
    """Return the table where it was given, or else in the imported folder."""
    if given.is_absolute() or given.exists():
        return given
    return root / given if (root / given).exists() else given


class FileNames:
    """Finds the files that a name in a table may mean.

    In this order: its path in the imported folder; its path from the table or from anywhere, if that is in the
    folder; the name alone, in whatever folder; the name without its suffix.
    """

    def __init__(self, root: Path, table_dir: Path, paths: Sequence[str]) -> None:
        self._root = root
        self._table_dir = table_dir.absolute()
        self._by_path = {_composed(path): path for path in paths}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for composed, path in self._by_path.items():
            name = composed.rsplit("/", 1)[-1]
            self._by_name[name].append(path)
            self._by_stem[name.rsplit(".", 1)[0]].append(path)

    def find(self, name: str) -> list[str]:
        """Return the paths of the files that `name` may mean; one, if all is well."""
        composed = _composed(name).removeprefix("./")
        places = [
            path
            for candidate in (composed, composed.replace("\\", "/"))
            for path in (candidate, self._from_table(candidate))
        ]
        for path in places:
            if path in self._by_path:
                return [self._by_path[path]]
        if "/" in composed or "\\" in composed:
            return self._in_other_case(*places)
        return self._by_name.get(composed) or self._by_stem.get(composed) or self._in_other_case(*places)

    def _in_other_case(self, *places: str) -> list[str]:
        """Return the files that are meant where upper and lower case are taken for the same."""
        return next((found for place in places if (found := self._folded.get(place.casefold()))), [])

    @cached_property
    def _folded(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for composed, path in self._by_path.items():
            folded = composed.casefold()
            for name in {folded, folded.rpartition("/")[2]}:
                found[name].append(path)
        return dict(found)

    def _from_table(self, name: str) -> str:
        absolute = os.path.normpath(self._table_dir / name)
        try:
            return _composed(Path(absolute).relative_to(self._root).as_posix())
        except ValueError:
            return ""


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
