"""Downloading one file, with consent given by whoever calls: whole and checked, or resumable next time.

The bytes go to ``NAME.part`` beside the target. It takes the target's name only when the digest is right; it stays
where the connection broke or the user stopped, and the next attempt asks for the rest; it is deleted where the digest
is wrong.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import filelock

from core.errors import UserError
from core.paths import disk_errors
from core.progress import Progress
from core.translation import mark

BLOCK_BYTES: Final = 1 << 18
TIMEOUT_S: Final = 20.0

_NETWORK_ERRORS: Final = (
    urllib.error.URLError,
    http.client.HTTPException,
    ssl.SSLError,
    ConnectionError,
    TimeoutError,
    EOFError,
)


class _Response(Protocol):
    status: int
    headers: http.client.HTTPMessage

    def read1(self, amount: int, /) -> bytes: ...


def download(
    url: str,
    target: Path,
    *,
    sha256_prefix: str,
    size_bytes: int,
    progress: Progress,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Download `url` to `target`.

    Parameters
    ----------
    sha256_prefix
        The first hexadecimal digits the file's SHA-256 must have.
    size_bytes
        About how large the file is; one more than twice as large is refused.
    timeout_s
        How long the server may be silent.

    Raises
    ------
    UserError
        ``download_failed`` (not reached, refused, or broken off), ``download_damaged`` (wrong digest),
        ``download_busy`` (another process is at it) or ``disk_full``.
    Cancelled
        The user stopped; what has come so far is kept for the next attempt.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with _alone(part, url), disk_errors(target):
        with _network_errors(url):
            _receive(url, part, size_bytes, progress, timeout_s)
        if not _digest(part).startswith(sha256_prefix):
            part.unlink()
            raise UserError("download_damaged", url=url)
        part.replace(target)


@contextmanager
def _alone(part: Path, url: str) -> Iterator[None]:
    lock = filelock.FileLock(part.with_name(part.name + ".lock"), timeout=0)
    try:
        with lock:
            yield
    except filelock.Timeout:
        raise UserError("download_busy", url=url) from None


@contextmanager
def _network_errors(url: str) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        raise UserError("download_failed", url=url, reason=f"HTTP {error.code}") from error
    except _NETWORK_ERRORS as error:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        raise UserError("download_failed", url=url, reason=reason) from error


def _receive(url: str, part: Path, size_bytes: int, progress: Progress, timeout_s: float) -> None:
    have = part.stat().st_size if part.exists() else 0
    try:
        with _ask(url, have, timeout_s) as response:
            resumed = response.status == http.client.PARTIAL_CONTENT
            _store(response, part, have if resumed else 0, size_bytes, progress)
    except urllib.error.HTTPError as error:
        # 416: there is nothing after what we have. It may be whole; the digest decides.
        if not (have and error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE):
            raise
        error.close()


@contextmanager
def _ask(url: str, have: int, timeout_s: float) -> Iterator[_Response]:
    request = urllib.request.Request(url, headers={"User-Agent": "Coverslip", "Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=timeout_s) as response:
        yield response


def _store(response: _Response, part: Path, start: int, size_bytes: int, progress: Progress) -> None:
    announced = response.headers.get("Content-Length")
    total = start + int(announced) if announced and announced.isdecimal() else None
    limit = 2 * size_bytes
    done = start
    progress.begin(mark("Downloading weights"), total or size_bytes)
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        progress.advance(start)
        while block := response.read1(BLOCK_BYTES):
            file.write(block)
            done += len(block)
            if done > limit:
                file.truncate(0)
                raise http.client.HTTPException(f"more than {limit:,} bytes")
            progress.advance(len(block), f"{done / 1e6:.1f} MB")
        file.flush()
        os.fsync(file.fileno())
    # A connection that is closed early looks like the end of the file.
    if total is not None and done < total:
        raise EOFError(f"{done:,} of {total:,} bytes")


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
