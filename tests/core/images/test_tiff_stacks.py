from __future__ import annotations

import struct

import numpy as np
import pytest

from core.errors import UnreadableImage
from core.images.decode import decode_bytes, decode_page, decode_plane, read_info_bytes, verify_bytes
from tests.support.pictures import tiff_bytes

RANDOM = np.random.default_rng(7)
TZCYX = RANDOM.integers(0, 4096, (2, 3, 4, 20, 30), dtype=np.uint16)


def code_of(work, *arguments):
    with pytest.raises(UnreadableImage) as caught:
        work(*arguments)
    return caught.value.code


def stack_bytes(kind: str) -> bytes:
    if kind == "imagej":
        return tiff_bytes(TZCYX, imagej=True, resolution=(2, 4), metadata={"axes": "TZCYX", "unit": "um"})
    metadata = {
        "axes": "TZCYX",
        "PhysicalSizeX": 500.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.25,
        "PhysicalSizeYUnit": "µm",
        "Channel": {"Name": ["DAPI", "GFP", "RFP", "Cy5"]},
        "AcquisitionDate": "2024-05-01T12:30:00",
    }
    return tiff_bytes(TZCYX, ome=True, compression="zlib", metadata=metadata)


@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_a_stack_comes_with_all_channels_and_the_brightest_of_its_planes(tmp_path, kind):
    data = stack_bytes(kind)
    np.testing.assert_array_equal(decode_bytes(data, tmp_path), np.moveaxis(TZCYX[0].max(axis=0), 0, -1))
    info = verify_bytes(data, tmp_path)
    assert (info.width, info.height, info.channels, info.bit_depth) == (30, 20, 4, 16)
    assert (info.pages, info.planes) == (24, 3)
    assert info.pixel_size_um == pytest.approx((0.5, 0.25))


def test_ome_says_the_names_of_its_channels_and_when_it_was_taken(tmp_path):
    info = read_info_bytes(stack_bytes("ome"), tmp_path)
    assert info.channel_names == ("DAPI", "GFP", "RFP", "Cy5")
    assert info.taken_at == "2024-05-01T12:30:00"


@pytest.mark.parametrize("kind", ["imagej", "ome"])
def test_a_plane_a_time_or_a_page_can_be_chosen(tmp_path, kind):
    data = stack_bytes(kind)
    np.testing.assert_array_equal(decode_plane(data, tmp_path, "z2"), np.moveaxis(TZCYX[0, 2], 0, -1))
    np.testing.assert_array_equal(decode_plane(data, tmp_path, "z1,t1"), np.moveaxis(TZCYX[1, 1], 0, -1))
    np.testing.assert_array_equal(decode_plane(data, tmp_path, "t1"), np.moveaxis(TZCYX[1].max(axis=0), 0, -1))
    np.testing.assert_array_equal(decode_page(data, tmp_path, "0"), TZCYX[0, 0, 0])
    np.testing.assert_array_equal(decode_page(data, tmp_path, "23"), TZCYX[1, 2, 3])


@pytest.mark.parametrize("value", ["z3", "t2", "z0,t9", "z", "", ",", "3", "z-1", "z1t1x", "z99999999999", "z١"])
def test_planes_that_are_not_there_are_refused(tmp_path, value):
    assert code_of(decode_plane, stack_bytes("ome"), tmp_path, value) == "image_no_part"


@pytest.mark.parametrize("value", ["24", "-1", "x", "", "99999999999999", "²"])
def test_pages_that_are_not_there_are_refused(tmp_path, value):
    assert code_of(decode_page, stack_bytes("ome"), tmp_path, value) == "image_no_part"


def test_a_stack_of_colours_keeps_its_colours(tmp_path):
    pixels = RANDOM.integers(0, 255, (5, 20, 30, 3), dtype=np.uint8)
    data = tiff_bytes(pixels, ome=True, photometric="rgb", metadata={"axes": "ZYXS"})
    np.testing.assert_array_equal(decode_bytes(data, tmp_path), pixels.max(axis=0))
    np.testing.assert_array_equal(decode_plane(data, tmp_path, "z3"), pixels[3])


def test_pages_of_an_ordinary_file_are_pages(tmp_path):
    pages = RANDOM.integers(0, 65535, (6, 20, 30), dtype=np.uint16)
    data = tiff_bytes(pages, photometric="minisblack", metadata=None)
    np.testing.assert_array_equal(decode_bytes(data, tmp_path), pages[0])
    np.testing.assert_array_equal(decode_page(data, tmp_path, "4"), pages[4])
    assert read_info_bytes(data, tmp_path).pages == 6
    assert code_of(decode_plane, data, tmp_path, "z0") == "image_no_part"


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [2, 4, 5, 12])
def test_any_number_of_channels_is_read(tmp_path, planar, dtype, channels):
    pixels = (RANDOM.random((20, 30, channels)) * 255).astype(dtype)
    stored = pixels if planar == "contig" else np.ascontiguousarray(np.moveaxis(pixels, -1, 0))
    extra = ("unspecified",) * (channels - 1)
    data = tiff_bytes(stored, photometric="minisblack", planarconfig=planar, extrasamples=extra, metadata=None)
    np.testing.assert_array_equal(decode_bytes(data, tmp_path), pixels)
    info = read_info_bytes(data, tmp_path)
    assert info.channels == channels
    assert info.bit_depth == {1: 8, 2: 16, 4: 32}[np.dtype(dtype).itemsize]


