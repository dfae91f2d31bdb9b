"""The project: one folder ``NAME.coverslip/`` with its database, its runs, and a cache that is safe to delete.

One thing must stay true: only one process writes a project. The lock is the operating system's, so that a killed
process never leaves it behind; readers (``coverslip info``) need none.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import filelock

from core.domain.runs import RunState
from core.errors import UserError
from core.paths import PROJECT_SUFFIX, disk_errors
from core.store.database import Database, sqlite_errors
from core.store.migrations import FORMAT, check_format, create_schema, migrate
from core.store.reading_copy import copy_to_read

SUFFIX = PROJECT_SUFFIX
_DATABASE = "project.db"
_LOCK = "project.lock"


class Project:
    """An open project. Use `create` or `open`, and `close` (or a ``with`` block)."""

    def __init__(
        self,
        root: Path,
        database: Database,
        lock: filelock.BaseFileLock | None,
        scratch: tempfile.TemporaryDirectory[str] | None = None,
    ) -> None:
        self.root = root
        self.db = database
        self._lock, self._scratch = lock, scratch

    @classmethod
    def create(cls, path: Path) -> Project:
        """Make an empty project at `path` (``.coverslip`` is added to the name) and open it.

        Raises
        ------
        UserError
            ``project_name_invalid``, ``project_exists``, ``project_parent_missing``, ``project_nested``,
            ``project_read_only`` or ``disk_full``; nothing was made.
        """
        root = project_path(path)
        with disk_errors(root), sqlite_errors(root), _name_errors(root):
            _check_place(root)
            # Made under another name first: a project that has its name is whole.
            draft = Path(tempfile.mkdtemp(prefix=".new-project.", suffix=".part", dir=root.parent))
            try:
                create_schema(draft / _DATABASE)
                (draft / "runs").mkdir()
                draft.chmod(0o755)
                os.replace(draft, root)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
        return cls.open(root)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Project:
        """Open the project at `path`; for writing unless `read_only`.

        For reading it may lie where nothing can be written. Its last edits may then still be in SQLite's log, or it may
        be of an older format: that is read from a copy among the system's temporary files.

        Raises
        ------
        UserError
            ``project_missing``, ``project_newer``, ``project_damaged``, ``project_in_use`` or ``project_read_only``;
            nothing was changed.
        """
        root = _existing(path).resolve()
        if read_only:
            return cls._open_to_read(root)
        found = check_format(root / _DATABASE, root)
        lock = _take_lock(root)
        try:
            with disk_errors(root), sqlite_errors(root):
                migrate(root / _DATABASE, found)
                project = cls(root, Database(root / _DATABASE), lock)
            project._mark_interrupted_runs()
        except BaseException:
            lock.release()
            raise
        return project

    @classmethod
    def _open_to_read(cls, root: Path) -> Project:
        """Open a project for reading only: as it lies, or, where that cannot be, a copy of its database."""
        try:
            if check_format(root / _DATABASE, root) == FORMAT:
                return cls(root, Database(root / _DATABASE, read_only=True), None)
            # An older one is brought up to date before anyone reads it.
            cls.open(root).close()
            return cls(root, Database(root / _DATABASE, read_only=True), None)
        except UserError as error:
            if error.code != "project_read_only":
                raise
        scratch = copy_to_read(root / _DATABASE)
        try:
            copy = Path(scratch.name) / _DATABASE
            migrate(copy, check_format(copy, root), root / "runs")
            return cls(root, Database(copy, read_only=True, project=root), None, scratch)
        except BaseException:
            scratch.cleanup()
            raise

    @property
    def name(self) -> str:
        """The name shown to the user: the folder's, without its suffix."""
        return self.root.name.removesuffix(SUFFIX)

    @property
    def cache_dir(self) -> Path:
        """Thumbnails, pixels, embeddings: safe to delete."""
        return self.root / "cache"

    @property
    def runs_dir(self) -> Path:
        """The files of the runs, in a folder each."""
        return self.root / "runs"

    @property
    def read_only(self) -> bool:
        """Whether the project was opened for reading only."""
        return self.db.read_only

    def close(self) -> None:
        """Close the connections and give the project back to others."""
        self.db.close()
        if self._lock is not None:
            self._lock.release()
        if self._scratch is not None:
            self._scratch.cleanup()

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _mark_interrupted_runs(self) -> None:
        # Who holds the lock knows that nobody else is training: what still says so was killed. Looked at first, so that
        # a project on a full disk can still be opened.
        running = self.db.read().execute("SELECT 1 FROM run WHERE state = ?", (RunState.RUNNING,)).fetchone()
        if running is None:
            return
        with self.db.write() as connection:
            connection.execute(
                "UPDATE run SET state = ?, ended_at = ? WHERE state = ?",
                (RunState.INTERRUPTED, now(), RunState.RUNNING),
            )


def project_path(path: Path) -> Path:
    """Return `path` with the suffix of a project; raises `UserError` ``project_name_invalid`` where it has no name."""
    if path.name.removesuffix(SUFFIX) in ("", "..") or "\0" in str(path):
        raise UserError("project_name_invalid", path=str(path))
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name + SUFFIX)


def now() -> str:
    """Return the present moment, UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def read_meta(project: Project, key: str) -> object:
    """Return the JSON value kept under `key`, or None."""
    row = project.db.read().execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return json.loads(row[0]) if row else None


def write_meta(project: Project, key: str, value: object) -> None:
    """Keep a JSON `value` under `key`."""
    with project.db.write() as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))


def _existing(path: Path) -> Path:
    """Return the folder of the project that is at `path`, which may lack the suffix."""
    # os.path answers no, where Path raises, for a name that no file can have.
    if os.path.isfile(path / _DATABASE):  # noqa: PTH113
        return path
    if path.name not in ("", ".."):
        root = path.with_name(path.name + SUFFIX)
        if os.path.isfile(root / _DATABASE):  # noqa: PTH113
            return root
    raise UserError("project_missing", path=str(path))


def _check_place(root: Path) -> None:
    """Raise `UserError` where no project can be made at `root`."""
    if root.exists():
        raise UserError("project_exists", path=str(root))
    if not root.parent.is_dir():
        raise UserError("project_parent_missing", path=str(root.parent))
    for folder in root.resolve().parents:
        if (folder / _DATABASE).is_file():
            raise UserError("project_nested", path=str(root), outer=str(folder))


@contextmanager
def _name_errors(root: Path) -> Iterator[None]:
    """Turn the file system's refusal of a name (too long, or with a character it does not take) into a `UserError`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ):
            raise UserError("project_name_invalid", path=str(root)) from error
        raise


def _take_lock(root: Path) -> filelock.BaseFileLock:
    lock = filelock.FileLock(root / _LOCK, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        raise UserError("project_in_use", path=str(root)) from None
    except OSError as error:
        raise UserError("project_read_only", path=str(root)) from error
    return lock
