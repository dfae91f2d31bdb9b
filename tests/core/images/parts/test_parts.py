from __future__ import annotations

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from core.errors import UnreadableImage
from core.images.contents import examine, raw_digest
from core.images.folder_tree import FolderTree
from core.images.hashing import bytes_digest
from core.images.parts.table import PARTS, encoded, read_raw
from tests.support.pictures import encoded as as_file
from tests.support.pictures import gradient, png_bytes


@pytest.fixture
def tree(tmp_path):
    return FolderTree(tmp_path, tmp_path / ".scratch")


def code(tree, path):
    with pytest.raises(UnreadableImage) as caught:
        read_raw(tree, path)
    return caught.value.code


def write_tar(path, members, **options):
    with tarfile.open(path, "w", **options) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize(
    ("value", "rows", "columns"),
    [("10,5,20,15", slice(5, 20), slice(10, 30)), ("-5,-5,10,10", slice(0, 5), slice(0, 5)),
     ("50,30,100,100", slice(30, 40), slice(50, 60))],
)  # fmt: skip
def test_a_box_is_cut_from_the_upright_image_and_clipped(tree, tmp_path, value, rows, columns):
    (tmp_path / "a.png").write_bytes(png_bytes())
    np.testing.assert_array_equal(read_raw(tree, f"a.png::box={value}"), gradient()[rows, columns])


@pytest.mark.parametrize("value", ["60,0,5,5", "0,-10,5,5", "0,0,0,5"])
def test_a_box_outside_of_its_image_is_told(tree, tmp_path, value):
    (tmp_path / "a.png").write_bytes(png_bytes())
    assert code(tree, f"a.png::box={value}") == "image_box_outside"


def test_equal_crops_are_known_as_equal_and_files_by_their_bytes(tree, tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes())
    (tmp_path / "b.bmp").write_bytes(as_file(Image.fromarray(gradient()), "BMP"))
    boxes = [examine(tree, f"{name}::box=1,1,9,7") for name in ("a.png", "b.bmp")]
    assert boxes[0].digest == boxes[1].digest == raw_digest(gradient()[1:8, 1:10])
    assert (boxes[0].info.width, boxes[0].info.height, boxes[0].info.channels) == (9, 7, 3)
    assert examine(tree, "a.png").digest == bytes_digest(png_bytes())
    tall, wide = np.zeros((2, 6), np.uint8), np.zeros((6, 2), np.uint8)
    assert raw_digest(tall) != raw_digest(wide)


def test_a_member_of_a_tar_is_read_where_it_is(tree, tmp_path):
    write_tar(tmp_path / "s.tar", {"a/1.png": png_bytes(), "./2.png": png_bytes(), "2.cls": b"1"})
    for name in ("a/1.png", "2.png"):
        np.testing.assert_array_equal(read_raw(tree, f"s.tar::member={name}"), gradient())
        assert encoded(tree, f"s.tar::member={name}") == png_bytes()
        assert examine(tree, f"s.tar::member={name}").digest == bytes_digest(png_bytes())
    np.testing.assert_array_equal(read_raw(tree, "s.tar::member=a/1.png::box=0,0,4,4"), gradient()[:4, :4])
    assert code(tree, "s.tar::member=2.cls") == "image_unknown_format"
    assert code(tree, "s.tar::member=3.png") == "image_missing"
    assert code(tree, "gone.tar::member=3.png") == "image_missing"
    assert not (tmp_path / ".scratch").exists()


def test_links_devices_and_escapes_in_a_tar_are_never_followed(tree, tmp_path):
    (tmp_path / "secret.png").write_bytes(png_bytes())
    with tarfile.open(tmp_path / "s.tar", "w") as archive:
        for name, kind in {"l.png": tarfile.SYMTYPE, "h.png": tarfile.LNKTYPE, "d.png": tarfile.CHRTYPE}.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "secret.png"
            archive.addfile(info)
    write_tar(tmp_path / "e.tar", {"../secret.png": png_bytes(), "/abs.png": png_bytes()})
    for path in ("s.tar::member=l.png", "s.tar::member=h.png", "s.tar::member=d.png", "e.tar::member=../secret.png",
                 "e.tar::member=/abs.png"):  # fmt: skip
        assert code(tree, path) in ("image_missing", "image_outside")


@pytest.mark.parametrize("keep", [300, 700, 1500])
def test_of_a_tar_that_is_cut_off_the_whole_members_are_read(tree, tmp_path, keep):
    small = png_bytes(4, 4)
    write_tar(tmp_path / "s.tar", {f"{i}.png": small for i in range(4)})
    data = (tmp_path / "s.tar").read_bytes()
    (tmp_path / "s.tar").write_bytes(data[:keep])
    if keep >= 512 + len(small):
        assert read_raw(tree, "s.tar::member=0.png").shape == (4, 4, 3)
    assert code(tree, "s.tar::member=3.png") in ("image_missing", "archive_damaged_tar")


def test_a_tar_that_changes_is_indexed_again(tree, tmp_path):
    write_tar(tmp_path / "s.tar", {"a.png": png_bytes()})
    read_raw(tree, "s.tar::member=a.png")
    write_tar(tmp_path / "s.tar", {"b.png": png_bytes(), "c.png": png_bytes()})
    assert read_raw(tree, "s.tar::member=c.png").shape == (40, 60, 3)


def test_a_tar_with_an_immense_header_is_refused_unread(tree, tmp_path):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**33
    (tmp_path / "s.tar").write_bytes(info.tobuf() + bytes(2**20))
    assert code(tree, "s.tar::member=x") == "archive_damaged_tar"


def test_pages_are_read_by_address(tree, tmp_path):
    tifffile = pytest.importorskip("tifffile")
    pages = np.random.default_rng(3).integers(0, 255, (3, 8, 9), dtype=np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        for page in pages:
            file.write(page, photometric="minisblack", metadata=None)
    np.testing.assert_array_equal(read_raw(tree, "a.tif::page=2"), pages[2])
    np.testing.assert_array_equal(read_raw(tree, "a.tif::page=1::box=0,0,3,3"), pages[1][:3, :3])
    write_tar(tmp_path / "s.tar", {"a.tif": (tmp_path / "a.tif").read_bytes()})
    np.testing.assert_array_equal(read_raw(tree, "s.tar::member=a.tif::page=2"), pages[2])
    assert code(tree, "a.tif::page=3") == "image_no_part"


@pytest.mark.parametrize("part", sorted(PARTS))
def test_every_kind_of_part_refuses_what_is_no_such_file(tree, tmp_path, part):
    value = {"plane": "z1", "box": "0,0,1,1", "member": "a", "tile": "0,0,8,8,0"}.get(part, "1")
    for name, data in {"empty": b"", "noise": bytes(range(256)) * 40}.items():
        (tmp_path / name).write_bytes(data)
        assert code(tree, f"{name}::{part}={value}")
    assert code(tree, f"gone::{part}={value}") == "image_missing"
    assert code(tree, f"../x::{part}={value}") == "image_outside"
