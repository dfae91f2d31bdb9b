from __future__ import annotations

import os
import socket

import pytest

from core.errors import Cancelled, UnreadableImage, UserError
from core.images.remote.servers import checked_address
from core.images.remote_tree import RemoteTree
from core.progress import CancelToken, Progress
from tests.support.pictures import png_bytes
from tests.support.web import serving


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "served"
    for name in ("WBC/a.png", "WBC/b b.png", "RBC/ünï#1.png", "notes.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(png_bytes())
    return root


@pytest.fixture
def web(root):
    with serving(root) as server:
        yield server


@pytest.fixture
def tree(web, tmp_path):
    return RemoteTree(web.url, tmp_path / "cache", may_fetch=True, backoff_s=0.01)


def paths(tree):
    return sorted(file.path for file in tree.files(Progress()))


def test_the_files_of_a_web_server_are_found_by_its_index_pages(tree):
    assert paths(tree) == ["RBC/ünï#1.png", "WBC/a.png", "WBC/b b.png", "notes.txt"]
    assert tree.read_image("WBC/b b.png") == tree.read("RBC/ünï#1.png") == png_bytes()


@pytest.mark.parametrize(("name", "text"), [("files.txt", "WBC/a.png\n\nRBC/ünï#1.png\ngone.png\n../x.png\n"),
                                            ("files.csv", "label,path\nW,WBC/a.png\nR,RBC/ünï#1.png\n")])  # fmt: skip
def test_a_list_of_files_counts_more_than_the_index_pages(tree, root, name, text):
    (root / name).write_text(text, encoding="utf-8")
    skipped = []
    assert sorted(file.path for file in tree.files(Progress(), skipped)) == ["RBC/ünï#1.png", "WBC/a.png"]


def test_a_file_is_fetched_once_and_opens_without_a_network(web, tree, tmp_path):
    paths(tree)
    tree.read_image("WBC/a.png")
    web.asked.clear()
    assert tree.read_image("WBC/a.png") == png_bytes()
    assert tree.local("WBC/a.png").suffix == ".png"
    offline = RemoteTree(web.url, tmp_path / "cache", may_fetch=False)
    assert offline.read_image("WBC/a.png") == png_bytes()
    assert offline.stamp("WBC/a.png").size_bytes == len(png_bytes())
    assert web.asked == []
    with pytest.raises(UnreadableImage) as caught:
        offline.read_image("WBC/b b.png")
    assert caught.value.code == "image_not_fetched"
    with pytest.raises(UserError) as refused:
        paths(offline)
    assert refused.value.code == "remote_not_allowed"


def test_a_file_that_changed_on_the_server_is_fetched_again(tree, root, tmp_path):
    stamps = {file.path: file for file in tree.files(Progress())}
    old = tree.local("WBC/a.png")
    changed = png_bytes()[:-12] + bytes(8) + png_bytes()[-12:]
    (root / "WBC" / "a.png").write_bytes(changed)
    assert tree.read("WBC/a.png") == png_bytes(), "until the server is asked again"
    again = {file.path: file for file in tree.files(Progress())}
    assert {path for path in again if again[path] != stamps[path]} == {"WBC/a.png"}
    assert tree.read("WBC/a.png") == changed
    assert not old.exists()


def test_what_was_cut_off_is_asked_for_again_from_where_it_stopped(web, tree, root):
    data = os.urandom(5 * 2**20)
    (root / "big.tif").write_bytes(data)
    web.cuts_at = 3 * 2**20
    assert tree.read("big.tif") == data
    ranges = [one for one in web.asked if one.startswith("GET /big.tif")]
    assert len(ranges) == 2 and "bytes=" in ranges[1]


def test_a_server_without_ranges_is_read_from_its_start(web, tree, root):
    data = os.urandom(5 * 2**20)
    (root / "big.tif").write_bytes(data)
    web.cuts_at = 3 * 2**20
    web.ranges = False
    with pytest.raises(UnreadableImage):
        tree.read("big.tif")
    web.cuts_at = None
    assert tree.read("big.tif") == data


def test_a_server_that_is_gone_or_refuses_is_told_apart(web, tree, root, tmp_path):
    paths(tree)
    web.status = 403
    with pytest.raises(UnreadableImage) as caught:
        tree.read("WBC/a.png")
    assert caught.value.code == "image_denied"
    web.status = 503
    with pytest.raises(UnreadableImage) as caught:
        tree.read("WBC/a.png")
    assert caught.value.code == "image_unreachable"
    assert len([one for one in web.asked if one.endswith("a.png")]) > 4, "it is asked again first"
    web.status = None
    assert tree.read("WBC/a.png") == png_bytes()
    (root / "WBC" / "b b.png").unlink()
    with pytest.raises(UnreadableImage) as caught:
        tree.read("WBC/b b.png")
    assert caught.value.code == "image_missing"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UserError) as refused:
        paths(RemoteTree(nobody, tmp_path, may_fetch=True, backoff_s=0.01))
    assert refused.value.code == "remote_unreachable"
    with pytest.raises(UserError) as refused:
        paths(RemoteTree(f"{web.url}/nothing", tmp_path, may_fetch=True, backoff_s=0.01))
    assert refused.value.code == "remote_missing"


def test_waiting_for_a_server_can_be_cancelled(web, tmp_path):
    token = CancelToken()
    tree = RemoteTree(web.url, tmp_path, may_fetch=True, backoff_s=60, progress=Progress(token=token))
    web.status = 503
    token.cancel()
    with pytest.raises(Cancelled):
        tree.read("WBC/a.png")


@pytest.mark.parametrize("path", ["../x.png", "/etc/passwd", "", "a/../../b.png"])
def test_no_path_leads_out(tree, path):
    with pytest.raises(UnreadableImage) as caught:
        tree.read(path)
    assert caught.value.code == "image_outside"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("s3://key:secret@bucket/x", "remote_secret"),
        ("s3://key@bucket/x", "remote_secret"),
        ("sftp://me:secret@host/x", "remote_secret"),
        ("https://host/x?signature=1", "remote_secret"),
        ("https:///x", "remote_address"),
        ("ftp://host/x", "remote_address"),
        ("s3://", "remote_address"),
        ("https://host:port/", "remote_address"),
        ("file:///etc", "remote_address"),
    ],
)
def test_addresses_that_hold_secrets_or_name_no_place_are_refused(url, code):
    with pytest.raises(UserError) as caught:
        checked_address(url)
    assert caught.value.code == code
    assert "secret" not in str(caught.value.params)


def test_a_slash_at_the_end_makes_no_other_source():
    assert checked_address("s3://bucket/x/") == checked_address("s3://bucket/x") == "s3://bucket/x"
    assert checked_address("sftp://me@host:2222/data/") == "sftp://me@host:2222/data"
