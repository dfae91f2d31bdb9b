from __future__ import annotations

import os
import struct
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.errors import UnreadableImage
from core.images.decode import decode, decode_bytes, read_info, verify_bytes
from core.images.formats import MAX_PIXELS
from tests.support.pictures import (
    encoded,
    gradient,
    jpeg_bytes,
    png_bomb,
    png_bytes,
    png_chunk,
    save,
    tiff_bytes,
    write_bad_files,
)


@pytest.mark.parametrize("exif", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + b"\x12\1" * 50])
def test_damaged_exif_means_upright(tmp_path, exif):
    data = jpeg_bytes()
    segment = b"Exif\0\0" + exif
    spliced = data[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + data[2:]
    np.testing.assert_array_equal(decode_bytes(spliced, tmp_path), decode_bytes(data, tmp_path))
    cut = spliced + b"so that Pillow reads it"
    np.testing.assert_array_equal(decode_bytes(cut, tmp_path), decode_bytes(data, tmp_path))


def test_each_bad_file_is_reported_with_its_reason_by_decoding_and_by_verifying(tmp_path):
    for name, code in write_bad_files(tmp_path).items():
        path = tmp_path / name
        with pytest.raises(UnreadableImage) as caught:
            decode(path)
        expected = {code, "image_truncated"} if name == "cut.tif" else {code}
        assert caught.value.code in expected, name
        assert caught.value.params["path"] == str(path)
        if path.is_file():
            with pytest.raises(UnreadableImage) as caught:
                verify_bytes(path.read_bytes(), path)
            assert caught.value.code in expected, name


def test_folders_and_missing_files_are_reported(tmp_path):
    (tmp_path / "folder.png").mkdir()
    for name, code in {
        "folder.png": "image_not_file",
        "gone.png": "image_missing",
        "a\0b.png": "image_missing",
        "folder.png/x/y.png": "image_missing",
        "x" * 300 + ".png": "image_missing",
    }.items():
        with pytest.raises(UnreadableImage) as caught:
            decode(tmp_path / name)
        assert caught.value.code == code, name


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_reported(tmp_path):
    path = save(tmp_path, "a.png", png_bytes())
    path.chmod(0)
    with pytest.raises(UnreadableImage) as caught:
        decode(path)
    assert caught.value.code == "image_denied"


def test_a_bomb_is_refused_without_its_memory(tmp_path):
    data = png_bomb(30_000, 30_000)
    jpeg = bytearray(jpeg_bytes())
    frame = jpeg.find(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    tiff = bytearray(tiff_bytes(gradient(), photometric="rgb"))
    for tag in (256, 257):
        entry = tiff.find(struct.pack("<HH", tag, 4)) if struct.pack("<HH", tag, 4) in tiff else -1
        entry = entry if entry >= 0 else tiff.find(struct.pack("<HH", tag, 3))
        tiff[entry + 2 : entry + 12] = struct.pack("<HII", 4, 1, 40_000)
    tracemalloc.start()
    try:
        for bomb in (data, bytes(jpeg), bytes(tiff)):
            with pytest.raises(UnreadableImage):
                decode_bytes(bomb, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_a_jpeg_of_endless_scans_is_refused(tmp_path):
    data = jpeg_bytes(progressive=True)
    last = data.rindex(b"\xff\xda")
    endless = data[:last] + data[last:-2] * 500 + b"\xff\xd9"
    with pytest.raises(UnreadableImage) as caught:
        decode_bytes(endless, tmp_path)
    assert caught.value.code == "image_damaged"


def test_the_limit_of_pixels_is_inclusive(tmp_path):
    side = int(MAX_PIXELS**0.5)
    with pytest.raises(UnreadableImage) as caught:
        read_info(save(tmp_path, "over.png", png_bomb(side + 1, side)))
    assert caught.value.code == "image_too_large"
    assert read_info(save(tmp_path, "at.png", png_bomb(side, side, 30_000))).width == side


@pytest.mark.parametrize("size", [(5000, 5000), (16_384, 16_384)])
def test_a_hollow_file_within_the_limit_is_refused_too(tmp_path, size):
    for data in (png_bomb(*size), b"GIF89a" + struct.pack("<HH", *size) + bytes(50) + b";"):
        with pytest.raises(UnreadableImage) as caught:
            decode_bytes(data, tmp_path)
        assert caught.value.code == "image_hollow"


def test_a_large_flat_image_is_no_bomb(tmp_path):
    flat = encoded(Image.new("L", (5000, 5000), 255), "PNG")
    assert decode_bytes(flat, tmp_path).shape == (5000, 5000)


def test_a_jpeg_bomb_inside_a_tiff_is_refused(tmp_path):
    data = bytearray(tiff_bytes(gradient(64, 96), photometric="rgb", compression="jpeg"))
    frame = data.find(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    with pytest.raises(UnreadableImage):
        decode_bytes(bytes(data), tmp_path)


def test_a_png_with_too_little_inside_is_reported(tmp_path):
    with pytest.raises(UnreadableImage):
        decode_bytes(png_bomb(1000, 1000), tmp_path)


def test_thousands_of_damaged_pngs_do_no_harm(tmp_path):
    data, before = png_bomb(100, 100), sys.getrefcount(None)
    for _ in range(3000):
        with pytest.raises(UnreadableImage):
            decode_bytes(data, tmp_path)
    assert sys.getrefcount(None) > before - 1000


@pytest.mark.parametrize(
    "header", [(8, 7, 0, 0, 0), (3, 2, 0, 0, 0), (8, 2, 1, 0, 0), (8, 2, 0, 1, 0), (8, 3, 0, 0, 0)]
)
def test_a_png_header_without_sense_is_refused_quietly(tmp_path, header, capfd):
    body = struct.pack(">IIBBBBB", 10, 10, *header)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", body) + png_chunk(b"IDAT", b"x") + png_chunk(b"IEND", b"")
    with pytest.raises(UnreadableImage):
        decode_bytes(data, tmp_path)
    assert capfd.readouterr().err == ""


def test_a_tiff_without_all_its_strips_is_reported(tmp_path):
    data = bytearray(tiff_bytes(gradient(64, 64), photometric="rgb", rowsperstrip=8))
    np.testing.assert_array_equal(decode_bytes(bytes(data), tmp_path), gradient(64, 64))
    entry = data.find(struct.pack("<HHI", 257, 3, 1))
    data[entry + 8 : entry + 10] = struct.pack("<H", 128)  # twice as high as there are strips for
    with pytest.raises(UnreadableImage):
        decode_bytes(bytes(data), tmp_path)


def test_comments_and_profiles_are_not_looked_at(tmp_path):
    data = png_bytes()
    strange = png_chunk(b"iCCP", b"\xff" * 50) + png_chunk(b"zTXt", b"no text") + png_chunk(b"tEXt", b"\0" * 10)
    spliced = data[:33] + strange + data[33:]
    np.testing.assert_array_equal(decode_bytes(spliced, tmp_path), gradient())


SAMPLES = {
    "jpeg": jpeg_bytes(30, 40),
    "progressive": jpeg_bytes(30, 40, progressive=True),
    "png": png_bytes(30, 40),
    "bmp": encoded(Image.fromarray(gradient(30, 40)), "BMP"),
    "gif": encoded(Image.fromarray(gradient(30, 40)).quantize(16), "GIF"),
    "webp": encoded(Image.fromarray(gradient(30, 40)), "WEBP"),
    "tiff": tiff_bytes(gradient(30, 40), photometric="rgb", compression="zlib"),
    "tiff16": tiff_bytes(gradient(30, 40).astype(np.uint16), photometric="rgb"),
}


@pytest.mark.parametrize("kind", SAMPLES)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_bytes_give_pixels_or_a_reason_and_nothing_else(kind, changes):
    data = bytearray(SAMPLES[kind])
    for position, value in changes:
        data[position % len(data)] = value
    try:
        pixels = decode_bytes(bytes(data), "damaged")
    except UnreadableImage as error:
        assert error.message
    else:
        assert pixels.ndim in (2, 3)


@pytest.mark.parametrize("kind", SAMPLES)
@given(fraction=st.floats(0, 0.98))
def test_a_file_cut_off_anywhere_is_reported(kind, fraction):
    data = SAMPLES[kind]
    with pytest.raises(UnreadableImage):
        verify_bytes(data[: int(len(data) * fraction)], "cut")
