"""The folder that a data set is written to: beside its place first, and renamed into it when it is whole."""

from __future__ import annotations

import errno
import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import filelock

from core.errors import UserError
from core.images.trees import FOLDER
from core.store.project import Project
from core.store.sources import sources

_PARTIAL: Final = ".partial"
_LOCK: Final = ".writing"


def check_target(project: Project, directory: Path) -> None:
    """Raise `UserError` where a data set may not be written to `directory`.

    It may where nothing is there or an empty folder is, but neither in the project nor in a folder that images were
    imported from: they would be found again at the next import.
    """
    place = _resolved(directory)
    if not place.parent.is_dir():
        raise UserError("export_parent_missing", path=str(place.parent))
    if place.is_relative_to(_resolved(project.root)):
        raise UserError("dataset_in_project", path=str(directory))
    for source in sources(project).values():
        if source.kind == FOLDER and place.is_relative_to(_resolved(Path(source.root))):
            raise UserError("dataset_in_source", path=str(directory), source=source.root)
    _check_empty(place)


@contextmanager
def staged(directory: Path) -> Iterator[Path]:
    """Yield a folder beside `directory` that becomes it at the end, or disappears if anything is raised.

    Raises
    ------
    UserError
        ``disk_full``, ``project_read_only``, or ``export_target_exists`` where something came there meanwhile.
    """
    place = _resolved(directory)
    start = f".{place.name[:100]}."
    staging = place.parent / f"{start}{secrets.token_hex(4)}{_PARTIAL}"
    # Held as long as this process lives: what another finds unlocked was left by one that was killed.
    lock = filelock.FileLock(staging / _LOCK, timeout=0)
    try:
        with _target_errors(place):
            _clear(place.parent, start)
            staging.mkdir()
            lock.acquire()
            yield staging
            lock.release()
            (staging / _LOCK).unlink(missing_ok=True)
            _check_empty(place)
            if place.exists():
                place.rmdir()
            staging.rename(place)
    finally:
        lock.release()
        shutil.rmtree(staging, ignore_errors=True)  # of links, only the links


def _clear(parent: Path, start: str) -> None:
    """Remove what exports to the same place left that were killed."""
    for folder in parent.glob(f"{glob.escape(start)}*{_PARTIAL}"):
        if not (folder / _LOCK).is_file() or folder.is_symlink():
            continue
        lock = filelock.FileLock(folder / _LOCK, timeout=0)
        with suppress(filelock.Timeout, OSError):
            lock.acquire()
            shutil.rmtree(folder, ignore_errors=True)
        lock.release()


@contextmanager
def _target_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise UserError("disk_full", path=str(place)) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise UserError("project_read_only", path=str(place.parent)) from error
        raise UserError("dataset_unwritable", path=str(place), reason=error.strerror or str(error)) from error


def _check_empty(place: Path) -> None:
    try:
        if not place.is_symlink() and not place.exists():
            return
        if place.is_dir() and not any(place.iterdir()):
            return
    except OSError as error:
        raise UserError("project_read_only", path=str(place)) from error
    raise UserError("export_target_exists", path=str(place))


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path.expanduser()))
