"""The edits that decided about findings: taking the last of them back, and which findings one has opened again."""

from __future__ import annotations

import sqlite3
from typing import Final

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.findings import FINDING_CODES, FindingKind
from core.errors import UserError
from core.store.edits import undo
from core.store.ledger import next_undo
from core.store.open_findings import IS_OPEN
from core.store.project import Project
from core.store.revert import revert

_KIND: Final = (
    "CASE item.field "
    + " ".join(f"WHEN 'finding:{code}' THEN '{kind}'" for kind, code in FINDING_CODES.items())
    + " END"
)
_ITEM_OF_FINDING: Final = (
    f"edit_item AS item JOIN finding ON finding.sample_id = item.sample_id AND finding.kind = {_KIND}"
)


def undo_decision(project: Project, *, tool: str = "clean") -> Changes:
    """Take back the latest decision made with `tool` that holds; what else was edited since stays.

    The latest edit of all is undone, and can be made again; one before it is taken back by an edit of its own.

    Raises
    ------
    UserError
        ``no_decision_to_undo``; nothing was changed.
    """
    last = next_undo(project)
    decision = _last_decision(project.db.read(), tool, last.id if last is not None else 0)
    if decision is None:
        raise UserError("no_decision_to_undo")
    if last is not None and last.id == decision:
        return undo(project)
    return revert(project, decision)[0]


def opened_again(project: Project, edit_id: int) -> list[tuple[int, FindingKind]]:
    """Return those findings that an edit decided about, or took decisions of back, and that are open, worst first."""
    rows = project.db.read().execute(
        f"SELECT finding.id, finding.kind FROM {_ITEM_OF_FINDING} WHERE item.edit_id = ? AND {IS_OPEN}"
        " ORDER BY finding.score DESC, finding.id",
        (edit_id,),
    )
    return [(number, FindingKind(kind)) for number, kind in rows]


def _last_decision(connection: sqlite3.Connection, tool: str, last: int) -> int | None:
    """Return the latest edit with a decision that is still as it made it; of the edit `last`, whatever became of it."""
    row = connection.execute(
        "SELECT id FROM edit WHERE tool = ? AND state = 'done' AND kind <> ? AND iif(id = ?,"
        " EXISTS (SELECT 1 FROM edit_item AS item WHERE item.edit_id = edit.id AND item.field LIKE 'finding:%'),"
        f" EXISTS (SELECT 1 FROM {_ITEM_OF_FINDING} WHERE item.edit_id = edit.id AND item.after = finding.state))"
        " ORDER BY id DESC LIMIT 1",
        (tool, EditKind.REVERT, last),
    ).fetchone()
    return row[0] if row else None
