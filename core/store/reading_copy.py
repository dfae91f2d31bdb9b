"""A copy of a project's database to read from, where the project lies as it is and cannot be written.

SQLite has to write beside a database whose last edits are still in its write-ahead log, and an older format has to be
brought up to date; on a read-only medium neither can be done in place. Nothing of the project is touched.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.paths import disk_errors
from core.store.database import log_of, sqlite_errors

_TRIES: Final = 3


def copy_to_read(database: Path) -> tempfile.TemporaryDirectory[str]:
    """Copy a database with its write-ahead log into a folder of its own, under its own name, and fold the log in.

    Raises
    ------
    UserError
        ``disk_full`` (the system's folder for temporary files), ``project_damaged``, or ``project_in_use`` where it
        changes all the time.
    """
    folder = tempfile.TemporaryDirectory(prefix="coverslip-", ignore_cleanup_errors=True)
    try:
        _copy(database, Path(folder.name) / database.name)
    except BaseException:
        folder.cleanup()
        raise
    return folder


def _copy(database: Path, copy: Path) -> None:
    with disk_errors(copy.parent):
        for _ in range(_TRIES):
            before = _state(database)
            shutil.copyfile(database, copy)
            if log_of(database).is_file():
                shutil.copyfile(log_of(database), log_of(copy))
            if _state(database) == before:
                break
        else:
            # Somebody else can write what cannot be written from here, and does.
            raise UserError("project_in_use", path=str(database.parent))
    with sqlite_errors(database.parent):
        connection = sqlite3.connect(copy)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()


def _state(database: Path) -> list[tuple[int, int]]:
    """Return size and time of the files, which tell whether they were written meanwhile."""
    found = [path.stat() for path in (database, log_of(database)) if path.is_file()]
    return [(stat.st_size, stat.st_mtime_ns) for stat in found]
