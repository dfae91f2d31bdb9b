"""The format of the database, and how an older one is brought up to date.

`user_version` says which format a database has. A step is one SQL script and what SQL cannot do, in one transaction,
after the file was copied beside as ``project.db.v<N>.bak``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.store.chain import chain_past_edits
from core.store.database import open_for_reading, sqlite_errors
from core.store.past_predictions import keep_past_predictions

FORMAT: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """How one format becomes the next: a script of this package, then what is left to do in the same transaction.

    `finish` gets the connection and the folder of the runs.
    """

    script: str
    finish: Callable[[sqlite3.Connection, Path], None]


def _to_format_2(connection: sqlite3.Connection, runs_dir: Path) -> None:
    chain_past_edits(connection)
    keep_past_predictions(connection, runs_dir)


def _nothing(connection: sqlite3.Connection, runs_dir: Path) -> None:
    """SQL did it all."""


# STEPS[n] brings format n to n + 1.
STEPS: Final[dict[int, Step]] = {1: Step("format_2.sql", _to_format_2), 2: Step("format_3.sql", _nothing)}


def create_schema(path: Path) -> None:
    """Make a database of the present format at `path`, which must not exist."""
    script = _script("schema.sql")
    connection = sqlite3.connect(path)
    try:
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {FORMAT}; COMMIT;")
    finally:
        connection.close()


def check_format(path: Path, project: Path) -> int:
    """Return the format of the database at `path`.

    Raises
    ------
    UserError
        ``project_newer`` or ``project_damaged``; nothing was changed.
    """
    with sqlite_errors(project):
        connection = open_for_reading(path)
        try:
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'sample'").fetchone()[0]
        finally:
            connection.close()
    if found > FORMAT:
        raise UserError("project_newer", path=str(project), found=found, known=FORMAT)
    if not known or found < 1:
        raise UserError("project_damaged", path=str(project), reason="not a Coverslip database")
    return found


def migrate(path: Path, found: int, runs_dir: Path | None = None) -> None:
    """Bring the database at `path` from format `found` to the present one, one transaction a step, after a backup.

    `runs_dir` is where the files of its runs are, unless they lie beside it.
    """
    if found == FORMAT:
        return
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        backup = sqlite3.connect(path.with_name(f"{path.name}.v{found}.bak"))
        try:
            connection.backup(backup)
        finally:
            backup.close()
        for version in range(found, FORMAT):
            step = STEPS[version]
            try:
                connection.executescript(f"BEGIN IMMEDIATE; {_script(step.script)}")
                step.finish(connection, runs_dir or path.parent / "runs")
                connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    finally:
        connection.close()


def _script(name: str) -> str:
    return resources.files("core.store").joinpath(name).read_text(encoding="utf-8")
