"""Reading passes: making one, going through it, and correcting within it.

A pass is laid out whole when it is made, repeats and order included, so that it goes on after a crash where it stopped;
every reading is durable when `record` returns. Readings are no edits: they change no label until somebody asks for it
(`core.store.reading_edits`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.query import SampleQuery
from core.domain.query_line import format_query
from core.domain.readings import Reading, ReadingPass, reading_order
from core.domain.samples import STATE_CODES, STATES_BY_CODE, SampleState
from core.domain.task import Task
from core.errors import UserError
from core.store.project import Project, now
from core.store.query_sql import ids_parameter
from core.store.samples import sample_ids
from core.store.task import project_task

MAX_REPEATS: Final = 0.5
MAX_TEXT: Final = 200
_PASS = (
    "SELECT id, name, reader, seed, created_at, ended_at,"
    " (SELECT count(*) FROM reading WHERE pass_id = reading_pass.id AND at IS NOT NULL),"
    " (SELECT count(*) FROM reading WHERE pass_id = reading_pass.id), params FROM reading_pass"
)
_READING = "SELECT pass_id, position, sample_id, is_repeat, label_id, labels, state, note, at FROM reading"
Which = SampleQuery | Sequence[int] | NDArray[np.int64]


def create_pass(
    project: Project,
    which: Which,
    name: str,
    reader: str,
    *,
    repeats: float = 0.1,
    seed: int = 0,
    limit: int | None = None,
) -> ReadingPass:
    """Lay out a pass over the images of a query, or of these ids; unreadable and missing ones are left out.

    Parameters
    ----------
    name, reader
        What the pass is called, and who reads: 1 to 200 characters.
    repeats
        Share of the images that come a second time, 0 to 0.5.
    seed
        Decides the order, the repeats and, with `limit`, the images.
    limit
        At most so many images, drawn at random; None: all.

    Raises
    ------
    UserError
        ``reading_no_images``, ``reading_needs_labels``, ``reading_name_needed``, ``reading_pass_exists`` or
        ``reading_repeats_invalid``.
    """
    title, person = _text(name), _text(reader)
    if not 0 <= repeats <= MAX_REPEATS:
        raise UserError("reading_repeats_invalid", value=repeats)
    ids = _readable(project, which)
    if limit is not None and limit < len(ids):
        ids = np.sort(np.random.default_rng(seed).choice(ids, limit, replace=False))
    if not len(ids):
        raise UserError("reading_no_images")
    order, repeated, gap = reading_order(len(ids), repeats, seed)
    params: dict[str, object] = {"images": len(ids), "repeats": int(repeated.sum()), "gap": gap}
    if isinstance(which, SampleQuery):
        params["query"] = format_query(which)
    with project.db.write() as connection:
        least = 1 if project_task(project) is Task.MULTI else 2
        if connection.execute("SELECT count(*) FROM label WHERE retired = 0").fetchone()[0] < least:
            raise UserError("reading_needs_labels")
        if connection.execute("SELECT 1 FROM reading_pass WHERE name = ?", (title,)).fetchone():
            raise UserError("reading_pass_exists", name=title)
        cursor = connection.execute(
            "INSERT INTO reading_pass (name, reader, seed, created_at, params) VALUES (?, ?, ?, ?, ?)",
            (title, person, seed, now(), json.dumps(params, ensure_ascii=False)),
        )
        pass_id = int(cursor.lastrowid or 0)
        connection.executemany(
            f"INSERT INTO reading (pass_id, position, sample_id, is_repeat) VALUES ({pass_id}, ?, ?, ?)",
            zip(range(len(order)), ids[order].tolist(), repeated.astype(int).tolist(), strict=True),
        )
        return _pass(connection.execute(f"{_PASS} WHERE id = ?", (pass_id,)).fetchone())


def passes(project: Project) -> list[ReadingPass]:
    """Return the passes, oldest first."""
    return [_pass(row) for row in project.db.read().execute(f"{_PASS} ORDER BY id")]


def find_pass(project: Project, pass_id: int) -> ReadingPass:
    """Return one pass, with how far it has come; raises `UserError` ``reading_pass_missing``."""
    return _require_pass(project.db.read(), pass_id)


def next_reading(project: Project, pass_id: int) -> Reading | None:
    """Return the first position of the pass that was not read yet; None where all were."""
    found = _readings(project.db.read(), "pass_id = ? AND at IS NULL ORDER BY position LIMIT 1", (pass_id,))
    return found[0] if found else None


def reading_at(project: Project, pass_id: int, position: int) -> Reading:
    """Return a position that the reader may see again: see `ReadingPass.reach`.

    Raises
    ------
    UserError
        ``reading_out_of_reach``.
    """
    connection = project.db.read()
    _require_reach(_require_pass(connection, pass_id), position)
    return _readings(connection, "pass_id = ? AND position = ?", (pass_id, position))[0]


def record(
    project: Project,
    pass_id: int,
    position: int,
    label_ids: Sequence[int] = (),
    *,
    state: SampleState = SampleState.NONE,
    note: str = "",
) -> None:
    """Keep what the reader said at a position: the next one, or one just read (a correction).

    Parameters
    ----------
    label_ids
        The label; in a project of many labels an image all that apply, none included. Empty with a `state`.
    note
        Why it is uncertain or ungradable.

    Raises
    ------
    UserError
        ``reading_pass_ended``, ``reading_out_of_reach``, ``reading_one_label`` or ``reading_label_missing``.
    """
    multi = project_task(project) is Task.MULTI
    given = sorted(set(map(int, label_ids))) if state is SampleState.NONE else []
    if state is SampleState.NONE and not multi and len(given) != 1:
        raise UserError("reading_one_label")
    with project.db.write() as connection:
        one = _require_pass(connection, pass_id)
        if one.ended_at is not None:
            raise UserError("reading_pass_ended", name=one.name)
        _require_reach(one, position)
        known = {row[0] for row in connection.execute("SELECT id FROM label WHERE retired = 0")}
        if not known.issuperset(given):
            raise UserError("reading_label_missing")
        label_id, several = (None, json.dumps(given)) if multi else (given[0] if given else None, None)
        connection.execute(
            "UPDATE reading SET label_id = ?, labels = ?, state = ?, note = ?, at = ?"
            " WHERE pass_id = ? AND position = ?",
            (label_id, several, STATE_CODES[state], note.strip()[:MAX_TEXT], now(), pass_id, position),
        )


def end_pass(project: Project, pass_id: int) -> None:
    """Close a pass, read to its end or not: nothing in it can be changed afterwards."""
    with project.db.write() as connection:
        _require_pass(connection, pass_id)
        connection.execute(
            "UPDATE reading_pass SET ended_at = coalesce(ended_at, ?) WHERE id = ?",
            (now(), pass_id),
        )


def readings_of(project: Project, pass_id: int) -> list[Reading]:
    """Return every position of a pass, in order; not for the reader's eyes before it has ended."""
    return _readings(project.db.read(), "pass_id = ? ORDER BY position", (pass_id,))


