"""Web servers, on loopback, that lie about what they have."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.integration.hostile.case import Case, Given, Make, Place, Sound, recorded, refused
from tests.support.pictures import png_bytes

Answer = Callable[[BaseHTTPRequestHandler], None]


def _answer(handler: BaseHTTPRequestHandler, body: bytes, code: int = 200, **headers: str) -> None:
    said = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    handler.send_response(code)
    for name, value in said.items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(body)


def _serving(listed: bytes, bad: Answer) -> Make:
    """A server whose list names files; ``good.png`` is one, and every other is answered by `bad`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                if self.path == "/files.txt":
                    _answer(self, listed)
                elif self.path == "/good.png":
                    _answer(self, png_bytes())
                else:
                    bad(self)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    def make(place: Place) -> Given:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        place.stack.callback(thread.join)
        place.stack.callback(server.server_close)
        place.stack.callback(server.shutdown)
        return Given(f"http://127.0.0.1:{server.server_port}", ("--allow-network",))

    return make


def _endless(handler: BaseHTTPRequestHandler) -> None:
    _answer(handler, png_bytes())
    while handler.command == "GET":
        handler.wfile.write(bytes(2**16))


def _more_than_said(handler: BaseHTTPRequestHandler) -> None:
    _answer(handler, png_bytes() if handler.command == "HEAD" else png_bytes() + bytes(2**22))


_TWO = b"good.png\nbad.png\n"
_CUT = recorded("image_truncated", "image_missing")

CASES: tuple[Case, ...] = tuple(
    Case("server", name, _serving(listed, bad), fate)
    for name, listed, bad, fate in (
        ("body without end", _TWO, _endless, Sound(2)),
        ("more than it said before", _TWO, _more_than_said, _CUT),
        ("size that is no number", _TWO, lambda h: _answer(h, png_bytes(), Content_Length="many"), Sound(2)),
        (
            "time beyond all clocks",
            _TWO,
            lambda h: _answer(h, png_bytes(), Last_Modified="Fri, 31 Dec 9999 23:59:59 GMT"),
            Sound(2),
        ),
        ("time of nonsense", _TWO, lambda h: _answer(h, png_bytes(), Last_Modified="\u00ff" * 99), Sound(2)),
        (
            "page in place of an image",
            _TWO,
            lambda h: _answer(h, b"<html>sign in</html>"),
            recorded("image_unknown_format"),
        ),
        (
            "redirection to a file",
            _TWO,
            lambda h: _answer(h, b"", 302, Location="file:///etc/passwd"),
            refused("remote_denied", "remote_unreachable"),
        ),
        (
            "list that leads out",
            b"good.png\n../x.png\n/etc/x.png\n",
            lambda h: _answer(h, png_bytes()),
            recorded("image_outside"),
        ),
        (
            "redirection to itself",
            _TWO,
            lambda h: _answer(h, b"", 302, Location=h.path),
            refused("remote_unreachable"),
        ),
        (
            "redirection on and on",
            _TWO,
            lambda h: _answer(h, b"", 302, Location=f"{h.path}x"),
            refused("remote_unreachable"),
        ),
        (
            "list of 12,000 that lead out",
            b"good.png\n" + b"".join(b"../%d.png\n" % i for i in range(12_000)),
            lambda h: _answer(h, png_bytes()),
            recorded("image_outside"),
        ),
        (
            "list that names one 12,000 times",
            b"good.png\n" * 12_000,
            lambda h: _answer(h, png_bytes()),
            Sound(1),
        ),
        (
            "list of 500 that are not there",
            b"good.png\n" + b"".join(b"%d.png\n" % i for i in range(500)),
            lambda h: _answer(h, b"", 404),
            Sound(1),
        ),
    )
)
