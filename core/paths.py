"""Where Coverslip keeps its own files, and how it writes any file: completely, or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import platformdirs

from core.errors import UserError

_APP = "Coverslip"
PROJECT_SUFFIX = ".coverslip"
"""How the folder of a project is named."""


def user_config_dir() -> Path:
    """Return the folder of the settings (`COVERSLIP_CONFIG_DIR` overrides it)."""
    return _own_dir("COVERSLIP_CONFIG_DIR", platformdirs.user_config_path(_APP, appauthor=False))


def user_cache_dir() -> Path:
    """Return the folder of what can be made again: weights, measurements (`COVERSLIP_CACHE_DIR` overrides it)."""
    return _own_dir("COVERSLIP_CACHE_DIR", platformdirs.user_cache_path(_APP, appauthor=False))


def user_data_dir() -> Path:
    """Return the folder of the sample set and its project (`COVERSLIP_DATA_DIR` overrides it)."""
    return _own_dir("COVERSLIP_DATA_DIR", platformdirs.user_documents_path() / _APP)


def user_log_dir() -> Path:
    """Return the folder of the log files (`COVERSLIP_LOG_DIR` overrides it)."""
    return _own_dir("COVERSLIP_LOG_DIR", platformdirs.user_log_path(_APP, appauthor=False))


def _own_dir(variable: str, default: Path) -> Path:
    given = os.environ.get(variable)
    return Path(given) if given else default


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; it takes the final name only when all of it is on disk.

    Raises
    ------
    UserError
        ``disk_full`` where the disk has no room; nothing is left behind. As `require_file_place`.
    """
    require_file_place(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened plainly, unlike a temporary file of the system's: others may read it as they may the user's own files.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        with disk_errors(path):
            yield part
            _flush(part)
            os.replace(part, path)
            _flush_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def require_file_place(path: Path) -> None:
    """Refuse a place that no file can take: a rename onto a device, a pipe or a socket would put a file in its stead.

    Raises
    ------
    UserError
        ``path_not_a_file`` where something else than a file is there, or something else than a folder above it.
    """
    if path.exists() and not path.is_file():
        raise UserError("path_not_a_file", path=str(path))
    above = next((folder for folder in path.absolute().parents if folder.exists()), None)
    if above is not None and not above.is_dir():
        raise UserError("path_not_a_file", path=str(path))


def require_output(path: Path, endings: Collection[str]) -> None:
    """Refuse a file to write that a user named by mistake: one of a project, or one there that is of another kind.

    Parameters
    ----------
    endings
        What such a file may be called, in lower case, with their dots. Another ending is fine for a new file.

    Raises
    ------
    UserError
        ``output_in_project``, ``output_of_another_kind``; as `require_file_place`.
    """
    require_file_place(path)
    if any(folder.name.endswith(PROJECT_SUFFIX) for folder in path.resolve().parents):
        raise UserError("output_in_project", path=str(path))
    if path.exists() and path.suffix.lower() not in endings:
        raise UserError("output_of_another_kind", path=str(path), endings=", ".join(sorted(endings)))


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a full or read-only disk into the `UserError` that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or _written_in_part(error):
            raise UserError("disk_full", path=str(path)) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise UserError("project_read_only", path=str(path)) from error
        raise


def write_at(path: Path, offset: int, data: bytes) -> None:
    """Write `data` at `offset` as the file's end, over whatever a killed process left there, and wait for the disk."""
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.seek(offset)
        file.write(data)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _written_in_part(error: OSError) -> bool:
    """Whether it is numpy's complaint about a disk that took only a part of an array: it comes without a number."""
    return error.errno is None and "requested and" in str(error)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    # Only POSIX lets a folder be flushed; there the rename itself is durable only after that.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
