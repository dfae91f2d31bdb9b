"""Files on a web server, found by a list beside them (``files.txt`` or ``files.csv``) or by its index pages."""

from __future__ import annotations

import csv
import io
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Final, cast
from urllib.parse import quote, unquote, urljoin, urlsplit

from core.images.remote.servers import RemoteFile

TIMEOUT_S: Final = 30.0
_LISTS: Final = ("files.txt", "files.csv")
_MAX_LIST_BYTES: Final = 2**28
_MAX_PAGE_BYTES: Final = 2**25
_MAX_DEPTH: Final = 32
_BLOCK_BYTES: Final = 2**18
_ASKING: Final = 8


class HttpServer:
    """The files below an ``https://`` address."""

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        self._base = f"{url}/"
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(_SameScheme)

    def files(self, checkpoint: Callable[[], None]) -> Iterator[RemoteFile]:
        """Yield the files that the list names, or the index pages link to; each one's header is asked for."""
        paths = self._listed()
        found = iter(self._linked(checkpoint)) if paths is None else iter(paths)
        with ThreadPoolExecutor(_ASKING, thread_name_prefix="remote") as pool:
            while batch := [path for path, _ in zip(found, range(16 * _ASKING), strict=False)]:
                checkpoint()
                yield from (file for file in pool.map(self._described, batch) if file is not None)

    def stat(self, path: str) -> RemoteFile:
        """Return what the server's header says of a file."""
        with self._open(path, "HEAD") as answer:
            return _file(path, answer.headers)

    def blocks(self, file: RemoteFile, start: int) -> Iterator[bytes]:
        """Yield the bytes from `start` on; where the server cannot begin there, what comes before is passed over."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        with self._open(file.path, "GET", headers) as answer:
            left = start if answer.status != 206 else 0
            read = 0
            while block := answer.read(_BLOCK_BYTES):
                read += len(block)
                yield block[max(0, min(len(block), left)) :]
                left -= len(block)
            expected = answer.headers.get("Content-Length")
            if expected is not None and expected.isascii() and expected.isdecimal() and read < int(expected[:16]):
                raise ConnectionResetError("the server hung up")

    def _described(self, path: str) -> RemoteFile | None:
        if path.startswith("/") or ".." in path.split("/"):  # told as outside by the tree; the server is not asked
            return RemoteFile(path, -1, 0.0, "")
        with suppress(FileNotFoundError):  # linked, and not there
            return self.stat(path)
        return None

    def _listed(self) -> Sequence[str] | None:
        for name in _LISTS:
            try:
                with self._open(name, "GET") as answer:
                    if "html" in answer.headers.get("Content-Type", ""):
                        continue
                    text = answer.read(_MAX_LIST_BYTES).decode("utf-8-sig", "replace")
            except (FileNotFoundError, PermissionError):
                continue
            lines = text.splitlines()
            if name.endswith(".csv"):
                rows: list[list[str]] = []
                with suppress(csv.Error):  # a cell without end: what comes before it counts
                    rows.extend(csv.reader(io.StringIO(text)))
                column = rows[0].index("path") if rows and "path" in rows[0] else 0
                lines = [row[column] for row in rows[1:] if len(row) > column]
            return list(dict.fromkeys(line.strip() for line in lines if line.strip()))
        return None

    def _linked(self, checkpoint: Callable[[], None]) -> Iterator[str]:
        folders, seen = [""], {""}
        while folders:
            checkpoint()
            folder = folders.pop()
            for path in self._links(folder):
                if path in seen:
                    continue
                seen.add(path)
                if not path.endswith("/"):
                    yield path
                elif path.count("/") <= _MAX_DEPTH:
                    folders.append(path)

    def _links(self, folder: str) -> list[str]:
        """Return the paths, relative to the base, that an index page links to below itself."""
        with self._open(folder, "GET") as answer:
            if "html" not in answer.headers.get("Content-Type", ""):
                return []
            page = answer.read(_MAX_PAGE_BYTES).decode(answer.headers.get_content_charset() or "utf-8", "replace")
        parser = _Links()
        parser.feed(page)
        here = self._base + quote(folder)
        found = []
        for link in parser.links:
            with suppress(ValueError):
                target = urljoin(here, link)
                if target.startswith(here) and target != here and not (parts := urlsplit(target)).query:
                    found.append(folder + unquote(parts.path[len(urlsplit(here).path) :]))
        return found

    def _open(self, path: str, method: str, headers: dict[str, str] | None = None) -> HTTPResponse:
        request = urllib.request.Request(self._base + quote(path), method=method, headers=headers or {})
        try:
            return cast(HTTPResponse, self._opener.open(request, timeout=self._timeout_s))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 410):
                raise FileNotFoundError(path) from error
            if error.code in (401, 403, 407):
                raise PermissionError(path) from error
            raise ConnectionError(f"{error.code} {error.reason}") from error
        except HTTPException as error:
            raise ConnectionError(str(error) or type(error).__name__) from error


class _SameScheme(urllib.request.HTTPRedirectHandler):
    """Follows a redirection from web to web only, and never from a protected to an open connection."""

    def redirect_request(
        self, req: urllib.request.Request, fp: object, code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        scheme = urlsplit(newurl).scheme
        if scheme != req.type and not (req.type == "http" and scheme == "https"):
            raise PermissionError(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


class _Links(HTMLParser):
    """Collects where the links of a page lead."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of a link."""
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value]


def _file(path: str, headers: HTTPMessage) -> RemoteFile:
    size = headers.get("Content-Length") or ""
    changed = 0.0
    with suppress(TypeError, ValueError):
        changed = parsedate_to_datetime(headers.get("Last-Modified") or "").timestamp()
    known = size.isascii() and size.isdecimal() and len(size) < 16
    return RemoteFile(path, int(size) if known else -1, changed, headers.get("ETag") or "")
