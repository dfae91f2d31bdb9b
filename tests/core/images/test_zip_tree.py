from __future__ import annotations

import stat
import struct
import threading
import zipfile

import numpy as np
import pytest

from core.domain.samples import Source
from core.errors import UnreadableImage, UserError
from core.images.reader import ImageReader
from core.images.zip_tree import ZipTree
from core.progress import Progress
from tests.support.pictures import gradient, png_bytes


def make(path, entries, **options):
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def listed(path, tmp_path):
    skipped = []
    tree = ZipTree(path, tmp_path / "scratch")
    return tree, sorted(file.path for file in tree.files(Progress(), skipped)), dict(skipped)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_the_images_in_a_zip_are_read_where_they_are(tmp_path, method):
    path = make(tmp_path / "a.zip", {"WBC/a.png": png_bytes(), "notes.txt": b"x"}, compression=method)
    tree, names, skipped = listed(path, tmp_path)
    assert (names, skipped) == (["WBC/a.png", "notes.txt"], {})
    assert tree.read_image("WBC/a.png") == png_bytes()
    assert tree.read("notes.txt") == b"x"
    assert tree.stamp("WBC/a.png").size_bytes == len(png_bytes())
    assert tree.local("WBC/a.png").read_bytes() == png_bytes()
    reader = ImageReader({1: Source(1, "zip", str(path))})
    np.testing.assert_array_equal(reader.raw(1, "WBC/a.png"), gradient())
    for name, code in {"notes.txt": "image_unknown_format", "gone.png": "image_missing"}.items():
        with pytest.raises(UnreadableImage) as caught:
            tree.read_image(name)
        assert caught.value.code == code


def test_entries_that_lead_out_are_links_or_archives_are_left_out_with_a_reason(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../up.png", "/abs.png", "C:/win.png", "a/../../b.png", "x//y.png", "in.zip", "a.tif::page=1"):
            archive.writestr(zipfile.ZipInfo(name), png_bytes())
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("ok.png", png_bytes())
        archive.writestr(".hidden.png", b"")
        archive.writestr("__MACOSX/._ok.png", b"")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ok.png", b"another")
    tree, names, skipped = listed(path, tmp_path)
    assert names == ["ok.png"]
    assert tree.read("ok.png") == png_bytes()
    outside = dict.fromkeys(("../up.png", "/abs.png", "C:/win.png", "a/../../b.png", "x//y.png"), "image_outside")
    assert skipped == outside | {
        "in.zip": "archive_nested",
        "link.png": "archive_link",
        "ok.png": "archive_duplicate",
        "a.tif::page=1": "image_name_reserved",
    }


def test_an_encrypted_entry_is_told(tmp_path):
    path = make(tmp_path / "a.zip", {"secret.png": png_bytes(), "ok.png": png_bytes()})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    _, names, skipped = listed(path, tmp_path)
    assert (names, skipped) == (["ok.png"], {"secret.png": "archive_encrypted"})


def test_bombs_are_refused_by_what_they_claim_and_by_overlapping(tmp_path):
    path = make(tmp_path / "a.zip", {"bomb.png": bytes(2**25), "ok.png": png_bytes()}, compression=zipfile.ZIP_DEFLATED)
    _, names, skipped = listed(path, tmp_path)
    assert (names, skipped) == (["ok.png"], {"bomb.png": "archive_bomb"})
    data = bytearray(make(tmp_path / "b.zip", {"a.png": png_bytes(), "b.png": png_bytes()}).read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<I", 10)
    (tmp_path / "b.zip").write_bytes(data)
    _, names, skipped = listed(tmp_path / "b.zip", tmp_path)
    assert (names, skipped) == (["a.png"], {"b.png": "archive_bomb"})


@pytest.mark.parametrize(
    ("written", "read"),
    [("세포/하나.png".encode("cp949"), "세포/하나.png"), ("ünï.png".encode(), "ünï.png"),
     ("é.png".encode("cp437"), "é.png"), (b"a\\b.png", "a/b.png")],
)  # fmt: skip
def test_names_are_read_in_the_encoding_they_were_written_in(tmp_path, written, read):
    placeholder = "x" * len(written)
    path = make(tmp_path / "a.zip", {placeholder: png_bytes()})
    path.write_bytes(path.read_bytes().replace(placeholder.encode(), written))
    tree, names, _ = listed(path, tmp_path)
    assert names == [read]
    assert tree.read(read) == png_bytes()


def test_a_damaged_entry_is_told_and_the_others_open(tmp_path):
    path = make(tmp_path / "a.zip", {"bad.png": png_bytes(), "ok.png": png_bytes()})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    tree, _, _ = listed(path, tmp_path)
    with pytest.raises(UnreadableImage) as caught:
        tree.read("bad.png")
    assert caught.value.code == "archive_entry_damaged"
    assert tree.read("ok.png") == png_bytes()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip at all" * 100])
def test_what_is_no_zip_is_refused(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UserError) as caught:
        ZipTree(tmp_path / "a.zip")
    assert caught.value.code == "archive_damaged"


def test_an_entry_that_was_replaced_has_another_stamp(tmp_path):
    stamps = [
        ZipTree(make(tmp_path / name, {"a.png": data})).stamp("a.png")
        for name, data in (("1.zip", b"aaaa"), ("2.zip", b"bbbb"))
    ]
    assert stamps[0].size_bytes == stamps[1].size_bytes and stamps[0].mtime_ns != stamps[1].mtime_ns


def test_many_threads_read_at_once(tmp_path):
    entries = {f"{i}.png": png_bytes() + bytes([i]) for i in range(16)}
    tree = ZipTree(make(tmp_path / "a.zip", entries, compression=zipfile.ZIP_DEFLATED))
    wrong = []
    threads = [threading.Thread(target=lambda: wrong.extend(n for n in entries if tree.read(n) != entries[n]))
               for _ in range(8)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
