from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from core.quality.facts import exif_traces, jpeg_traces, png_traces, texts
from core.quality.facts.columns import COLUMNS, TAGS
from core.quality.facts.measured import measure_bytes
from tests.support.pictures import encoded, gradient, jpeg_bytes, png_bytes
from tests.support.science import dicom_bytes

PICTURE = Image.fromarray(gradient())


def said(data: bytes) -> tuple[dict[str, float], dict[str, str]]:
    measured = measure_bytes(data, Path("picture"))
    return dict(zip(COLUMNS, measured.arrays["numbers"].tolist(), strict=True)), dict(measured.tags)


def test_exif_tells_of_device_settings_and_moment():
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Zeiss", "Axiocam 305", "ZEN 3.1"
    exif.get_ifd(0x8769).update(
        {0x829A: IFDRational(1, 50), 0x8827: 200, 0x9003: "2021:03:04 05:06:07", 0xA431: "SN 17"}
    )
    numbers, tags = said(encoded(PICTURE, "JPEG", exif=exif))
    assert (tags["make"], tags["model"], tags["software"], tags["device"]) == (
        "Zeiss",
        "Axiocam 305",
        "ZEN 3.1",
        "SN 17",
    )
    assert numbers["exposure_s"] == pytest.approx(0.02)
    assert numbers["iso"] == 200
    assert numbers["taken_day"] == 18_690
    assert numbers["taken_second"] == 5 * 3600 + 6 * 60 + 7


@pytest.mark.parametrize("quality", [1, 35, 50, 75, 92, 100])
def test_the_quality_of_a_jpeg_is_that_it_was_saved_with(quality: int):
    numbers, tags = said(jpeg_bytes(quality=quality))
    assert numbers["jpeg_quality"] == quality
    assert len(tags["jpeg_tables"]) == 12


def test_settings_of_the_encoder_tell_jpegs_apart():
    found = [said(jpeg_bytes(quality=quality))[1]["jpeg_tables"] for quality in (80, 80, 81)]
    assert found[0] == found[1] != found[2]
    assert said(jpeg_bytes(subsampling=0))[0]["jpeg_subsampling"] == 11
    assert said(jpeg_bytes(subsampling=2))[0]["jpeg_subsampling"] == 22
    assert np.isnan(said(encoded(PICTURE.convert("L"), "JPEG"))[0]["jpeg_subsampling"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_colour_profile_is_noticed(kind: str):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    numbers, tags = said(encoded(PICTURE, kind, icc_profile=profile))
    assert numbers["has_icc"] == 1
    assert tags["icc"]
    assert said(encoded(PICTURE, kind))[0]["has_icc"] == 0


def test_png_tells_the_software():
    info = PngInfo()
    info.add_text("Software", "Fiji 2.9")
    assert said(encoded(PICTURE, "PNG", pnginfo=info))[1]["software"] == "Fiji 2.9"


def test_tiff_and_ome_tell_the_instrument():
    out = io.BytesIO()
    pixels = np.zeros((20, 30), np.uint16)
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" Creator="ours"><Instrument ID="Instrument:0">'
        '<Microscope Manufacturer="Nikon" Model="Ti2"/><Objective NominalMagnification="40"/></Instrument></OME>'
    )
    tifffile.imwrite(out, pixels, description=xml, software="NIS", metadata=None)
    tags = said(out.getvalue())[1]
    assert (tags["make"], tags["model"], tags["device"], tags["software"]) == ("Nikon", "Ti2", "40", "NIS")


def test_dicom_tells_of_the_device_and_nothing_of_the_patient():
    frames = np.zeros((1, 20, 30), np.uint16)
    told = {"Manufacturer": "GE", "ManufacturerModelName": "Revolution", "Modality": "CT", "StationName": "CT1"}
    tags = said(dicom_bytes(frames, PatientID="1234", PatientName="Doe", **told))[1]
    assert (tags["make"], tags["model"], tags["device"], tags["modality"]) == ("GE", "Revolution", "CT1", "CT")
    assert not any("1234" in text or "Doe" in text for text in tags.values())


def test_every_name_that_is_told_is_a_column():
    for data in (jpeg_bytes(), png_bytes(), encoded(PICTURE, "TIFF"), encoded(PICTURE, "BMP")):
        _, tags = said(data)
        assert tags.keys() <= TAGS.keys()


def test_texts_of_strangers_are_short_and_plain():
    assert texts.plain("  a\n\x1b[31m b\0 ") == "a [31m b"
    assert len(texts.plain("x" * 10_000)) == texts.MOST
    assert texts.plain(None) == ""


@given(st.binary(max_size=400))
def test_nothing_that_is_put_into_a_file_breaks_its_reading(noise: bytes):
    for read, head in (
        (jpeg_traces.read_traces, b"\xff\xd8\xff\xdb"),
        (png_traces.read_traces, b"\x89PNG\r\n\x1a\n"),
        (exif_traces.exif_traces, b"Exif\0\0II*\0\x08\0\0\0"),
        (exif_traces.exif_traces, b"MM\0*"),
    ):
        read(head + noise)
        read(noise)
    texts.icc_name(noise)
