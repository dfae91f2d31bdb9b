"""How an import finds labels and groups: the rules behind ``--labels`` and ``--group``."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.errors import BugError, UserError
from core.ingest.bounded_pattern import BoundedPattern, compiled


class LabelKind(StrEnum):
    """Where labels come from. `AUTO`: from wherever the format that is recognised has them."""

    AUTO = "auto"
    FOLDER = "folder"
    NONE = "none"
    TABLE = "csv"
    PATTERN = "pattern"


class GroupKind(StrEnum):
    """Where groups come from. `NONE`: from the table's group column, where the labels' table has one."""

    NONE = "none"
    PATTERN = "pattern"
    COLUMN = "column"


@dataclass(frozen=True, slots=True)
class NamePattern:
    """A regular expression that finds one name, of a label or a group, in a file's name or else in its path.

    The name is what the named part `part` matched, or the first part, or all of it where there are no parts.
    """

    pattern: BoundedPattern
    part: str

    def find(self, path: str) -> str | None:
        """Return the name in a relative POSIX path, NFC and trimmed; None where there is none."""
        composed = unicodedata.normalize("NFC", path)
        found = self.pattern.search(composed.rsplit("/", 1)[-1]) or self.pattern.search(composed)
        if found is None:
            return None
        name = found[self._part()]
        return (name.strip() or None) if name else None

    def check(self, paths: Iterable[str]) -> None:
        """Make sure that the pattern finds something; raises `UserError` ``pattern_matches_nothing``."""
        example = ""
        for path in paths:
            if self.find(path) is not None:
                return
            example = example or path
        raise UserError("pattern_matches_nothing", pattern=self.pattern.text, example=example)

    def _part(self) -> str | int:
        if self.part in self.pattern.names:
            return self.part
        return 1 if self.pattern.groups else 0


@dataclass(frozen=True, slots=True)
class LabelRule:
    """Where labels come from: `table` for a table, `pattern` for a pattern."""

    kind: LabelKind
    table: Path | None = None
    pattern: NamePattern | None = None


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Where groups come from: `column` of the labels' table, or `pattern`."""

    kind: GroupKind
    column: str = ""
    pattern: NamePattern | None = None


AUTO_LABELS = LabelRule(LabelKind.AUTO)
LABELS_BY_FOLDER = LabelRule(LabelKind.FOLDER)
NO_LABELS = LabelRule(LabelKind.NONE)
NO_GROUPS = GroupRule(GroupKind.NONE)


def parse_label_rule(text: str) -> LabelRule:
    """Read ``auto``, ``folder``, ``none``, ``csv:FILE`` or ``pattern:REGEX``.

    Raises
    ------
    UserError
        ``label_rule_invalid`` or ``pattern_invalid``.
    """
    kind, _, value = text.partition(":")
    match kind:
        case "auto" | "folder" | "none" if not value:
            return LabelRule(LabelKind(kind))
        case "csv" if value:
            return LabelRule(LabelKind.TABLE, table=Path(value).expanduser())
        case "pattern" if value:
            return LabelRule(LabelKind.PATTERN, pattern=_pattern(value, "label"))
    raise UserError("label_rule_invalid", value=text)


def parse_group_rule(text: str | None) -> GroupRule:
    """Read ``pattern:REGEX``, ``column:NAME`` or ``none``; None means ``none``.

    Raises
    ------
    UserError
        ``group_rule_invalid`` or ``pattern_invalid``.
    """
    kind, _, value = (text or "none").partition(":")
    match kind:
        case "none" if not value:
            return NO_GROUPS
        case "column" if value:
            return GroupRule(GroupKind.COLUMN, column=value)
        case "pattern" if value:
            return GroupRule(GroupKind.PATTERN, pattern=_pattern(value, "group"))
    raise UserError("group_rule_invalid", value=text)


def required(pattern: NamePattern | None) -> NamePattern:
    """Return the pattern of a rule that has one by its kind."""
    if pattern is None:
        raise BugError("a pattern rule without a pattern")
    return pattern


def _pattern(text: str, part: str) -> NamePattern:
    return NamePattern(compiled(text), part)
