"""Real servers for tests, on loopback: S3 (moto), Google Cloud Storage (its emulator), SSH (Debian's sshd)."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

Files = Mapping[str, bytes]


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until_it_listens(port: int) -> None:
    """Wait for a server to come up."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on port {port}")


@contextmanager
def s3(files: Files, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve `files` from a bucket; returns its address."""
    moto_server = pytest.importorskip("moto.server")
    import boto3

    server = moto_server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    try:
        client = boto3.client("s3")
        client.create_bucket(Bucket="lab")
        for name, data in files.items():
            client.put_object(Bucket="lab", Key=f"cells/{name}", Body=data)
        client.close()
        yield "s3://lab/cells"
    finally:
        server.stop()


@contextmanager
def gs(files: Files, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve `files` from a bucket of Google Cloud Storage; returns its address."""
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    port = free_port()
    server = emulator.create_server("127.0.0.1", port, in_memory=True, default_bucket="lab")
    server.start()
    until_it_listens(port)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    try:
        for name, data in files.items():
            query = urllib.parse.urlencode({"uploadType": "media", "name": f"cells/{name}"})
            url = f"http://127.0.0.1:{port}/upload/storage/v1/b/lab/o?{query}"
            urllib.request.urlopen(urllib.request.Request(url, data, method="POST"), timeout=10).close()
        yield "gs://lab/cells"
    finally:
        server.stop()


@contextmanager
def sftp(files: Files, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[str]:
    """Serve `files` from `folder` through an SSH server with keys of its own; returns its address."""
    sshd, keygen = _tool("sshd"), _tool("ssh-keygen")
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    for name, data in files.items():
        file = folder / "served" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    port = free_port()
    for key in (folder / "host_key", home / ".ssh" / "id_ed25519"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, timeout=20)
    shutil.copy(home / ".ssh" / "id_ed25519.pub", folder / "authorized_keys")
    host_key = (folder / "host_key.pub").read_text(encoding="ascii")
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}", encoding="ascii")
    config = folder / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host_key'}\nPidFile {folder / 'pid'}\n"
        f"AuthorizedKeysFile {folder / 'authorized_keys'}\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n",
        encoding="ascii",
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([sshd, "-D", "-e", "-f", config], stderr=log, stdout=log)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    try:
        until_it_listens(port)
        yield f"sftp://{getpass.getuser()}@127.0.0.1:{port}{folder / 'served'}"
    finally:
        server.terminate()
        server.wait(10)


def _tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: openssh-server)")
    return found
