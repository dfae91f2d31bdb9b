"""Files in Google Cloud Storage, in S3 and on SSH servers, through fsspec; each of the three is an optional extra.

Who the user is, is found where those services' own tools find it: environment variables, configuration files, keys and
agents. Nothing of it passes through Coverslip's own files.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from core.errors import UserError
from core.images.remote.servers import RemoteFile

TIMEOUT_S: Final = 30
_BLOCK_BYTES: Final = 2**22


@dataclass(frozen=True, slots=True)
class _Service:
    """One service: the extra and the package that speak to it, and what that raises besides `OSError`."""

    extra: str
    package: str
    cls: str
    errors: tuple[str, ...]
    loggers: tuple[str, ...] = field(default=())


_SERVICES: Final[dict[str, _Service]] = {
    "s3": _Service(
        "s3",
        "s3fs",
        "S3FileSystem",
        ("botocore.exceptions:BotoCoreError", "botocore.exceptions:ClientError", "aiohttp:ClientError"),
        ("s3fs", "aiobotocore", "botocore"),
    ),
    "gs": _Service(
        "gs",
        "gcsfs.core",
        "GCSFileSystem",
        (
            "gcsfs.retry:HttpError",
            "google.auth.exceptions:GoogleAuthError",
            "aiohttp:ClientError",
        ),
        ("gcsfs", "google"),
    ),
    "sftp": _Service("sftp", "sshfs", "SSHFileSystem", ("asyncssh:Error",), ("asyncssh",)),
}


class FsspecServer:
    """The files below a ``gs://``, ``s3://`` or ``sftp://`` address."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._scheme = parts.scheme
        self._service = _SERVICES[parts.scheme]
        path = unquote(parts.path).rstrip("/")
        self._root = (path or "/") if parts.scheme == "sftp" else f"{parts.netloc}{path}"
        filesystem = self._imported(self._service.package, self._service.cls)
        self._errors: tuple[type[Exception], ...] = (*self._known_errors(), TimeoutError, ValueError)
        for name in self._service.loggers:
            # What they have to say reaches the user as one sentence.
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        with self._as_os_errors():
            self._fs = filesystem(**self._options(url))
        if parts.scheme == "s3":
            self._fs.retries = 1  # how often, and how long between, is decided in one place for all services

    def files(self, checkpoint: Callable[[], None]) -> Iterator[RemoteFile]:
        """Yield every file, folder by folder; links are passed over."""
        with self._as_os_errors():
            if not self._fs.isdir(self._root):
                raise FileNotFoundError(self._root)
            folders = [self._root]
            while folders:
                checkpoint()
                folder = folders.pop()
                for info in self._fs.ls(folder, detail=True, refresh=True):
                    name = str(info["name"]).rstrip("/")
                    if info["type"] == "directory" and name != folder.rstrip("/"):
                        folders.append(name)
                    elif info["type"] == "file" and not str(info["name"]).endswith("/"):
                        yield self._file(name, info)

    def stat(self, path: str) -> RemoteFile:
        """Return what the service says of a file."""
        with self._as_os_errors():
            info = self._fs.info(self._full(path), refresh=True)
            if info["type"] != "file":
                raise FileNotFoundError(path)
            return self._file(self._full(path), info)

    def blocks(self, file: RemoteFile, start: int) -> Iterator[bytes]:
        """Yield the bytes of a file from `start` on."""
        full = self._full(file.path)
        with self._as_os_errors():
            if self._scheme == "sftp":
                yield from self._stream(full, start)
                return
            while start < file.size_bytes:
                block = self._fs.cat_file(full, start=start, end=min(start + _BLOCK_BYTES, file.size_bytes))
                if not block:
                    raise ConnectionResetError("the server hung up")
                start += len(block)
                yield block

    def _stream(self, full: str, start: int) -> Iterator[bytes]:
        with self._fs.open(full, "rb") as stream:
            stream.seek(start)
            while block := stream.read(_BLOCK_BYTES):
                yield block

    def _full(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def _file(self, name: str, info: dict[str, Any]) -> RemoteFile:
        path = name.removeprefix(self._root.rstrip("/")).lstrip("/")
        changed = info.get("LastModified") or info.get("mtime") or info.get("updated") or 0
        if isinstance(changed, str):
            changed = datetime.fromisoformat(changed)
        seconds = changed.timestamp() if isinstance(changed, datetime) else float(changed)
        tag = str(info.get("ETag") or info.get("generation") or info.get("etag") or "")
        return RemoteFile(path, int(info.get("size") or 0), seconds, tag)

    def _options(self, url: str) -> dict[str, Any]:
        parts = urlsplit(url)
        common: dict[str, Any] = {"skip_instance_cache": True}
        if parts.scheme == "s3":
            config = {"connect_timeout": 10, "read_timeout": TIMEOUT_S, "retries": {"max_attempts": 1}}
            common["use_listings_cache"] = False
            return {**common, "anon": not self._has_s3_credentials(), "config_kwargs": config}
        if parts.scheme == "gs":
            token = "anon" if os.environ.get("STORAGE_EMULATOR_HOST") else None
            common["use_listings_cache"] = False
            return {**common, "token": token, "requests_timeout": TIMEOUT_S, "timeout": TIMEOUT_S}
        # Without this, sshfs would believe any server that it is the one it was sent to.
        options = {"known_hosts": (), "connect_timeout": 10, "login_timeout": TIMEOUT_S}
        named = {"username": parts.username, "port": parts.port}
        return {
            **common,
            "host": parts.hostname,
            **options,
            **{key: value for key, value in named.items() if value is not None},
        }

    def _has_s3_credentials(self) -> bool:
        session = self._imported("botocore.session", "get_session")()
        return session.get_credentials() is not None

    def _imported(self, module: str, name: str) -> Any:
        try:
            return getattr(importlib.import_module(module), name)
        except ImportError as error:
            raise UserError("extra_missing", extra=self._service.extra) from error

    def _known_errors(self) -> tuple[type[Exception], ...]:
        return tuple(self._imported(*text.split(":")) for text in self._service.errors)

    @contextmanager
    def _as_os_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            # gcsfs says only in words that something is forbidden.
            if str(error).startswith("Forbidden"):
                raise PermissionError(str(error)) from error
            raise
        except self._errors as error:
            text = str(error) or type(error).__name__
            if "Permission" in type(error).__name__ or getattr(error, "code", None) in (401, 403, "401", "403"):
                raise PermissionError(text) from error
            raise ConnectionError(text) from error
