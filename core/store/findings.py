"""The findings of a project: what the latest checks suspect, and what was decided about it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from core.domain.changes import Changes
from core.domain.findings import (
    FINDING_STATES,
    WHOLE_DATA_SET,
    CheckRecord,
    Finding,
    FindingCounts,
    FindingKind,
    FindingState,
    Suspicion,
)
from core.errors import UserError
from core.store.finding_stamps import present_stamps
from core.store.project import Project, now

_COLUMNS: Final = (
    "id, kind, key, sample_id, (SELECT group_concat(sample_id) FROM (SELECT sample_id FROM finding_member"
    " WHERE finding_id = finding.id ORDER BY position)), score, p_wrong,"
    " (SELECT name FROM label WHERE label.id = suggested_id), evidence, state, stamp, found_at"
)


def findings(
    project: Project,
    kinds: Collection[FindingKind] | None = None,
    *,
    states: Collection[FindingState] = (FindingState.OPEN,),
    limit: int | None = None,
) -> list[Finding]:
    """Return what is suspected, kind by kind, the worst first; with `limit`, so many of each kind at most."""
    connection = project.db.read()
    found: list[Finding] = []
    for kind in FindingKind if kinds is None else sorted(kinds, key=list(FindingKind).index):
        codes = [FINDING_STATES.index(state) for state in states]
        condition = (
            "id IN (SELECT id FROM finding WHERE kind = ? AND state IN (SELECT value FROM json_each(?)) AND present = 1"
            " ORDER BY score DESC, id LIMIT ?)"
        )
        values = (kind, json.dumps(codes), -1 if limit is None else limit)
        found += _read(connection, condition, values)
    return found


def finding(project: Project, finding_id: int) -> Finding:
    """Return one finding, also one that is not found any more; raises `UserError` ``finding_missing``."""
    found = _read(project.db.read(), "id = ?", (finding_id,))
    if not found:
        raise UserError("finding_missing", finding=finding_id)
    return found[0]


def findings_of(project: Project, sample_id: int) -> list[Finding]:
    """Return what is suspected of one sample and not decided, the worst first."""
    condition = "state = 0 AND present = 1 AND id IN (SELECT finding_id FROM finding_member WHERE sample_id = ?)"
    return _read(project.db.read(), condition, (sample_id,))


def finding_counts(project: Project) -> dict[FindingKind, FindingCounts]:
    """Return how many findings of each kind there are in each state; kinds without any are left out."""
    connection = project.db.read()
    rows = connection.execute("SELECT kind, state, count(*) FROM finding WHERE present = 1 GROUP BY kind, state")
    counts: dict[str, list[int]] = {}
    for kind, state, count in rows.fetchall():
        counts.setdefault(kind, [0, 0, 0])[state] = count
    stale = _stale_counts(connection)
    return {kind: _counts(counts[kind], stale.get(kind, 0)) for kind in FindingKind if str(kind) in counts}


def last_check(project: Project) -> CheckRecord | None:
    """Return the latest check of the data set; None where there was none."""
    row = (
        project.db.read()
        .execute(
            "SELECT id, at, seconds, samples, kinds, backbone, found, summaries, notes FROM check_record"
            " ORDER BY id DESC LIMIT 1"
        )
        .fetchone()
    )
    if row is None:
        return None
    number, at, seconds, samples, kinds, backbone, found, summaries, notes = row
    return CheckRecord(
        number,
        at,
        seconds,
        samples,
        tuple(FindingKind(kind) for kind in json.loads(kinds)),
        backbone,
        {FindingKind(kind): count for kind, count in json.loads(found).items()},
        json.loads(summaries),
        json.loads(notes),
    )


def looked_for(project: Project) -> frozenset[FindingKind]:
    """Return the kinds that any check so far has looked for, also where it found none."""
    rows = project.db.read().execute("SELECT DISTINCT kinds FROM check_record").fetchall()
    return frozenset(FindingKind(kind) for (kinds,) in rows for kind in json.loads(kinds))


def replace_findings(project: Project, kinds: Collection[FindingKind], found: Sequence[Suspicion]) -> Changes:
    """Take in what a check found, in one transaction: it replaces what earlier checks found of these kinds.

    What was decided stays decided where its members are as they were then. What is not found any more goes, unless
    somebody decided about it.

    Raises
    ------
    UserError
        ``disk_full``; then everything is as before.
    """
    with project.db.write() as connection:
        for kind in kinds:
            _replace(connection, kind, [one for one in found if one.kind is kind])
    return Changes(findings=True)


def record_check(project: Project, record: CheckRecord) -> CheckRecord:
    """Remember that a check was made, and what it said; returns the record with its id."""
    values = (
        record.at,
        record.seconds,
        record.samples,
        _text(list(record.kinds)),
        record.backbone,
        _text(dict(record.found)),
        _text({check: dict(summary) for check, summary in record.summaries.items()}),
        _text(dict(record.notes)),
    )
    with project.db.write() as connection:
        cursor = connection.execute(
            "INSERT INTO check_record (at, seconds, samples, kinds, backbone, found, summaries, notes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    return replace(record, id=int(cursor.lastrowid or 0))


def _replace(connection: sqlite3.Connection, kind: FindingKind, found: Sequence[Suspicion]) -> None:
    rows = connection.execute("SELECT key, id, sample_id FROM finding WHERE kind = ?", (kind,)).fetchall()
    known = {key: (number, sample) for key, number, sample in rows}
    connection.execute("UPDATE finding SET present = 0 WHERE kind = ?", (kind,))
    taken = {sample for _, sample in known.values()}
    for one in found:
        number, principal = known.get(one.key) or (None, _principal(one, taken))
        if principal is None:
            continue
        taken.add(principal)
        values = (one.score, one.p_wrong, one.suggested, _text(dict(one.evidence)), one.stamp, now())
        if number is None:
            cursor = connection.execute(
                "INSERT INTO finding (score, p_wrong, suggested_id, evidence, stamp, found_at, kind, key, sample_id)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, kind, one.key, principal),
            )
            number = int(cursor.lastrowid or 0)
        else:
            connection.execute(
                "UPDATE finding SET score = ?1, p_wrong = ?2, suggested_id = ?3, evidence = ?4, stamp = ?5,"
                " found_at = ?6, present = 1, state = CASE WHEN decided_stamp IS ?5 THEN state ELSE 0 END"
                " WHERE id = ?7",
                (*values, number),
            )
            connection.execute("DELETE FROM finding_member WHERE finding_id = ?", (number,))
        members = dict.fromkeys((principal, *one.members))
        connection.executemany(
            f"INSERT INTO finding_member VALUES ({number}, ?, ?)",
            [(sample, position) for position, sample in enumerate(members)],
        )
    gone = "SELECT id FROM finding WHERE kind = ? AND present = 0 AND decided_stamp IS NULL"
    connection.execute(f"DELETE FROM finding_member WHERE finding_id IN ({gone})", (kind,))
    connection.execute(f"DELETE FROM finding WHERE id IN ({gone})", (kind,))


def _principal(one: Suspicion, taken: set[int]) -> int | None:
    """Return the sample under which the finding is known: its principal, unless another of its kind has that one.

    Only what is about the whole data set may take another of its examples.
    """
    choice = one.members if one.kind in WHOLE_DATA_SET else one.members[:1]
    return next((sample for sample in choice if sample not in taken), None)


def _read(connection: sqlite3.Connection, condition: str, values: Sequence[object]) -> list[Finding]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM finding WHERE {condition} ORDER BY score DESC, id", values)
    wanted = rows.fetchall()
    stamps = present_stamps(
        connection,
        "finding.id IN (SELECT value FROM json_each(?))",
        [json.dumps([row[0] for row in wanted])],
    )
    return [_finding(row, stamps.get(row[0], "")) for row in wanted]


def _finding(row: Sequence[object], stamp_now: str) -> Finding:
    number, kind, key, sample, members, score, p_wrong, suggested, evidence, state, stamp, at = row
    decision = FINDING_STATES[int(str(state))]
    return Finding(
        id=int(str(number)),
        kind=FindingKind(str(kind)),
        key=str(key),
        sample_id=int(str(sample)),
        members=tuple(int(part) for part in str(members).split(",")),
        score=float(str(score)),
        p_wrong=None if p_wrong is None else float(str(p_wrong)),
        suggested=None if suggested is None else str(suggested),
        evidence=json.loads(str(evidence)),
        state=decision,
        stale=decision is FindingState.OPEN and stamp != stamp_now,
        found_at=str(at),
    )


def _counts(by_state: Sequence[int], stale: int) -> FindingCounts:
    is_open, accepted, dismissed = by_state
    return FindingCounts(is_open, accepted, dismissed, stale)


def _stale_counts(connection: sqlite3.Connection) -> dict[str, int]:
    rows = connection.execute("SELECT id, kind, stamp FROM finding WHERE state = 0 AND present = 1").fetchall()
    stamps = present_stamps(connection, "finding.state = 0 AND finding.present = 1", ())
    counts: dict[str, int] = {}
    for number, kind, stamp in rows:
        if stamps.get(number, "") != stamp:
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
