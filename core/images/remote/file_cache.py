"""Copies of a server's files on this computer: whole or not there, each with the state of the file it is a copy of.

aa/HASH.json           path, size, time and tag of the file as it was copied
aa/HASH-VERSION.png    its bytes
aa/HASH-VERSION.part   what has come so far of a large one
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Final

import filelock

from core.errors import UnreadableImage
from core.images.remote.servers import RemoteFile
from core.paths import atomic_write, disk_errors

_MOST_BYTES: Final = 2**31
"""The most that is taken of a file whose size the server does not say."""

_RESUMED_BYTES: Final = 2**22
"""Smaller files are fetched anew when they were cut off."""


class FileCache:
    """The copies for one address, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, path: str) -> tuple[RemoteFile, Path] | None:
        """Return the state of a file that is here, and where its copy is; None where there is none."""
        try:
            described = RemoteFile(**json.loads(self._note(path).read_text(encoding="utf-8")))
            file = self._data(described)
            if described.path == path and file.stat().st_size >= 0:
                return described, file
        except (OSError, ValueError, TypeError):
            pass
        return None

    def part(self, file: RemoteFile) -> Path:
        """Return where what has come of a large file is kept."""
        return self._data(file).with_suffix(".part")

    def resumes(self, file: RemoteFile) -> bool:
        """Return whether it is worth keeping what has come of a file that was cut off."""
        return file.size_bytes >= _RESUMED_BYTES and bool(file.tag or file.mtime_s)

    def add(self, file: RemoteFile, blocks: Iterator[bytes]) -> Path:
        """Keep a file, all of whose bytes `blocks` gives.

        Raises
        ------
        UnreadableImage
            ``image_truncated`` where there are more or fewer than the server said.
        """
        data = self._data(file)
        with atomic_write(data) as part:
            with part.open("wb") as out:
                for block in blocks:
                    out.write(block)
                    _check_more(file, out.tell())
            _check(file, part)
        self._describe(file)
        return data

    def resume(self, file: RemoteFile, blocks_from: Callable[[int], Iterator[bytes]]) -> Path:
        """Keep a large file, going on with what came of it before."""
        data, part = self._data(file), self.part(file)
        with disk_errors(data):
            data.parent.mkdir(parents=True, exist_ok=True)
            with filelock.FileLock(part.with_suffix(".lock")), part.open("ab") as out:
                if out.tell() > file.size_bytes:
                    out.truncate(0)
                for block in blocks_from(out.tell()):
                    out.write(block)
                    _check_more(file, out.tell())
                out.flush()
                os.fsync(out.fileno())
            _check(file, part)
            os.replace(part, data)
            with suppress(OSError):
                part.with_suffix(".lock").unlink()
        self._describe(file)
        return data

    def _describe(self, file: RemoteFile) -> None:
        before = self.find(file.path)
        with atomic_write(self._note(file.path)) as note:
            note.write_text(json.dumps(asdict(file)), encoding="utf-8")
        if before is not None and before[0].version != file.version:
            with suppress(OSError):
                before[1].unlink()

    def _note(self, path: str) -> Path:
        name = _name(path)
        return self._folder / name[:2] / f"{name}.json"

    def _data(self, file: RemoteFile) -> Path:
        name = _name(file.path)
        return self._folder / name[:2] / f"{name}-{file.version}{PurePosixPath(file.path).suffix[:16]}"


def _name(path: str) -> str:
    return hashlib.blake2b(path.encode(), digest_size=16).hexdigest()


def _check_more(file: RemoteFile, n_bytes: int) -> None:
    """Raise `UnreadableImage` where more has come than was announced: a server may go on for ever."""
    if n_bytes > (file.size_bytes if file.size_bytes >= 0 else _MOST_BYTES):
        raise UnreadableImage("image_truncated" if file.size_bytes >= 0 else "image_too_large", path=file.path)


def _check(file: RemoteFile, copy: Path) -> None:
    if file.size_bytes >= 0 and copy.stat().st_size != file.size_bytes:
        if copy.suffix == ".part" and not copy.name.startswith("."):
            copy.unlink()
        raise UnreadableImage("image_truncated", path=file.path)
