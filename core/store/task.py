"""Whether a project's images have one label each or any number, and going from one to the other."""

from __future__ import annotations

import json
import sqlite3

from core.domain.changes import Changes
from core.domain.edits import Edit, EditKind
from core.domain.task import Task
from core.errors import UserError
from core.store.ledger import recorded
from core.store.project import Project

_KEY = "task"


def project_task(project: Project) -> Task:
    """Return how many labels an image of the project has."""
    return task_of(project.db.read())


def task_of(connection: sqlite3.Connection) -> Task:
    """Return how many labels an image has, over a connection at hand."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return Task(json.loads(row[0])) if row else Task.SINGLE


def set_task(project: Project, task: Task, *, tool: str = "hand") -> Changes:
    """Let an image have one label, or any number; every label is kept, and it can be undone.

    Raises
    ------
    UserError
        ``task_has_many`` where images have more than one label, or none where that is known, and are to have one.
    """
    with project.db.write() as connection:
        before = task_of(connection)
        if before is task:
            return Changes()
        params = {"task_before": str(before), "task_after": str(task)}
        with recorded(connection, EditKind.TASK, tool, params, 0) as edit:
            _convert(connection, task)
    return Changes(samples=True, labels=True, edit=edit)


def restore_task(connection: sqlite3.Connection, edit: Edit, column: str) -> bool:
    """Set the task to what it was before or after an edit, where that edit changed it; returns whether it did."""
    if edit.kind is not EditKind.TASK:
        return False
    _convert(connection, Task(edit.params[f"task_{column}"]))
    return True


def _convert(connection: sqlite3.Connection, task: Task) -> None:
    if task is Task.MULTI:
        connection.execute("DELETE FROM sample_label")
        connection.execute(
            "INSERT INTO sample_label (sample_id, label_id) SELECT id, label_id FROM sample WHERE label_id IS NOT NULL"
        )
        connection.execute("UPDATE sample SET labelled = label_id IS NOT NULL, label_id = NULL")
    else:
        _require_one_each(connection)
        connection.execute(
            "UPDATE sample SET label_id = (SELECT label_id FROM sample_label WHERE sample_id = sample.id), labelled = 0"
        )
        connection.execute("DELETE FROM sample_label")
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, json.dumps(str(task))))


def _require_one_each(connection: sqlite3.Connection) -> None:
    many = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM sample_label GROUP BY sample_id HAVING count(*) > 1)"
    ).fetchone()[0]
    none = connection.execute(
        "SELECT count(*) FROM sample WHERE labelled = 1"
        " AND NOT EXISTS (SELECT 1 FROM sample_label WHERE sample_id = sample.id)"
    ).fetchone()[0]
    if many or none:
        raise UserError("task_has_many", many=f"{many:,}", none=f"{none:,}")