def _readings(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Reading]:
    return [
        Reading(
            pass_id,
            position,
            sample_id,
            bool(is_repeat),
            (label_id,) if label_id is not None else tuple(json.loads(several or "[]")),
            STATES_BY_CODE[state],
            note,
            at,
        )
        for pass_id, position, sample_id, is_repeat, label_id, several, state, note, at in connection.execute(
            f"{_READING} WHERE {where}", values
        )
    ]


def _pass(row: Sequence[object]) -> ReadingPass:
    params = json.loads(str(row[8]))
    return ReadingPass(
        id=int(str(row[0])),
        name=str(row[1]),
        reader=str(row[2]),
        seed=int(str(row[3])),
        created_at=str(row[4]),
        ended_at=None if row[5] is None else str(row[5]),
        read=int(str(row[6])),
        total=int(str(row[7])),
        gap=int(params.get("gap", 1)),
        params=params,
    )


def _require_pass(connection: sqlite3.Connection, pass_id: int) -> ReadingPass:
    row = connection.execute(f"{_PASS} WHERE id = ?", (pass_id,)).fetchone()
    if row is None:
        known = [str(found) for (found,) in connection.execute("SELECT id FROM reading_pass ORDER BY id")]
        raise UserError("reading_pass_missing", id=pass_id, known=", ".join(known) or "–")
    return _pass(row)


def _require_reach(one: ReadingPass, position: int) -> None:
    """Raise `UserError` unless the position is the next to be read, or lies just before it."""
    if not max(0, one.read - one.reach) <= position <= min(one.read, one.total - 1):
        raise UserError("reading_out_of_reach", reach=one.reach)


def _readable(project: Project, which: Which) -> NDArray[np.int64]:
    """Return the ids that can be read, in the order they were added; raises ``samples_missing`` for unknown ones."""
    ids = sample_ids(project, which) if isinstance(which, SampleQuery) else np.asarray(which, np.int64)
    rows = project.db.read().execute(
        "SELECT id, problem IS NULL AND missing = 0 FROM sample"
        " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (ids_parameter(ids.tolist()),),
    )
    found: dict[int, int] = dict(rows.fetchall())
    missing = [i for i in ids.tolist() if i not in found]
    if missing:
        raise UserError("samples_missing", ids=", ".join(map(str, missing[:5])))
    return np.array([i for i, readable in found.items() if readable], np.int64)


def _text(value: str) -> str:
    cleaned = " ".join("".join(c for c in value if c.isprintable() or c.isspace()).split())
    if not 1 <= len(cleaned) <= MAX_TEXT:
        raise UserError("reading_name_needed")
    return cleaned
