"""Which server speaks which address."""

from __future__ import annotations

from urllib.parse import urlsplit

from core.images.remote.fsspec_files import FsspecServer
from core.images.remote.http_files import HttpServer
from core.images.remote.servers import Server


def open_server(url: str) -> Server:
    """Return the server at an address; nothing is sent to it yet, but by SFTP.

    Raises
    ------
    UserError
        ``extra_missing`` where the package that speaks its language is not installed.
    OSError
        Where it cannot be reached.
    """
    if urlsplit(url).scheme in ("http", "https"):
        return HttpServer(url)
    return FsspecServer(url)
