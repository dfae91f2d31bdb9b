"""What the import form holds, and the rules it stands for: plain values, no Qt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.store.project import SUFFIX, project_path

if TYPE_CHECKING:
    from core.ingest.formats.spec import ImportOptions
    from core.ingest.rules import GroupRule, LabelRule

_PROPOSALS: Final = 3
_LOOKED_AT: Final = 2000


@dataclass(frozen=True, slots=True)
class Form:
    """What the user has entered.

    Attributes
    ----------
    root, only
        What is imported: a folder, a file, an address; and the files or folders in it that were dropped, or all.
    format
        The id of a format, or ``auto``.
    label_kind, label_pattern, table
        ``auto``, ``folder``, ``none``, ``csv`` (with `table`) or ``pattern`` (with `label_pattern`).
    columns
        Which column of a table says what, where it is guessed wrongly: pairs as of `ImportOptions.columns`.
    group_kind, group_pattern, group_column
        ``none``, ``pattern`` or ``column``.
    every, margin, pages, plane, tile_size, level, min_tissue, beside, skip_copies
        As in `core.ingest.formats.spec.ImportOptions`.
    new
        Whether a project is made; otherwise the images join the one that is open.
    name, place
        The new project's name, and the folder it is made in.
    """

    root: Path | str | None = None
    only: tuple[str, ...] = ()
    format: str = "auto"
    label_kind: str = "auto"
    label_pattern: str = ""
    table: str = ""
    group_kind: str = "none"
    group_pattern: str = ""
    group_column: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    every: int = 30
    margin: float = 0.1
    pages: bool = False
    plane: int = -1
    beside: bool = False
    tile_size: int = 512
    level: int = 0
    min_tissue: float = 0.1
    skip_copies: bool = False
    new: bool = True
    name: str = ""
    place: str = ""

    @property
    def target(self) -> Path:
        """Where the new project will be."""
        return project_path(Path(self.place).expanduser() / self.name.strip().removesuffix(SUFFIX))

    @property
    def waiting_for(self) -> str:
        """Which entry is still empty: ``root``, ``table``, ``label_pattern``, ``group_…``, ``name``; or nothing."""
        needed = (
            ("root", self.root is None),
            ("table", self.label_kind == "csv" and not self.table),
            ("label_pattern", self.label_kind == "pattern" and not self.label_pattern),
            ("group_pattern", self.group_kind == "pattern" and not self.group_pattern),
            ("group_column", self.group_kind == "column" and not self.group_column),
            ("name", self.new and not (self.name.strip() and self.place.strip())),
        )
        return next((entry for entry, empty in needed if empty), "")

    def rules(self) -> tuple[LabelRule, GroupRule]:
        """Return the rules; raises `UserError` where one cannot be read."""
        from core.ingest.rules import parse_group_rule, parse_label_rule

        labels = {"csv": f"csv:{self.table}", "pattern": f"pattern:{self.label_pattern}"}
        groups = {"pattern": f"pattern:{self.group_pattern}", "column": f"column:{self.group_column}"}
        return parse_label_rule(labels.get(self.label_kind, self.label_kind)), parse_group_rule(
            groups.get(self.group_kind)
        )

    def options(self) -> ImportOptions:
        """Return the options that are no rules."""
        from core.ingest.formats.spec import ImportOptions

        return ImportOptions(
            columns=dict(self.columns),
            every=self.every,
            margin=self.margin,
            pages=self.pages,
            plane=None if self.plane < 0 or self.pages else self.plane,
            tile_size=self.tile_size,
            level=self.level,
            min_tissue=self.min_tissue,
            beside=self.beside,
            skip_copies=self.skip_copies,
            only=self.only,
        )


def source_name(root: Path | str) -> str:
    """Return what a source is called: the last part of its path or address."""
    return str(root).rstrip("/\\").replace("\\", "/").rpartition("/")[2] or str(root)


def propose_patterns(paths: Sequence[str]) -> list[str]:
    """Return patterns that may tell the groups in the file names, the likeliest first.

    A name is a word with a number (``slide07``, ``BloodImage_00205``, ``P-3``) before or after something else; what
    gives more than one group, and groups of more than one file, is a proposal.
    """
    names = [path.rsplit("/", 1)[-1].rsplit(".", 1)[0] for path in paths[:_LOOKED_AT]]
    candidates: Counter[str] = Counter()
    for name in names[:200]:
        for word in re.findall(r"([A-Za-z가-힣]+[-_ ]?)\d+(?=[-_. ])", name):
            candidates[f"({re.escape(word).replace(chr(92) + '_', '_').replace(chr(92) + '-', '-')}\\d+)"] += 1
    candidates[r"^([^_]+)_"] += 1
    found = []
    for pattern, _ in candidates.most_common(8):
        groups = Counter(match[1] for name in names if (match := re.search(pattern, name)))
        covered = sum(groups.values())
        if 1 < len(groups) <= covered / 2 and covered >= len(names) * 0.9:
            found.append((pattern, tuple(sorted(groups.values()))))
    # Two patterns that make the same groups are one proposal.
    distinct = {sizes: pattern for pattern, sizes in reversed(found)}
    return list(reversed(distinct.values()))[:_PROPOSALS]