@pytest.mark.parametrize(
    "dtype", [np.int8, np.int16, np.int32, np.uint32, np.uint64, np.float16, np.float32, np.float64]
)
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_signed_and_long_numbers_and_floats_come_as_floats(tmp_path, dtype, byteorder):
    pixels = np.arange(120).reshape(10, 12).astype(dtype)
    pixels[0, 0] = -5 if np.dtype(dtype).kind in "if" else 5
    found = decode_bytes(tiff_bytes(pixels, byteorder=byteorder), tmp_path)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, pixels)


def test_what_is_no_number_becomes_the_least_of_them(tmp_path):
    pixels = np.array([[1.5, np.nan, 3], [np.inf, -np.inf, 2]], np.float32)
    np.testing.assert_array_equal(decode_bytes(tiff_bytes(pixels), tmp_path), [[1.5, 1.5, 3], [3, 1.5, 2]])


def test_twelve_bits_stay_twelve_bits(tmp_path):
    import imagecodecs

    pixels = RANDOM.integers(0, 4096, (20, 30), dtype=np.uint16)
    packed = imagecodecs.packints_encode(pixels, 12)
    # A plain file of 8 bits with as many bytes, made to say that they are 12-bit samples.
    data = bytearray(tiff_bytes(np.frombuffer(packed, np.uint8).reshape(20, 45), metadata=None))
    for tag, value in ((256, 30), (258, 12)):
        at = data.find(struct.pack("<HHI", tag, 4 if tag == 256 else 3, 1))
        at = at if at >= 0 else data.find(struct.pack("<HHI", tag, 3, 1))
        data[at + 8 : at + 10] = struct.pack("<H", value)
    np.testing.assert_array_equal(decode_bytes(bytes(data), tmp_path), pixels)
    assert read_info_bytes(bytes(data), tmp_path).bit_depth == 12


def test_the_resolution_is_a_size_only_where_it_was_measured(tmp_path):
    pixels = np.zeros((8, 9), np.uint8)
    metric = tiff_bytes(
        pixels, resolution=(20_000, 40_000), resolutionunit="CENTIMETER", datetime="2024:05:01 10:20:30"
    )
    info = read_info_bytes(metric, tmp_path)
    assert info.pixel_size_um == pytest.approx((0.5, 0.25))
    assert info.taken_at == "2024-05-01T10:20:30"
    assert (
        read_info_bytes(tiff_bytes(pixels, resolution=(72, 72), resolutionunit="INCH"), tmp_path).pixel_size_um is None
    )


ENTITIES = '<!DOCTYPE OME [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><OME><Image Name="&b;"/></OME>'
ELSEWHERE = (
    '<OME UUID="urn:uuid:here"><Image><Pixels DimensionOrder="XYZCT" SizeX="30" SizeY="20" SizeZ="9" SizeC="1" '
    'SizeT="1"><TiffData IFD="0" FirstZ="0"><UUID FileName="/etc/passwd">urn:uuid:there</UUID></TiffData>'
    '<TiffData IFD="1" FirstZ="5"/></Pixels></Image></OME>'
)
ABSURD = (
    '<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="30" SizeY="20" SizeZ="99999999" SizeC="99999" SizeT="1">'
    '<TiffData IFD="0" PlaneCount="99999999"/></Pixels></Image></OME>'
)


@pytest.mark.parametrize("text", [ENTITIES, ABSURD, "<OME", "<OME><Image>", "<OME></OME>", "ImageJ=1\nslices=99999999"])
def test_descriptions_without_sense_leave_an_ordinary_file(tmp_path, text):
    pages = RANDOM.integers(0, 255, (2, 20, 30), dtype=np.uint8)
    data = tiff_bytes(pages, photometric="minisblack", metadata=None, description=text)
    np.testing.assert_array_equal(decode_bytes(data, tmp_path), pages[0])


def test_planes_in_other_files_are_not_looked_for(tmp_path):
    pages = RANDOM.integers(0, 255, (2, 20, 30), dtype=np.uint8)
    data = tiff_bytes(pages, photometric="minisblack", metadata=None, description=ELSEWHERE)
    np.testing.assert_array_equal(decode_plane(data, tmp_path, "z5"), pages[1])
    assert code_of(decode_plane, data, tmp_path, "z0") == "image_no_part"


def test_directories_that_run_in_a_circle_are_refused(tmp_path):
    data = bytearray(tiff_bytes(np.zeros((2, 8, 9), np.uint8), photometric="minisblack", metadata=None))
    (first,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, first)
    (second,) = struct.unpack_from("<I", data, first + 2 + 12 * count)
    (count,) = struct.unpack_from("<H", data, second)
    struct.pack_into("<I", data, second + 2 + 12 * count, first)
    assert code_of(decode_bytes, bytes(data), tmp_path) == "image_damaged"


def test_a_hollow_stack_is_refused_at_once(tmp_path):
    data = tiff_bytes(np.zeros((40, 1500, 1500), np.uint8), imagej=True, compression="zlib", metadata={"axes": "ZYX"})
    assert decode_plane(data, tmp_path, "z7").shape == (1500, 1500)
    many = '<OME><Image><Pixels DimensionOrder="XYZCT" SizeX="1" SizeY="1" SizeZ="2000" SizeC="1" SizeT="1">'
    many += "".join(f'<TiffData IFD="0" FirstZ="{z}"/>' for z in range(2000)) + "</Pixels></Image></OME>"
    bomb = tiff_bytes(np.zeros((4000, 4000), np.uint8), compression="zlib", metadata=None, description=many)
    assert code_of(decode_bytes, bomb, tmp_path) in ("image_hollow", "image_too_heavy")
