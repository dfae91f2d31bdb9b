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
    if kind in WHOLE_DATA_SET:
        return ""
    said = hashlib.blake2b(digest_size=16)
    for member in members:
        parts: list[object] = [member.id, member.digest, member.excluded]
        if kind not in _OF_PIXELS:
            parts.append(member.labels)
        if kind is FindingKind.LEAKAGE:
            parts += [member.split, member.group]
        said.update(repr(parts).encode("utf-8", "surrogatepass"))
    return said.hexdigest()


def member_states(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, MemberState]:
    """Return how samples are now, by id."""
    rows = connection.execute(
        f"SELECT {_STATE_COLUMNS} FROM sample WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    return {row[0]: _state(row) for row in rows}


def present_stamps(connection: sqlite3.Connection, condition: str, values: Sequence[object]) -> dict[int, str]:
    """Return the stamps, as of now, of the findings for which an SQL condition on ``finding`` holds, by finding."""
    rows = connection.execute(
        f"SELECT finding.id, finding.kind, {_STATE_COLUMNS} FROM finding"
        " JOIN finding_member ON finding_id = finding.id JOIN sample ON sample.id = finding_member.sample_id"
        f" WHERE {condition} ORDER BY finding.id, position",
        tuple(values),
    )
    kinds: dict[int, FindingKind] = {}
    members: dict[int, list[MemberState]] = {}
    for finding_id, kind, *state in rows:
        kinds[finding_id] = FindingKind(kind)
        members.setdefault(finding_id, []).append(_state(state))
    return {finding_id: stamp(kinds[finding_id], states) for finding_id, states in members.items()}


def _state(row: Sequence[object]) -> MemberState:
    number, digest, labels, split, group, excluded = row
    ids = tuple(int(part) for part in str(labels).split(",") if part)
    return MemberState(int(str(number)), str(digest), ids, int(str(split)), int(str(group)), bool(excluded))
