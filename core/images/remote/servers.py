"""What a server with images is to Coverslip, whatever language it speaks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from core.errors import UserError
from core.images.formats import IMAGE_SUFFIXES

_NS: Final = 10**9
_FILE_SUFFIXES: Final = (
    *(".npz", ".tar", ".tar.gz", ".tgz", ".parquet", ".dcm", ".dicom", ".ima", ".zip"),
    *(".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv"),
)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file on a server, as the server describes it.

    Attributes
    ----------
    path
        Relative to the source's address.
    size_bytes
        -1 where the server does not say.
    mtime_s
        Seconds since 1970; 0 where it does not say.
    tag
        What changes with the content (an ETag, a generation); may be empty.
    """

    path: str
    size_bytes: int
    mtime_s: float = 0.0
    tag: str = ""

    @property
    def version(self) -> str:
        """What names this state of the file: changes when size, time or tag do."""
        text = f"{self.size_bytes} {self.mtime_s:.3f} {self.tag}"
        return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()

    @property
    def stamp_ns(self) -> int:
        """The time in ns; its last digits are the tag's, as an object may change and keep size and second."""
        # A server may say any year; what is recorded has 63 bits.
        return min(max(int(self.mtime_s), -(2**33)), 2**33) * _NS + int(self.version, 16) % _NS


class Server(Protocol):
    """Files under one address; whatever goes wrong is an `OSError`."""

    def files(self, checkpoint: Callable[[], None]) -> Iterator[RemoteFile]:
        """Yield every file; calls `checkpoint` now and then, which may raise."""
        ...

    def stat(self, path: str) -> RemoteFile:
        """Return one file's description; raises `FileNotFoundError`."""
        ...

    def blocks(self, file: RemoteFile, start: int) -> Iterator[bytes]:
        """Yield the bytes of a file from `start` on."""
        ...


def is_address(text: str) -> bool:
    """Return whether a source's root is an address on a server rather than a path."""
    scheme, found, _ = text.partition("://")  # not taken apart yet, which fails for some texts
    return bool(found) and scheme.lower() in SCHEMES


SCHEMES: Final = ("gs", "s3", "sftp", "https", "http")


def checked_address(text: str) -> str:
    """Return an address as it is recorded: without a slash at its end.

    Raises
    ------
    UserError
        ``remote_address`` for one that names no place; ``remote_secret`` for one that holds a password or a key,
        which would be stored with the project.
    """
    try:
        parts = urlsplit(text)
        named = parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        raise UserError("remote_address", url=text) from None
    if parts.password is not None or parts.query or (parts.username and parts.scheme != "sftp"):
        host = f"{parts.scheme}://{parts.hostname or ''}"
        raise UserError("remote_secret", url=host)
    if parts.scheme not in SCHEMES or not named or parts.fragment or "\n" in text:
        raise UserError("remote_address", url=text)
    return text.rstrip("/")


def parent_and_file(url: str) -> tuple[str, str]:
    """Return the folder of a web address that means one file by its ending, and the file's name in it.

    The name is empty, and the address as it was, where it means a folder; one that ends in a slash always does.
    """
    parts = urlsplit(url)
    parent, _, name = url.rpartition("/")
    is_file = name.lower().endswith((*IMAGE_SUFFIXES, *_FILE_SUFFIXES))
    if parts.scheme not in ("http", "https") or len(parts.path) < 2 or not is_file:
        return checked_address(url), ""
    return checked_address(parent), unquote(name)
