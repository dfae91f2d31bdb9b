"""One row per kind of file: what it is read as, what its header says, and that damage is noticed."""

from __future__ import annotations

import struct
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field

import imagecodecs
import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import UnreadableImage
from core.images.decode import decode, decode_bytes, decode_page, read_info_bytes, verify_bytes
from core.images.formats import IMAGE_SUFFIXES, SLIDE_SUFFIXES
from core.images.intensity import to_rgb8
from tests.support.pictures import encoded, gradient, save, tiff_bytes
from tests.support.science import dicom_bytes

RANDOM = np.random.default_rng(7)
RGB = gradient()
GREY = RGB[..., 0].copy()
DEEP = (np.arange(2400, dtype=np.uint16) * 27).reshape(40, 60)
TWELVE = (DEEP // 16).astype(np.uint16)
SIGNED = DEEP.astype(np.int32) - 30_000
CT = (DEEP // 32).astype(np.int16) - 500
MANY = RANDOM.integers(0, 65535, (40, 60, 6), dtype=np.uint16)
RLE, JPEG, LOSSLESS = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70"
JPEG_LS, JPEG_2000 = "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"


def jpeg2000(pixels: np.ndarray, kind: str = "jp2") -> bytes:
    return imagecodecs.jpeg2k_encode(pixels, level=0, codecformat=kind, reversible=True)


def heic(pixels: np.ndarray, **options: object) -> bytes:
    import io

    out = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(out, quality=95, **options)
    return out.getvalue()


def run_lengths(frame: np.ndarray) -> bytes:
    return imagecodecs.dicomrle_encode(frame) if hasattr(imagecodecs, "dicomrle_encode") else b""


@dataclass(frozen=True)
class Row:
    write: Callable[[], bytes]
    pixels: np.ndarray
    says: dict[str, object] = field(default_factory=dict)
    within: int = 0


def says(format: str, channels: int, bit_depth: int, **more: object) -> dict[str, object]:
    return {"format": format, "width": 60, "height": 40, "channels": channels, "bit_depth": bit_depth, **more}


ROWS = {
    "jpeg": Row(lambda: encoded(Image.fromarray(RGB), "JPEG", quality=98), RGB, says("jpeg", 3, 8), 24),
    "png": Row(lambda: encoded(Image.fromarray(RGB), "PNG"), RGB, says("png", 3, 8)),
    "png 16": Row(lambda: imagecodecs.png_encode(DEEP), DEEP, says("png", 1, 16)),
    "bmp": Row(lambda: encoded(Image.fromarray(RGB), "BMP"), RGB, says("bmp", 3, 8)),
    "gif": Row(lambda: encoded(Image.fromarray(GREY), "GIF"), np.dstack([GREY] * 3), says("gif", 3, 8)),
    "webp": Row(lambda: encoded(Image.fromarray(RGB), "WEBP", lossless=True), RGB, says("webp", 3, 8)),
    "heic": Row(lambda: heic(RGB), RGB, says("heic", 3, 8), 40),
    "tiff": Row(lambda: tiff_bytes(RGB, photometric="rgb"), RGB, says("tiff", 3, 8)),
    "tiff 16": Row(lambda: tiff_bytes(DEEP, compression="zlib"), DEEP, says("tiff", 1, 16)),
    "tiff float": Row(lambda: tiff_bytes(DEEP.astype(np.float32)), DEEP, says("tiff", 1, 32)),
    "tiff six channels": Row(
        lambda: tiff_bytes(MANY, photometric="minisblack", planarconfig="contig"), MANY, says("tiff", 6, 16)
    ),
    "tiff big": Row(lambda: tiff_bytes(DEEP, bigtiff=True), DEEP, says("tiff", 1, 16)),
    "jp2": Row(lambda: jpeg2000(RGB), RGB, says("jpeg2000", 3, 8)),
    "jp2 16": Row(lambda: jpeg2000(DEEP), DEEP, says("jpeg2000", 1, 16)),
    "jp2 six channels": Row(lambda: jpeg2000(MANY), MANY, says("jpeg2000", 6, 16)),
    "j2k": Row(lambda: jpeg2000(DEEP, "j2k"), DEEP, says("jpeg2000", 1, 16)),
    "dicom": Row(lambda: dicom_bytes(DEEP[None]), DEEP, says("dicom", 1, 16)),
    "dicom 8": Row(lambda: dicom_bytes(GREY[None]), GREY, says("dicom", 1, 8)),
    "dicom 12": Row(lambda: dicom_bytes(TWELVE[None], BitsStored=12), TWELVE, says("dicom", 1, 12)),
    "dicom colour": Row(lambda: dicom_bytes(RGB[None]), RGB, says("dicom", 3, 8)),
    "dicom signed": Row(lambda: dicom_bytes(CT[None]), CT, says("dicom", 1, 32)),
    "dicom rescaled": Row(
        lambda: dicom_bytes(TWELVE[None], BitsStored=12, RescaleSlope="2", RescaleIntercept="-1024"),
        TWELVE * 2.0 - 1024,
        says("dicom", 1, 32),
    ),
    "dicom white is zero": Row(
        lambda: dicom_bytes(TWELVE[None], BitsStored=12, PhotometricInterpretation="MONOCHROME1"),
        4095 - TWELVE,
        says("dicom", 1, 12),
    ),
    "dicom jpeg": Row(
        lambda: dicom_bytes(GREY[None], syntax=JPEG, encode=lambda f: imagecodecs.jpeg8_encode(f, level=98)),
        GREY,
        says("dicom", 1, 8),
        3,
    ),
    "dicom lossless jpeg": Row(
        lambda: dicom_bytes(DEEP[None], syntax=LOSSLESS, encode=imagecodecs.ljpeg_encode), DEEP, says("dicom", 1, 16)
    ),
    "dicom jpeg-ls": Row(
        lambda: dicom_bytes(DEEP[None], syntax=JPEG_LS, encode=imagecodecs.jpegls_encode), DEEP, says("dicom", 1, 16)
    ),
    "dicom jpeg 2000": Row(
        lambda: dicom_bytes(DEEP[None], syntax=JPEG_2000, encode=lambda f: jpeg2000(f, "j2k")),
        DEEP,
        says("dicom", 1, 16),
    ),
}
FILES = {name: row.write() for name, row in ROWS.items()}


@pytest.mark.parametrize("name", ROWS)
def test_each_kind_of_file_gives_its_pixels_and_says_what_it_is(name, tmp_path):
    row, data = ROWS[name], FILES[name]
    pixels = decode(save(tmp_path, "a.img", data))
    assert pixels.shape == row.pixels.shape
    if row.within:
        assert np.abs(pixels.astype(int) - row.pixels).mean() <= row.within
    else:
        np.testing.assert_array_equal(pixels, row.pixels)
    info = verify_bytes(data, tmp_path)
    assert {key: getattr(info, key) for key in row.says} == row.says
    assert pixels.dtype == {8: np.uint8, 12: np.uint16, 16: np.uint16, 32: np.float32}[info.bit_depth]
    assert pixels.flags.writeable
    assert pixels.flags.c_contiguous
    assert to_rgb8(pixels).shape == (40, 60, 3)


@pytest.mark.parametrize("name", ROWS)
def test_a_file_cut_off_is_reported(name, tmp_path):
    for part in (0.02, 0.2, 0.5, 0.9):
        with pytest.raises(UnreadableImage) as caught:
            verify_bytes(FILES[name][: int(len(FILES[name]) * part)], tmp_path)
        assert caught.value.message


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=25, deadline=2000)
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_flipped_bytes_give_pixels_or_a_reason_and_nothing_else(name, changes):
    data = bytearray(FILES[name])
    for place, value in changes:
        # Where most headers are, half of the time.
        data[int(place * 2 * 400) % len(data) if place < 0.5 else int((place * 2 - 1) * (len(data) - 1))] = value
    try:
        pixels = decode_bytes(bytes(data), "damaged")
    except UnreadableImage as error:
        assert error.message
    else:
        assert pixels.ndim in (2, 3)


def absurd_jp2(**fields: int) -> bytes:
    values = {"x": 60, "y": 40, "tile_x": 60, "tile_y": 40, "channels": 1} | fields
    size = struct.pack(
        ">HHIIIIIIIIH", 41, 0, values["x"], values["y"], 0, 0, values["tile_x"], values["tile_y"], 0, 0, 1
    )
    return b"\xff\x4f\xff\x51" + size[:-2] + struct.pack(">H", values["channels"]) + b"\x0f\1\1" * 400 + bytes(500)


@pytest.mark.parametrize(
    "data",
    [
        absurd_jp2(x=60_000, y=60_000, tile_x=60_000, tile_y=60_000),
        absurd_jp2(x=2**31, y=2**31, tile_x=1, tile_y=1),
        absurd_jp2(tile_x=1, tile_y=1, x=16_000, y=16_000),
        absurd_jp2(tile_x=0),
        absurd_jp2(channels=16_384),
        absurd_jp2(x=16_000, y=16_000, tile_x=16_000, tile_y=16_000, channels=200),
        dicom_bytes(GREY[None], Rows=60_000, Columns=60_000),
        dicom_bytes(GREY[None], NumberOfFrames=2_000_000_000),
        dicom_bytes(GREY[None], Rows=60_000, Columns=4000, syntax=RLE, encode=lambda f: bytes(64) + f.tobytes()),
        dicom_bytes(GREY[None], Rows=16_000, Columns=16_000, syntax=JPEG, encode=imagecodecs.jpeg8_encode),
        dicom_bytes(GREY[None], BitsStored=200),
        dicom_bytes(GREY[None], SamplesPerPixel=60_000),
        dicom_bytes(GREY[None]).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99"),
        b"\0\0\0\x18ftypheic" + bytes(500),
    ],
    ids=lambda data: f"{data[:4].hex()}-{len(data)}",
)
def test_absurd_headers_are_refused_at_once_and_without_their_memory(data, tmp_path):
    tracemalloc.start()
    start = time.perf_counter()
    try:
        with pytest.raises(UnreadableImage) as caught:
            decode_bytes(data, tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.message
    assert time.perf_counter() - start < 2
    assert peak < 50_000_000


def test_frames_are_pages(tmp_path):
    frames = RANDOM.integers(0, 255, (3, 40, 60), dtype=np.uint8)
    gif = encoded(
        Image.fromarray(frames[0]), "GIF", save_all=True, append_images=[Image.fromarray(frame) for frame in frames[1:]]
    )
    for data in (dicom_bytes(frames), gif, dicom_bytes(frames, syntax=JPEG_LS, encode=imagecodecs.jpegls_encode)):
        assert read_info_bytes(data, tmp_path).pages == 3
        for number in range(3):
            found = decode_page(data, tmp_path, str(number))
            np.testing.assert_array_equal(found if found.ndim == 2 else found[..., 0], frames[number])
        with pytest.raises(UnreadableImage) as caught:
            decode_page(data, tmp_path, "3")
        assert caught.value.code == "image_no_part"


def test_formats_of_one_image_have_page_0_and_no_other(tmp_path):
    data = FILES["png"]
    np.testing.assert_array_equal(decode_page(data, tmp_path, "0"), RGB)
    with pytest.raises(UnreadableImage) as caught:
        decode_page(data, tmp_path, "1")
    assert caught.value.code == "image_no_part"


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "heic"])
def test_photographs_say_when_they_were_taken(kind, tmp_path):
    exif = Image.Exif()
    exif[0x0132] = "2020:01:01 00:00:00"
    exif.get_ifd(0x8769)[0x9003] = "2024:05:01 10:20:30"
    data = (
        heic(RGB, exif=exif.tobytes()) if kind == "heic" else encoded(Image.fromarray(RGB), kind, exif=exif.tobytes())
    )
    assert read_info_bytes(data, tmp_path).taken_at == "2024-05-01T10:20:30"


@pytest.mark.parametrize("kind", ["heic", "slides"])
def test_without_an_optional_part_its_images_are_refused_with_that_reason(kind, tmp_path):
    path = save(tmp_path, "a.heic" if kind == "heic" else "a.svs", FILES["heic"])
    code = f"""
import sys
sys.modules["pillow_heif"] = sys.modules["openslide"] = None
from pathlib import Path
from core.errors import UnreadableImage
from core.images.decode import decode
try:
    decode(Path({str(path)!r}))
except UnreadableImage as error:
    print(error.code)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == {"heic": "image_needs_heic", "slides": "image_needs_wsi"}[kind]


def test_every_suffix_is_written_small():
    assert SLIDE_SUFFIXES < IMAGE_SUFFIXES
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in IMAGE_SUFFIXES)
