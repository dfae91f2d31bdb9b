"""The runs of a project: their rows here, their files in ``runs/ID/``."""

from __future__ import annotations

from pathlib import Path

from core.domain.changes import Changes
from core.domain.runs import Run, RunState
from core.errors import UserError
from core.store.project import Project, now

_COLUMNS = "id, state, backbone, created_at, ended_at, config, summary"


def create_run(project: Project, backbone: str, config_json: str) -> Run:
    """Enter a run that begins now, and make its folder."""
    with project.db.write() as connection:
        cursor = connection.execute(
            "INSERT INTO run (state, backbone, created_at, config) VALUES (?, ?, ?, ?)",
            (RunState.RUNNING, backbone, now(), config_json),
        )
        run_id = int(cursor.lastrowid or 0)
        row = connection.execute(f"SELECT {_COLUMNS} FROM run WHERE id = ?", (run_id,)).fetchone()
    run_dir(project, run_id).mkdir(parents=True, exist_ok=True)
    return _run(row)


def update_run(project: Project, run_id: int, *, state: RunState | None = None, summary: str | None = None) -> Changes:
    """Set the state, the summary, or both; a state other than running also sets when the run ended."""
    with project.db.write() as connection:
        if state is not None:
            ended = None if state is RunState.RUNNING else now()
            connection.execute("UPDATE run SET state = ?, ended_at = ? WHERE id = ?", (state, ended, run_id))
        if summary is not None:
            connection.execute("UPDATE run SET summary = ? WHERE id = ?", (summary, run_id))
    return Changes(runs=True)


def runs(project: Project) -> list[Run]:
    """Return the runs, newest first."""
    return [_run(row) for row in project.db.read().execute(f"SELECT {_COLUMNS} FROM run ORDER BY id DESC")]


def get_run(project: Project, run_id: int) -> Run:
    """Return one run; raises `UserError` ``run_missing``."""
    row = project.db.read().execute(f"SELECT {_COLUMNS} FROM run WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        known = ", ".join(str(run.id) for run in runs(project)) or "–"
        raise UserError("run_missing", run=run_id, known=known)
    return _run(row)


def run_dir(project: Project, run_id: int) -> Path:
    """Return the folder of the run's files."""
    return project.runs_dir / f"{run_id:04d}"


def _run(row: tuple[int, str, str, str, str | None, str, str]) -> Run:
    run_id, state, backbone, created_at, ended_at, config, summary = row
    return Run(run_id, RunState(state), backbone, created_at, ended_at, config, summary)
