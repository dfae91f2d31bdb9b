"""The format of the database, and how an older one is brought up to date.

`user_version` says which format a database has. A step is one SQL script, run in one transaction, after the file was
copied beside as ``project.db.v<N>.bak``.
"""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.store.database import open_for_reading, sqlite_errors

FORMAT: Final = 1
# STEPS[n] brings format n to n + 1.
STEPS: Final[dict[int, str]] = {}


def create_schema(path: Path) -> None:
    """Make a database of the present format at `path`, which must not exist."""
    script = resources.files("core.store").joinpath("schema.sql").read_text(encoding="utf-8")
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


def migrate(path: Path, found: int, steps: dict[int, str] = STEPS, target: int = FORMAT) -> None:
    """Bring the database at `path` from format `found` to `target`, one transaction a step, after a backup."""
    if found == target:
        return
    connection = sqlite3.connect(path)
    try:
        backup = sqlite3.connect(path.with_name(f"{path.name}.v{found}.bak"))
        try:
            connection.backup(backup)
        finally:
            backup.close()
        for version in range(found, target):
            connection.executescript(f"BEGIN; {steps[version]} PRAGMA user_version = {version + 1}; COMMIT;")
    finally:
        connection.close()
