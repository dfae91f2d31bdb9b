"""Downloads from a server on this machine, which breaks in the ways servers break."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import filelock
import pytest
import torch

from core.backbones.architectures import build_network
from core.backbones.download import BLOCK_BYTES, download
from core.backbones.table import BACKBONES, BackboneSpec
from core.backbones.weights import WeightsState, load_weights, weights_state
from core.errors import Cancelled, UserError
from core.progress import CancelToken, Progress, ProgressReport

BODY = bytes(range(256)) * 6000
PREFIX = hashlib.sha256(BODY).hexdigest()[:8]


class Server(ThreadingHTTPServer):
    """Serves `body` at every path; `dies_after` bytes of an answer it breaks the connection."""

    daemon_threads = False
    block_on_close = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = BODY
        self.dies_after: int | None = None
        self.status = 200
        self.ranges = True
        self.says_length = True
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/file.pth"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.ranges else 0
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        if start >= len(self.server.body):
            self.send_error(416)
            return
        rest = self.server.body[start:]
        self.send_response(206 if start else 200)
        if self.server.says_length:
            self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest if self.server.dies_after is None else rest[: self.server.dies_after])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def fetch(server: Server, target: Path, progress: Progress | None = None, *, prefix: str = PREFIX) -> None:
    download(
        server.url,
        target,
        sha256_prefix=prefix,
        size_bytes=len(BODY),
        progress=progress or Progress(),
        timeout_s=5,
    )


def fails(server: Server, target: Path, code: str, **kwargs: str) -> str:
    with pytest.raises(UserError) as caught:
        fetch(server, target, **kwargs)
    assert caught.value.code == code
    assert not target.exists()
    assert "\n" not in caught.value.message
    return caught.value.message


def part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def test_a_file_arrives_whole_with_progress_in_bytes(server: Server, tmp_path: Path) -> None:
    reports: list[ProgressReport] = []
    target = tmp_path / "new" / "file.pth"
    fetch(server, target, Progress(reports.append, interval_s=0))
    assert target.read_bytes() == BODY
    assert not part(target).exists()
    assert (reports[-1].done, reports[-1].total) == (len(BODY), len(BODY))


def test_a_server_that_dies_midway_is_reported_and_the_rest_is_fetched_next_time(
    server: Server, tmp_path: Path
) -> None:
    target, server.dies_after = tmp_path / "file.pth", 500_000
    assert "goes on where it stopped" in fails(server, target, "download_failed")
    assert part(target).stat().st_size == 500_000
    server.dies_after = None
    fetch(server, target)
    assert target.read_bytes() == BODY
    assert server.asked == [None, "bytes=500000-"]


def test_a_server_that_cannot_resume_sends_it_all_again(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file.pth"
    part(target).write_bytes(b"x" * 1000)
    server.ranges = False
    fetch(server, target)
    assert target.read_bytes() == BODY


def test_a_part_that_is_already_whole_is_taken(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file.pth"
    part(target).write_bytes(BODY)
    fetch(server, target)
    assert target.read_bytes() == BODY


def test_a_truncated_body_of_unknown_length_is_caught_by_its_digest(server: Server, tmp_path: Path) -> None:
    server.says_length, server.dies_after = False, 700_000
    fails(server, tmp_path / "file.pth", "download_damaged")


def test_a_wrong_digest_is_reported_and_nothing_is_kept(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file.pth"
    fails(server, target, "download_damaged", prefix="00000000")
    assert not part(target).exists()


def test_a_missing_file_is_reported_with_its_status(server: Server, tmp_path: Path) -> None:
    server.status = 404
    assert "HTTP 404" in fails(server, tmp_path / "file.pth", "download_failed")


def test_a_body_much_larger_than_announced_in_the_table_is_refused(server: Server, tmp_path: Path) -> None:
    target, server.body = tmp_path / "file.pth", BODY * 3
    fails(server, target, "download_failed")
    assert part(target).stat().st_size == 0


def test_no_server_at_all_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        download(
            "http://127.0.0.1:9/file.pth",
            tmp_path / "f",
            sha256_prefix="",
            size_bytes=9,
            progress=Progress(),
            timeout_s=5,
        )
    assert caught.value.code == "download_failed"


def test_a_stopped_download_keeps_what_has_come(server: Server, tmp_path: Path) -> None:
    token = CancelToken()

    def stop(report: ProgressReport) -> None:
        if report.done >= BLOCK_BYTES:
            token.cancel()

    target = tmp_path / "file.pth"
    with pytest.raises(Cancelled):
        fetch(server, target, Progress(stop, token, interval_s=0))
    assert 0 < part(target).stat().st_size < len(BODY)
    fetch(server, target)
    assert target.read_bytes() == BODY
    assert server.asked[1] is not None


def test_two_downloads_of_one_file_do_not_meet(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "file.pth"
    with filelock.FileLock(tmp_path / "file.pth.part.lock"):
        fails(server, target, "download_busy")
    assert server.asked == []


@pytest.fixture(scope="module")
def network_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("network") / "small.pth"
    torch.manual_seed(0)
    torch.save(build_network(BACKBONES["mobilenet_v3_small"]).state_dict(), file)
    return file.read_bytes()


def served(server: Server, body: bytes) -> BackboneSpec:
    """Return a row of the table whose weights are at the server."""
    server.body = body
    digest = hashlib.sha256(body).hexdigest()[:8]
    return dataclasses.replace(
        BACKBONES["mobilenet_v3_small"], url=server.url, sha256_prefix=digest, size_bytes=len(body)
    )


def test_weights_are_downloaded_once_and_only_with_consent(server: Server, network_file: bytes, tmp_path: Path) -> None:
    spec = served(server, network_file)
    with pytest.raises(UserError, match="Allow the download"):
        load_weights(spec, tmp_path)
    assert server.asked == []
    first = load_weights(spec, tmp_path, allow_download=True)
    again = load_weights(spec, tmp_path)
    assert len(server.asked) == 1
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert weights_state(spec, tmp_path) is WeightsState.CACHED
    files = sorted(path.name for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock")
    assert files == ["mobilenet_v3_small.safetensors"]


def test_a_download_that_is_no_weights_file_is_not_cached(server: Server, tmp_path: Path) -> None:
    spec = served(server, b"<html>Please log in</html>" * 40)
    with pytest.raises(UserError) as caught:
        load_weights(spec, tmp_path, allow_download=True)
    assert caught.value.code == "weights_unreadable"
    assert weights_state(spec, tmp_path) is WeightsState.ABSENT
    assert not [path for path in tmp_path.rglob("*.pth*") if path.suffix != ".lock"]
