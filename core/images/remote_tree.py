"""A place on a server as a tree of files: fetched when they are first needed, and kept.

Three things must stay true: nothing is sent without the user's consent; what was fetched once opens without a network,
and is noticed to have changed when the server is asked again; and a server that goes away at any moment loses nothing.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from core.errors import UnreadableImage, UserError
from core.images.files import read_any, read_file
from core.images.inside import safe_parts
from core.images.opened import OpenFiles
from core.images.remote.connect import open_server
from core.images.remote.file_cache import FileCache
from core.images.remote.servers import RemoteFile, Server, checked_address
from core.images.trees import NOT_ALLOWED, REMOTE, UNREACHABLE, Skipped, Stamp, TreeFile, name_fault, printable
from core.paths import PROJECT_SUFFIX
from core.progress import Progress

ATTEMPTS: Final = 4
BACKOFF_S: Final = 0.5
"""After a failure so long, then twice as long, and so on."""

_STRIPES: Final = 64
_T = TypeVar("_T")


class RemoteTree:
    """The files below an address.

    Parameters
    ----------
    url
        ``gs://``, ``s3://``, ``sftp://`` or ``https://``.
    cache_dir
        Where the copies are kept.
    may_fetch
        Whether the user allows the network to be used; otherwise only what is here already opens.
    progress
        Cancels waiting between attempts, and large files.
    only
        The one file that is listed; empty for all that the server has.

    Raises
    ------
    UserError
        ``remote_address`` or ``remote_secret``.
    """

    def __init__(
        self,
        url: str,
        cache_dir: Path,
        *,
        may_fetch: bool,
        progress: Progress | None = None,
        backoff_s: float | None = None,
        only: str = "",
    ) -> None:
        self.kind = REMOTE
        self.root = checked_address(url)
        self.opened = OpenFiles()
        self.scratch = cache_dir / "unpacked"
        key = hashlib.blake2b(self.root.encode(), digest_size=8).hexdigest()
        self._cache = FileCache(cache_dir / "remote" / key)
        self._may_fetch = may_fetch
        self._only = only
        self._progress = progress or Progress()
        self._backoff_s = BACKOFF_S if backoff_s is None else backoff_s
        self._server: Server | None = None
        self._server_lock = threading.Lock()
        self._seen: dict[str, RemoteFile] = {}
        self._locks = [threading.Lock() for _ in range(_STRIPES)]

    def files(self, progress: Progress, skipped: Skipped | None = None) -> Iterator[TreeFile]:
        """Yield every file that the server has now.

        Raises
        ------
        UserError
            ``remote_not_allowed``, ``remote_missing``, ``remote_denied``, ``remote_unreachable`` or ``extra_missing``.
        """
        if not self._may_fetch:
            raise UserError("remote_not_allowed", url=self.root)
        skipped = [] if skipped is None else skipped
        self._progress = progress
        try:
            found = self._tried(lambda: self._listed(progress))
        except FileNotFoundError as error:
            raise UserError("remote_missing", url=f"{self.root}/{self._only}".rstrip("/")) from error
        except PermissionError as error:
            raise UserError("remote_denied", url=self.root) from error
        except OSError as error:
            raise UserError("remote_unreachable", url=self.root, reason=str(error)) from error
        for file in found:
            if _passed_over(file.path):
                continue
            fault = _fault(file.path)
            if fault is not None:
                skipped.append((printable(file.path), fault))
                continue
            self._seen[file.path] = file
            yield TreeFile(file.path, max(0, file.size_bytes), file.stamp_ns)

    def read(self, path: str) -> bytes:
        """Return the bytes of any file; raises `UnreadableImage`."""
        return read_any(self.local(path))

    def read_image(self, path: str) -> bytes:
        """Return the bytes of an image file; raises `UnreadableImage`."""
        return read_file(self.local(path))

    def local(self, path: str) -> Path:
        """Return the copy of a file, fetched if it is not here or the server was seen to have another.

        Raises
        ------
        UnreadableImage
            ``image_outside``, ``image_missing``, ``image_denied``, ``image_truncated``, `UNREACHABLE` or `NOT_ALLOWED`.
        """
        safe_parts(path)
        with self._locks[hash(path) % _STRIPES]:
            kept = self._cache.find(path)
            seen = self._seen.get(path)
            if kept is not None and (seen is None or seen.version == kept[0].version):
                return kept[1]
            return self._asked(path, lambda: self._fetch(seen or self._connected().stat(path)))

    def stamp(self, path: str) -> Stamp:
        """Return the size and time of a file as last seen, or as kept, or else as the server says now."""
        safe_parts(path)
        file = self._seen.get(path)
        if file is None and (kept := self._cache.find(path)) is not None:
            file = kept[0]
        if file is None:
            file = self._asked(path, lambda: self._connected().stat(path))
        return Stamp(max(0, file.size_bytes), file.stamp_ns)

    def _listed(self, progress: Progress) -> list[RemoteFile]:
        server = self._connected()
        return [server.stat(self._only)] if self._only else list(server.files(progress.checkpoint))

    def _asked(self, path: str, ask: Callable[[], _T]) -> _T:
        """Return what the server answers about a file; raises `UnreadableImage`."""
        shown = f"{self.root}/{path}"
        if not self._may_fetch:
            raise UnreadableImage(NOT_ALLOWED, path=shown)
        try:
            return self._tried(ask)
        except FileNotFoundError as error:
            raise UnreadableImage("image_missing", path=shown) from error
        except PermissionError as error:
            raise UnreadableImage("image_denied", path=shown) from error
        except OSError as error:
            raise UnreadableImage(UNREACHABLE, path=shown) from error

    def _fetch(self, file: RemoteFile) -> Path:
        server = self._connected()

        def blocks(start: int) -> Iterator[bytes]:
            for block in server.blocks(file, start):
                self._progress.checkpoint()
                yield block

        if self._cache.resumes(file):
            return self._cache.resume(file, blocks)
        return self._cache.add(file, blocks(0))

    def _tried(self, ask: Callable[[], _T]) -> _T:
        """Return what `ask` gives, asking again where the network failed; raises its last `OSError`."""
        for attempt in range(ATTEMPTS):
            try:
                return ask()
            except (FileNotFoundError, PermissionError):
                raise
            except OSError:
                if attempt == ATTEMPTS - 1:
                    raise
                self._wait(self._backoff_s * 2**attempt)
        raise ConnectionError

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._progress.checkpoint()
            time.sleep(min(left, 0.1))

    def _connected(self) -> Server:
        with self._server_lock:
            if self._server is None:
                self._server = open_server(self.root)
            return self._server


def _passed_over(path: str) -> bool:
    folders = path.split("/")
    return any(part.startswith(".") and part != ".." for part in folders) or any(
        folder.endswith(PROJECT_SUFFIX) for folder in folders[:-1]
    )


def _fault(path: str) -> str | None:
    try:
        if "/".join(safe_parts(path)) != path:
            return "image_outside"
    except UnreadableImage as error:
        return error.code
    return name_fault(path)
