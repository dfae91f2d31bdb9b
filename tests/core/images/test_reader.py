from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from core.domain.samples import Source
from core.errors import BugError, UnreadableImage
from core.images.idx_file import open_idx_images
from core.images.reader import ImageReader
from tests.support.idx import write_idx
from tests.support.pictures import gradient, png_bytes, tiff_bytes


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.png").write_bytes(png_bytes())
    (tmp_path / "outside.png").write_bytes(png_bytes())
    return root


@pytest.fixture
def reader(root):
    return ImageReader({1: Source(1, "folder", str(root))})


def test_images_are_found_by_source_and_path(reader):
    np.testing.assert_array_equal(reader.raw(1, "sub/a.png"), gradient())
    assert reader.rgb8(1, "sub/a.png").shape == (40, 60, 3)


@pytest.mark.parametrize(
    "path", ["../outside.png", "sub/../../outside.png", "/etc/hostname", "", "sub/../../root/sub/a.png"]
)
def test_no_path_leads_out_of_the_source(reader, path):
    with pytest.raises(UnreadableImage) as caught:
        reader.raw(1, path)
    assert caught.value.code == "image_outside"


def test_a_link_that_leads_out_is_refused_and_one_inside_is_followed(reader, root):
    (root / "out.png").symlink_to(root.parent / "outside.png")
    (root / "outdir").symlink_to(root.parent)
    (root / "in.png").symlink_to(root / "sub" / "a.png")
    for path in ("out.png", "outdir/outside.png"):
        with pytest.raises(UnreadableImage) as caught:
            reader.raw(1, path)
        assert caught.value.code == "image_outside"
    np.testing.assert_array_equal(reader.raw(1, "in.png"), gradient())


def test_a_source_may_itself_be_reached_through_a_link(root):
    link = root.parent / "link"
    link.symlink_to(root)
    reader = ImageReader({1: Source(1, "folder", str(link))})
    np.testing.assert_array_equal(reader.raw(1, "sub/a.png"), gradient())


def test_a_link_to_itself_is_reported(reader, root):
    (root / "loop.png").symlink_to("loop.png")
    with pytest.raises(UnreadableImage) as caught:
        reader.raw(1, "loop.png")
    assert caught.value.code == "image_link_loop"


@pytest.mark.skipif(os.name == "nt", reason="not a possible name")
def test_strange_names_are_only_names(reader, root):
    for name in ("a#b.png", "back\\slash.png", "C:.png", "ünï.png"):
        (root / name).write_bytes(png_bytes())
        np.testing.assert_array_equal(reader.raw(1, name), gradient())


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_images_inside_an_idx_file_are_found_by_number(reader, root, suffix):
    images = np.random.default_rng(7).integers(0, 256, (5, 4, 6), dtype=np.uint8)
    name = f"train-images-idx3-ubyte{suffix}"
    write_idx(root / name, images)
    np.testing.assert_array_equal(reader.raw(1, f"{name}::item=3"), images[3])
    assert reader.rgb8(1, f"{name}::item=0").shape == (4, 6, 3)
    for index in ("5", "-1", "x", ""):
        with pytest.raises(UnreadableImage) as caught:
            reader.raw(1, f"{name}::item={index}")
        assert caught.value.code == "image_missing"


def test_an_idx_file_is_unpacked_once_for_many_threads(reader, root, monkeypatch):
    write_idx(root / "x-images-idx3-ubyte.gz", np.zeros((50, 4, 4)))
    opened = []
    monkeypatch.setattr("core.images.items.open_idx_images", lambda file: opened.append(file) or open_idx_images(file))
    threads = [
        threading.Thread(target=reader.raw, args=(1, f"x-images-idx3-ubyte.gz::item={index}")) for index in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0\x08\x03", b"\0\0\x08\x01" + bytes(20), b"\0\0\x08\x03" + b"\0\0\xff\xff" * 3, b"\x1f\x8b broken"],
)
def test_a_damaged_idx_file_is_reported(reader, root, data):
    for name in ("bad-images-idx3-ubyte", "bad-images-idx3-ubyte.gz"):
        (root / name).write_bytes(data)
        with pytest.raises(UnreadableImage) as caught:
            reader.raw(1, f"{name}::item=0")
        assert caught.value.message


def test_an_unknown_source_is_our_mistake(reader):
    with pytest.raises(BugError):
        reader.raw(9, "a.png")


def test_the_reader_says_what_a_header_says_of_files_and_of_parts(reader, root):
    pages = np.zeros((3, 20, 30), np.uint16)
    data = tiff_bytes(pages, imagej=True, resolution=(2, 2), metadata={"axes": "ZYX", "unit": "um"})
    (root / "a.tif").write_bytes(data)
    for path in ("a.tif", "a.tif::page=2", "a.tif::plane=z1"):
        info = reader.info(1, path)
        assert (info.width, info.height, info.bit_depth, info.pages) == (30, 20, 16, 3)
        assert info.pixel_size_um == (0.5, 0.5)
    box = reader.info(1, "a.tif::box=0,0,5,6")
    assert (box.width, box.height, box.channels) == (5, 6, 1)
    with pytest.raises(UnreadableImage) as caught:
        reader.info(1, "a.tif::page=3")
    assert caught.value.code == "image_no_part"
