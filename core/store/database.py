"""Connections to a project's database: one writer behind a lock, and a read-only reader for each thread.

One thing must stay true: whatever changes the database does so in one `write()` block, which is one transaction.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar, cast

from core.errors import BugError, Cancelled, UserError

T = TypeVar("T")
_WRITE_KIB: Final = 2**11
_WRITE_MANY_KIB: Final = 2**18
_MANY: Final = 2_000
_STEPS: Final = 100_000
"""After so many steps of SQLite's machine, a millisecond or so, it is asked whether to go on."""
_READ_KIB: Final = 2**16
_READ_ONCE_KIB: Final = 2**11


class Database:
    """The connections of one open project; every method may be called from any thread.

    Parameters
    ----------
    path
        The database file.
    read_only
        Whether `write` is refused.
    project
        The folder that errors name; None: where the file is.
    """

    def __init__(self, path: Path, *, read_only: bool = False, project: Path | None = None) -> None:
        self.path, self._project = path, project or path.parent
        self.read_only = read_only
        self._lock = threading.RLock()
        self._readers: list[sqlite3.Connection] = []
        self._local = threading.local()
        self._writer = None if read_only else _open_for_writing(path)
        self._closed = False
        self._writes = 0
        self._kept: dict[str, tuple[int, object]] = {}
        self._keeping = threading.Lock()

    def read(self) -> sqlite3.Connection:
        """Return this thread's read-only connection."""
        if self._closed:
            raise BugError("the project is closed")
        connection: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if connection is None:
            connection = open_for_reading(self.path)
            self._local.reader = connection
            with self._lock:
                self._readers.append(connection)
        return connection

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Let this thread keep few pages of what it reads meanwhile, for work that goes over everything once."""
        connection = self.read()
        connection.execute(f"PRAGMA cache_size = -{_READ_ONCE_KIB}")
        try:
            yield
        finally:
            if not self._closed:
                connection.execute(f"PRAGMA cache_size = -{_READ_KIB}")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the writer for one transaction: committed at the end, rolled back on any error.

        Raises
        ------
        UserError
            ``disk_full`` or ``project_read_only``; nothing was changed.
        """
        with self._lock:
            if self._writer is None:
                raise UserError("project_read_only", path=str(self._project))
            with sqlite_errors(self._project):
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                    self._writes += 1
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise

    @contextmanager
    def stoppable(self, stop: Callable[[], bool]) -> Iterator[None]:
        """Write within this block only until `stop` says so: then the transaction is rolled back.

        Raises
        ------
        Cancelled
            Nothing was changed.
        """
        with self._lock:
            writer = self._writer
            if writer is None:
                yield
                return
            with _stopping(writer, stop, None):
                yield

    @contextmanager
    def reading_until(self, stop: Callable[[], bool]) -> Iterator[None]:
        """Let this thread read within this block only until `stop` says so, however long a statement takes.

        Within the block another such block may tell for itself when to stop.

        Raises
        ------
        Cancelled
            It was stopped.
        """
        connection = self.read()
        outer: Callable[[], bool] | None = getattr(self._local, "stop", None)
        self._local.stop = stop
        try:
            with _stopping(connection, stop, outer):
                yield
        finally:
            self._local.stop = outer

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` returns, or what it did the last time if nothing was written since.

        Who asks while it is being made waits for it. Where another process may write, it is made every time.
        """
        if self.read_only:
            return make()
        with self._keeping:
            version = self._writes
            known = self._kept.get(name)
            if known is None or known[0] != version:
                known = self._kept[name] = (version, make())
            return cast("T", known[1])

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the database."""
        with self._lock:
            self._closed = True
            for reader in self._readers:
                reader.close()
            self._readers.clear()
            if self._writer is not None:
                self._writer.close()
                self._writer = None


@contextmanager
def _stopping(
    connection: sqlite3.Connection, stop: Callable[[], bool], afterwards: Callable[[], bool] | None
) -> Iterator[None]:
    """Ask `stop` every now and then whether the connection is to go on, and `afterwards` from the end of the block."""
    connection.set_progress_handler(stop, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise Cancelled from error
        raise
    finally:
        with suppress(sqlite3.ProgrammingError):  # the project was closed meanwhile
            connection.set_progress_handler(afterwards, _STEPS if afterwards is not None else 0)


@contextmanager
def room_for(writer: sqlite3.Connection, rows: int) -> Iterator[None]:
    """Let the writer keep all pages that an edit of so many samples touches, and give the memory back afterwards.

    In the usual cache each of them would be written and read again several times: three times as long for a million.
    """
    if rows < _MANY:
        yield
        return
    writer.execute(f"PRAGMA cache_size = -{_WRITE_MANY_KIB}")
    try:
        yield
    finally:
        writer.execute(f"PRAGMA cache_size = -{_WRITE_KIB}")
        writer.execute("PRAGMA shrink_memory")


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Return a read-only connection, also where the disk is full or cannot be written.

    There SQLite cannot make the index of its write-ahead log. It needs none where that log is empty: then the
    database is all there is, and is read as it lies.
    """
    try:
        connection = _connect(path, "mode=ro")
    except sqlite3.OperationalError:
        if needs_its_log(path):
            raise
        connection = _connect(path, "mode=ro&immutable=1")
    connection.execute("PRAGMA query_only = ON")
    return connection


def log_of(path: Path) -> Path:
    """Return where the write-ahead log of a database is, if it has one."""
    return path.with_name(f"{path.name}-wal")


def needs_its_log(path: Path) -> bool:
    """Return whether the last edits of a database are in its write-ahead log only: it was not closed."""
    log = log_of(path)
    return log.is_file() and log.stat().st_size > 0


def _open_for_writing(path: Path) -> sqlite3.Connection:
    connection = _connect(path, "mode=rw")
    # FULL makes each commit durable. On shares where the log's shared memory fails, SQLite keeps another mode.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    # What an import writes need not be kept in memory; an edit of very many samples asks for more (`room_for`).
    connection.execute(f"PRAGMA cache_size = -{_WRITE_KIB}")
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?{mode}"
    # A connection moves between threads only under the lock (the writer) or when the project is closed (the readers).
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{_READ_KIB}")
        # The file itself is looked at only now.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def sqlite_errors(project: Path) -> Iterator[None]:
    """Turn SQLite's word for a full or read-only disk, or a damaged file, into the `UserError` that says so."""
    try:
        with damage_errors(project):
            yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        # SQLite reports a disk without room as FULL, or as IOERR where the log's file cannot grow.
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise UserError("disk_full", path=str(project)) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise UserError("project_read_only", path=str(project)) from error
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise UserError("project_damaged", path=str(project), reason=str(error)) from error
        raise


@contextmanager
def damage_errors(project: Path) -> Iterator[None]:
    """Turn SQLite's word for a damaged database into the `UserError` that says so."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise UserError("project_damaged", path=str(project), reason=str(error)) from error
        raise
