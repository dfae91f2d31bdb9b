"""Web servers on loopback for tests: one as it should be, which can be told to die."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Web(ThreadingHTTPServer):
    """Serves a folder with its index pages; counts what is asked, and dies when told to."""

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(root)))
        self.asked: list[str] = []
        self.dies_after: int | None = None
        self.cuts_at: int | None = None
        self.status: int | None = None
        self.ranges = True

    @property
    def url(self) -> str:
        """The address of the folder."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that were cut off are what is tested."""


class Handler(SimpleHTTPRequestHandler):
    """Knows ranges and ETags, as servers of data do."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Web)
        server.asked.append(f"{self.command} {self.path} {self.headers.get('Range', '')}".strip())
        gets = sum(one.startswith("GET") and not one.split()[1].endswith(("/", ".txt", ".csv")) for one in server.asked)
        if server.status is not None:
            self.send_error(server.status)
            return
        if server.dies_after is not None and gets > server.dies_after:
            self.close_connection = True
            return
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            super().do_GET()
            return
        data = path.read_bytes()
        start = 0
        if server.ranges and (found := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))):
            start = int(found[1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", f'"{hash(data) & 0xFFFFFFFF:x}"')
        self.end_headers()
        part = data[start:]
        if server.cuts_at is not None and self.command == "GET":
            part = part[: server.cuts_at]
            self.close_connection = True
        if self.command == "GET":
            self.wfile.write(part)

    def do_HEAD(self) -> None:
        if Path(self.translate_path(self.path)).is_file():
            self.do_GET()
        else:
            super().do_HEAD()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(root: Path) -> Iterator[Web]:
    """Serve `root` until the end of the block."""
    server = Web(root)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
