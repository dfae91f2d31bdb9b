from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_color_lut, apply_rescale, pixel_array

from core.images.decode import decode_bytes, read_info_bytes
from core.images.dicom import dicom_facts
from core.images.intensity import Window, to_rgb8
from tests.support.science import dicom_bytes

GREY = np.arange(2400, dtype=np.uint16).reshape(40, 60)


def test_whom_and_what_a_file_shows_can_be_asked():
    data = dicom_bytes(
        np.stack([GREY] * 3),
        PatientID=" P-017 ",
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.3.4",
        Modality="MG",
        BodyPartExamined="BREAST",
        ImageLaterality="L",
        ViewPosition="CC",
        StudyDate="20240501",
        StudyTime="102030.5",
    )
    facts = dicom_facts(data)
    assert (facts.patient_id, facts.study_uid, facts.series_uid) == ("P-017", "1.2.3", "1.2.3.4")
    assert (facts.modality, facts.body_part, facts.laterality, facts.view) == ("MG", "BREAST", "L", "CC")
    assert (facts.taken_at, facts.frames) == ("2024-05-01T10:20:30", 3)


def test_a_file_that_says_nothing_has_empty_facts():
    facts = dicom_facts(dicom_bytes(GREY[None]))
    assert (facts.patient_id, facts.modality, facts.taken_at, facts.frames) == ("", "", None, 1)


def test_the_size_of_a_pixel_is_told_across_and_down(tmp_path):
    data = dicom_bytes(GREY[None], PixelSpacing=["0.5", "0.25"])
    assert read_info_bytes(data, tmp_path).pixel_size_um == (250.0, 500.0)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("slope", ["1", "2"])
def test_the_window_that_is_proposed_fits_the_pixels_that_are_given(tmp_path, photometric, slope):
    # 12 bits; whatever was stored as 1000 lies in the middle of the window, white or black as the least.
    said = {"WindowCenter": str(1000 * int(slope)), "WindowWidth": str(400 * int(slope)), "RescaleSlope": slope}
    data = dicom_bytes(GREY[None], BitsStored=12, PhotometricInterpretation=photometric, RescaleIntercept="0", **said)
    info = read_info_bytes(data, tmp_path)
    seen = to_rgb8(decode_bytes(data, tmp_path), Window(*info.window))[..., 0]
    assert abs(int(seen[GREY == 1000][0]) - 127) <= 2
    ends = seen[GREY == 780][0], seen[GREY == 1220][0]
    assert ends == ((0, 255) if photometric == "MONOCHROME2" else (255, 0))


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "MR_small_RLE.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_jp2klossless.dcm",
        "J2K_pixelrep_mismatch.dcm",
        "SC_rgb_small_odd.dcm",
        "SC_rgb_rle_16bit.dcm",
        "SC_rgb_dcmtk_+eb+cy+s2.dcm",
        "SC_jpeg_no_color_transform.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
        "ExplVR_BigEnd.dcm",
        "rtdose_1frame.dcm",
        "examples_palette.dcm",
    ],
)
@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")
def test_files_of_many_machines_are_read_as_pydicom_reads_them(name):
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip("not part of this pydicom")
    dataset = pydicom.dcmread(path)
    expected = pixel_array(dataset, index=0)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        expected = apply_color_lut(expected, dataset)
        expected = expected >> 8 if expected.dtype.itemsize > 1 else expected
    else:
        expected = apply_rescale(expected, dataset)
    with open(path, "rb") as file:
        found = decode_bytes(file.read(), path)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
