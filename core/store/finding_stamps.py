"""How the samples of a finding are, as a short text: equal texts mean that nothing changed that it depends on.

What a blurred image shows does not depend on its label, and a wrong label not on the split: each kind of finding has
its own part of what is known of a sample.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.findings import IMAGE_QUALITY, WHOLE_DATA_SET, FindingKind

_OF_PIXELS: Final = frozenset({*IMAGE_QUALITY, FindingKind.UNREADABLE})
_STATE_COLUMNS: Final = (
    "sample.id, digest, coalesce(CAST(label_id AS TEXT), (SELECT group_concat(label_id) FROM"
    " (SELECT label_id FROM sample_label WHERE sample_id = sample.id ORDER BY label_id)), ''),"
    " split, coalesce(group_id, -1), excluded"
)
_KINDS_OF_PIXELS: Final = ", ".join(f"'{kind}'" for kind in sorted(_OF_PIXELS))
# The ids of a sample's labels as Python writes a tuple: (), (1,) or (1, 2).
_LABELS_TEXT: Final = (
    "CASE WHEN label_id IS NOT NULL THEN label_id || ',' ELSE coalesce((SELECT iif(count(*) = 1, max(label_id) || ',',"
    " group_concat(label_id, ', ')) FROM (SELECT label_id FROM sample_label WHERE sample_id = sample.id"
    " ORDER BY label_id)), '') END"
)
# One member of a finding, in SQL, letter by letter as `_member_text` has it.
_MEMBER_TEXT: Final = (
    "'[' || sample.id || ', ' || quote(digest) || ', ' || iif(excluded, 'True', 'False')"
    f" || CASE WHEN kind IN ({_KINDS_OF_PIXELS}) THEN '' ELSE ', (' || ({_LABELS_TEXT}) || ')' END"
    f" || iif(kind = '{FindingKind.LEAKAGE}', ', ' || split || ', ' || coalesce(group_id, -1), '') || ']'"
)


@dataclass(frozen=True, slots=True)
class MemberState:
    """How a sample is: its content, the ids of its labels in ascending order, its split's code, its group (or -1)."""

    id: int
    digest: str
    labels: tuple[int, ...]
    split: int
    group: int
    excluded: bool


def stamp(kind: FindingKind, members: Iterable[MemberState]) -> str:
    """Return what a finding's members are, as far as findings of this kind depend on it.

    Those about the whole data set are held by their evidence, not by their examples: theirs is empty.
    """
    return _hashed(kind, "".join(_member_text(kind, member) for member in members))


def _member_text(kind: FindingKind, member: MemberState) -> str:
    """Return one member as `_MEMBER_TEXT` has it."""
    parts: list[object] = [member.id, member.digest, member.excluded]
    if kind not in _OF_PIXELS:
        parts.append(member.labels)
    if kind is FindingKind.LEAKAGE:
        parts += [member.split, member.group]
    return repr(parts)


def member_states(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, MemberState]:
    """Return how samples are now, by id."""
    rows = connection.execute(
        f"SELECT {_STATE_COLUMNS} FROM sample WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {row[0]: _state(row) for row in rows}


def present_stamps(connection: sqlite3.Connection, condition: str, values: Sequence[object]) -> dict[int, str]:
    """Return the stamps, as of now, of the findings for which an SQL condition on ``finding`` holds, by finding."""
    return {number: now for number, (_, now) in present_members(connection, condition, values).items()}


def present_members(
    connection: sqlite3.Connection, condition: str, values: Sequence[object]
) -> dict[int, tuple[tuple[int, ...], str]]:
    """Return members, the principal first, and stamp, as of now, of the findings for which a condition holds.

    The database puts the texts of a finding together: tens of thousands of findings take a third of the time that
    their members would take one by one.
    """
    rows = connection.execute(
        "SELECT number, kind, group_concat(member), group_concat(text, '') FROM (SELECT finding.id AS number, kind,"
        f" finding_member.sample_id AS member, {_MEMBER_TEXT} AS text FROM finding"
        " CROSS JOIN finding_member ON finding_id = finding.id"
        " LEFT JOIN sample ON sample.id = finding_member.sample_id"
        f" WHERE {condition} ORDER BY finding.id, position) GROUP BY number",
        tuple(values),
    )
    return {
        number: (tuple(map(int, members.split(","))), _hashed(kind, text or "")) for number, kind, members, text in rows
    }


def _hashed(kind: str, text: str) -> str:
    if kind in WHOLE_DATA_SET:
        return ""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _state(row: Sequence[object]) -> MemberState:
    number, digest, labels, split, group, excluded = row
    ids = tuple(int(part) for part in str(labels).split(",") if part)
    return MemberState(int(str(number)), str(digest), ids, int(str(split)), int(str(group)), bool(excluded))
