"""The findings of a project: what the latest checks suspect, and what was decided about it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from core.domain.changes import Changes
from core.domain.findings import (
    FINDING_STATES,
    WHOLE_DATA_SET,
    CheckRecord,
    Finding,
    FindingCounts,
    FindingKind,
    FindingState,
    Json,
    Suspicion,
)
from core.errors import UserError
from core.store.amounts_told import OF_AMOUNTS, amounts_changed, amounts_now
from core.store.finding_stamps import present_members, present_stamps
from core.store.open_findings import IS_CASE, IS_OPEN, STATE_NOW
from core.store.project import Project, now

_COLUMNS: Final = (
    "id, kind, key, sample_id, score, p_wrong, (SELECT name FROM label WHERE label.id = suggested_id), evidence,"
    f" {STATE_NOW}, stamp, found_at"
)
_NEW: Final = (
    "INSERT INTO finding (id, score, p_wrong, suggested_id, evidence, stamp, found_at, kind, key, sample_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# What was decided stays so where its members are as they were then, and nothing is in doubt that was not decided: where
# several labels may hold, what was kept is right, and of what was changed only the change was decided.
_AGAIN: Final = (
    "UPDATE finding SET score = ?2, p_wrong = ?3, suggested_id = ?4, evidence = ?5, stamp = ?6, found_at = ?7,"
    " present = 1, state = CASE WHEN decided_stamp IS ?6 AND NOT EXISTS"
    " (SELECT 1 FROM json_each(?5, '$.doubted') AS new WHERE finding.state <> 0 AND NOT EXISTS"
    " (SELECT 1 FROM json_each(finding.evidence, '$.doubted') AS old"
    " WHERE json_extract(old.value, '$.label') = json_extract(new.value, '$.label') AND (finding.state = 2"
    " OR json_extract(old.value, '$.holds') <> json_extract(new.value, '$.holds'))))"
    " THEN state ELSE 0 END WHERE id = ?1"
)


def findings(
    project: Project,
    kinds: Collection[FindingKind] | None = None,
    *,
    states: Collection[FindingState] = (FindingState.OPEN,),
    limit: int | None = None,
) -> list[Finding]:
    """Return what is suspected, kind by kind, the worst first; with `limit`, so many of each kind at most.

    An open one of which so many samples were excluded since that nothing is left of it is none (`needed_samples`); a
    label suspect whose image has another label by now is accepted.
    """
    codes = [FINDING_STATES.index(state) for state in states]
    found: list[Finding] = []
    for kind in FindingKind if kinds is None else sorted(kinds, key=list(FindingKind).index):
        condition = (
            f"id IN (SELECT id FROM finding WHERE kind = ? AND ({STATE_NOW}) IN (SELECT value FROM json_each(?))"
            f" AND {IS_CASE} ORDER BY score DESC, id LIMIT ?)"
        )
        values = (kind, json.dumps(codes), -1 if limit is None else limit)
        found += _read(project, condition, values)
    return found


def finding(project: Project, finding_id: int) -> Finding:
    """Return one finding, also one that is not found any more; raises `UserError` ``finding_missing``."""
    found = _read(project, "id = ?", (finding_id,))
    if not found:
        raise UserError("finding_missing", finding=finding_id)
    return found[0]


def findings_of(project: Project, sample_id: int) -> list[Finding]:
    """Return what is suspected of one sample and not decided, the worst first."""
    condition = f"{IS_OPEN} AND id IN (SELECT finding_id FROM finding_member WHERE sample_id = ?)"
    return _read(project, condition, (sample_id,))


def open_among(project: Project, finding_ids: Sequence[int]) -> list[int]:
    """Return those of some findings, by id and in this order, that are not decided and have their samples."""
    rows = project.db.read().execute(
        f"SELECT id FROM finding WHERE {IS_OPEN} AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(finding_ids)),),
    )
    found = {number for (number,) in rows}
    return [number for number in finding_ids if number in found]


def finding_counts(project: Project, *, stale: bool = True) -> dict[FindingKind, FindingCounts]:
    """Return how many findings of each kind there are in each state; kinds without any are left out.

    Counting the stale ones takes a look at every member of every open finding, most of the time that this needs;
    without `stale` they are not counted.
    """
    rows = project.db.read().execute(
        f"SELECT kind, {STATE_NOW} AS state_now, count(*) FROM finding WHERE {IS_CASE} GROUP BY kind, state_now"
    )
    counts: dict[str, list[int]] = {}
    for kind, state, count in rows.fetchall():
        counts.setdefault(kind, [0, 0, 0])[state] = count
    changed = stale_counts(project) if stale else {}
    found: dict[FindingKind, FindingCounts] = {}
    for kind in FindingKind:
        if str(kind) in counts:
            is_open, accepted, dismissed = counts[kind]
            found[kind] = FindingCounts(is_open, accepted, dismissed, changed.get(kind, 0))
    return found


def found_counts(project: Project) -> dict[FindingKind, int]:
    """Return how many findings of each kind the latest check that looked for it found, whatever became of them since.

    Also those of which nothing is left, as their samples were excluded; kinds without any are left out.
    """
    rows = project.db.read().execute("SELECT kind, count(*) FROM finding WHERE present = 1 GROUP BY kind").fetchall()
    return {FindingKind(kind): count for kind, count in rows}


def stale_counts(project: Project) -> dict[FindingKind, int]:
    """Return how many open findings of each kind are about samples that changed since; kinds without any are left out.

    Tens of thousands take half a second.
    """
    connection = project.db.read()
    of_amounts = ", ".join(f"'{kind}'" for kind in OF_AMOUNTS)
    rows = connection.execute(
        f"SELECT id, kind, stamp, iif(kind IN ({of_amounts}), evidence, '{{}}') FROM finding WHERE {IS_OPEN}"
    ).fetchall()
    stamps, amounts = present_stamps(connection, IS_OPEN, ()), amounts_now(project, {row[1] for row in rows})
    stale = Counter(
        kind
        for number, kind, was, evidence in rows
        if stamps.get(number, "") != was
        or (kind in OF_AMOUNTS and amounts_changed(kind, json.loads(evidence), amounts))
    )
    return {FindingKind(kind): count for kind, count in stale.items()}


def finding_states(project: Project, kind: FindingKind) -> list[tuple[int, int, FindingState]]:
    """Return the findings of a kind without their evidence: each one's id, principal and state."""
    rows = project.db.read().execute(
        f"SELECT id, sample_id, {STATE_NOW} FROM finding WHERE kind = ? AND {IS_CASE} ORDER BY score DESC, id", (kind,)
    )
    return [(number, sample, FINDING_STATES[state]) for number, sample, state in rows]


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
    written = [(one, _text(dict(one.evidence))) for one in found]  # before: nobody waits for the writer meanwhile
    with project.db.write() as connection:
        for kind in kinds:
            _replace(connection, kind, [pair for pair in written if pair[0].kind is kind])
    return Changes(findings=True)


