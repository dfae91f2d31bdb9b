"""The three services behind fsspec, each against a real server on loopback."""

from __future__ import annotations

import os

import pytest

from core.errors import UnreadableImage, UserError
from core.images.remote_tree import RemoteTree
from core.progress import Progress
from tests.support import clouds
from tests.support.pictures import png_bytes

FILES = {f"{name}.png": png_bytes() for name in ("WBC/a", "WBC/b b#?", "RBC/ünï")} | {"big.bin": b"x" * 5_000_000}


@pytest.fixture(scope="module", autouse=True)
def one_loop():
    """Have fsspec start its one thread, which lives as long as the process, before a test's threads are counted."""
    pytest.importorskip("fsspec.asyn").get_loop()


@pytest.fixture(params=["s3", "gs", "sftp"])
def url(request, monkeypatch, tmp_path):
    pytest.importorskip({"s3": "s3fs", "gs": "gcsfs", "sftp": "sshfs"}[request.param])
    if request.param == "sftp":
        serving = clouds.sftp(FILES, monkeypatch, tmp_path)
    else:
        serving = {"s3": clouds.s3, "gs": clouds.gs}[request.param](FILES, monkeypatch)
    with serving as address:
        yield address


def test_files_are_found_fetched_in_part_and_kept(url, tmp_path):
    tree = RemoteTree(url, tmp_path / "cache", may_fetch=True, backoff_s=0.01)
    found = {file.path: file for file in tree.files(Progress())}
    assert sorted(found) == sorted(FILES)
    for path, data in FILES.items():
        assert found[path].size_bytes == len(data)
        assert found[path].mtime_ns > 10**18
        assert tree.read(path) == data
    assert tree.stamp("WBC/a.png").size_bytes == len(png_bytes())
    fresh = RemoteTree(url, tmp_path / "other", may_fetch=True, backoff_s=0.01)
    assert fresh.read_image("RBC/ünï.png") == png_bytes(), "without a look at the whole first"
    assert fresh.stamp("WBC/a.png").size_bytes == len(png_bytes())
    with pytest.raises(UnreadableImage) as caught:
        fresh.read("WBC/gone.png")
    assert caught.value.code == "image_missing"
    offline = RemoteTree(url, tmp_path / "cache", may_fetch=False)
    assert offline.read("big.bin") == FILES["big.bin"]


def test_what_came_of_a_large_file_is_not_asked_for_again(url, tmp_path):
    tree = RemoteTree(url, tmp_path / "cache", may_fetch=True, backoff_s=0.01)
    list(tree.files(Progress()))
    file = tree._seen["big.bin"]
    part = tree._cache.part(file)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"y" * 4_500_000)
    assert tree.read("big.bin") == b"y" * 4_500_000 + b"x" * 500_000


def test_a_place_that_is_not_there_is_told(url, tmp_path):
    with pytest.raises(UserError) as caught:
        list(RemoteTree(f"{url}/nothing", tmp_path, may_fetch=True, backoff_s=0.01).files(Progress()))
    assert caught.value.code == "remote_missing"


def test_a_server_that_nobody_vouches_for_is_not_believed(monkeypatch, tmp_path):
    pytest.importorskip("sshfs")
    with clouds.sftp(FILES, monkeypatch, tmp_path) as url:
        (tmp_path / "home" / ".ssh" / "known_hosts").write_text("")
        with pytest.raises(UserError) as caught:
            list(RemoteTree(url, tmp_path / "cache", may_fetch=True, backoff_s=0.01).files(Progress()))
    assert caught.value.code in ("remote_unreachable", "remote_denied")


def test_a_service_that_is_gone_is_told_within_seconds(monkeypatch, tmp_path):
    pytest.importorskip("s3fs")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{clouds.free_port()}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with pytest.raises(UserError) as caught:
        list(RemoteTree("s3://lab/cells", tmp_path, may_fetch=True, backoff_s=0.01).files(Progress()))
    assert caught.value.code == "remote_unreachable"