def replace_evidence(project: Project, judged: Sequence[tuple[int, int | None, Mapping[str, Json]]]) -> Changes:
    """Give findings, by id, another suggested label (its id) and evidence: another check knows more about them."""
    if not judged:
        return Changes()
    rows = [(suggested, _text(dict(evidence)), number) for number, suggested, evidence in judged]
    with project.db.write() as connection:
        connection.executemany("UPDATE finding SET suggested_id = ?, evidence = ? WHERE id = ?", rows)
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


def _replace(connection: sqlite3.Connection, kind: FindingKind, found: Sequence[tuple[Suspicion, str]]) -> None:
    """Take in the suspicions of a kind, each with its evidence as text, in a handful of statements."""
    rows = connection.execute("SELECT key, id, sample_id FROM finding WHERE kind = ?", (kind,)).fetchall()
    known = {key: (number, sample) for key, number, sample in rows}
    taken, at = {sample for _, sample in known.values()}, now()
    following = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM finding").fetchone()[0])
    seen: list[tuple[object, ...]] = []
    new: list[tuple[object, ...]] = []
    members: dict[int, Iterable[int]] = {}
    for one, evidence in found:
        number, principal = known.get(one.key) or (following, _principal(one, taken))
        if principal is None or number in members:
            continue
        values = (number, one.score, one.p_wrong, one.suggested, evidence, one.stamp, at)
        if number == following:
            new.append((*values, kind, one.key, principal))
            following += 1
        else:
            seen.append(values)
        taken.add(principal)
        members[number] = dict.fromkeys((principal, *one.members))
    connection.execute("UPDATE finding SET present = 0 WHERE kind = ?", (kind,))
    connection.executemany(_AGAIN, seen)
    connection.executemany(_NEW, new)
    connection.executemany("DELETE FROM finding_member WHERE finding_id = ?", [(row[0],) for row in seen])
    placed = [(number, sample, place) for number, of in members.items() for place, sample in enumerate(of)]
    connection.executemany("INSERT INTO finding_member VALUES (?, ?, ?)", placed)
    gone = "SELECT id FROM finding WHERE kind = ? AND present = 0 AND decided_stamp IS NULL"
    connection.execute(f"DELETE FROM finding_member WHERE finding_id IN ({gone})", (kind,))
    connection.execute(f"DELETE FROM finding WHERE id IN ({gone})", (kind,))


def _principal(one: Suspicion, taken: set[int]) -> int | None:
    """Return the sample under which the finding is known: its principal, unless another of its kind has that one.

    Only what is about the whole data set may take another of its examples.
    """
    choice = one.members if one.kind in WHOLE_DATA_SET else one.members[:1]
    return next((sample for sample in choice if sample not in taken), None)


def _read(project: Project, condition: str, values: Sequence[object]) -> list[Finding]:
    connection = project.db.read()
    rows = connection.execute(f"SELECT {_COLUMNS} FROM finding WHERE {condition} ORDER BY score DESC, id", values)
    wanted = rows.fetchall()
    now_of = present_members(
        connection,
        "finding.id IN (SELECT value FROM json_each(?))",
        [json.dumps([row[0] for row in wanted])],
    )
    amounts = amounts_now(project, {row[1] for row in wanted})
    return [_finding(row, *now_of[row[0]], amounts) for row in wanted]


def _finding(
    row: Sequence[Any], members: tuple[int, ...], stamp_now: str, amounts: Mapping[str, int] | None
) -> Finding:
    number, kind, key, sample, score, p_wrong, suggested, text, state, stamp, at = row
    decision, evidence = FINDING_STATES[state], json.loads(text)
    changed = stamp != stamp_now or amounts_changed(kind, evidence, amounts)
    return Finding(
        id=number,
        kind=FindingKind(kind),
        key=key,
        sample_id=sample,
        members=members,
        score=score,
        p_wrong=p_wrong,
        suggested=suggested,
        evidence=evidence,
        state=decision,
        stale=decision is FindingState.OPEN and changed,
        found_at=at,
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
