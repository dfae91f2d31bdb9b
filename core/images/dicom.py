"""DICOM: frames as what was measured (rescaled, black as the least), and the facts of a file that are not pixels.

The window that a file proposes is told with the header and not applied: a data set has one window, not each image its
own.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.images.dicom_elements import read_elements
from core.images.dicom_frames import SYNTAXES, is_native, stored_frame
from core.images.formats import WHOLE, Fault, Header, Raw, Where
from core.images.pixels import finite_float

if TYPE_CHECKING:
    from pydicom import Dataset

_MONOCHROME: Final = ("MONOCHROME1", "MONOCHROME2")
_COLOURS: Final = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT", "YBR_PARTIAL_420")
_HEADER: Final = [
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
    "PlanarConfiguration",
    "PixelSpacing",
    "ImagerPixelSpacing",
    "RescaleSlope",
    "RescaleIntercept",
    "WindowCenter",
    "WindowWidth",
    "AcquisitionDateTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "ContentDate",
    "ContentTime",
    "StudyDate",
    "StudyTime",
    "SharedFunctionalGroupsSequence",
]
_FACTS: Final = [
    "PatientID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "Modality",
    "BodyPartExamined",
    "ImageLaterality",
    "Laterality",
    "ViewPosition",
]
_TIMES: Final = (("AcquisitionDate", "AcquisitionTime"), ("ContentDate", "ContentTime"), ("StudyDate", "StudyTime"))
_QUIET: Final = r"pydicom\."
_LEAST_FRAME: Final = 64
"""Bytes of a compressed frame with its item: none is smaller, as the head of a run-length one takes as much."""


@dataclass(frozen=True, slots=True)
class DicomFacts:
    """What a DICOM file says of whom and what it shows; empty where it says nothing.

    Attributes
    ----------
    patient_id
        The number of the patient: the group of the image.
    laterality
        ``L`` or ``R``.
    taken_at
        As ISO 8601, local time.
    frames
        How many images are in the file: ``page=0`` and on.
    """

    patient_id: str
    study_uid: str
    series_uid: str
    modality: str
    body_part: str
    laterality: str
    view: str
    taken_at: str | None
    frames: int


def dicom_facts(data: bytes) -> DicomFacts:
    """Return the facts of a DICOM file whose bytes are at hand; raises `Fault` or what pydicom raises.

    To be called within `core.images.decode.readable`.
    """
    said = _read(data, [*_HEADER, *_FACTS])
    texts = {name: str(said.get(name) or "").strip() for name in _FACTS}
    return DicomFacts(
        patient_id=texts["PatientID"],
        study_uid=texts["StudyInstanceUID"],
        series_uid=texts["SeriesInstanceUID"],
        modality=texts["Modality"],
        body_part=texts["BodyPartExamined"],
        laterality=texts["ImageLaterality"] or texts["Laterality"],
        view=texts["ViewPosition"],
        taken_at=_taken_at(said),
        frames=_frames(said),
    )


def read_header(data: bytes, where: Where = WHOLE) -> Header:
    """Read the header of a DICOM file, for one of its frames; raises `Fault` or what pydicom raises."""
    said = _read(data, _HEADER)
    if "Rows" not in said or "Columns" not in said or "BitsAllocated" not in said:
        raise Fault("image_no_pixels")
    syntax, frames, photometric = _syntax(said), _frames(said), str(said.get("PhotometricInterpretation", ""))
    samples = int(said.get("SamplesPerPixel", 1))
    if syntax not in SYNTAXES or photometric not in (*_MONOCHROME, *_COLOURS, "PALETTE COLOR"):
        raise Fault("image_unsupported")
    if samples != (3 if photometric in _COLOURS else 1) or int(said.BitsAllocated) not in (1, 8, 16, 32, 64):
        raise Fault("image_unsupported")
    if where.z is not None or where.t is not None or (where.page or 0) >= frames:
        raise Fault("image_no_part")
    width, height = int(said.Columns), int(said.Rows)
    expected = width * height * frames * (2 if photometric == "YBR_FULL_422" else samples) * int(said.BitsAllocated)
    if (expected if is_native(syntax) else frames * _LEAST_FRAME * 8) > len(data) * 8:
        raise Fault("image_truncated")
    return Header(
        format="dicom",
        width=width,
        height=height,
        channels=1 if photometric in _MONOCHROME else 3,
        bit_depth=_depth(said, photometric),
        pages=frames,
        pages_left=frames - 1 if where == WHOLE else 0,
        where=where,
        pixel_size_um=_pixel_size(said),
        taken_at=_taken_at(said),
        window=_window(said),
    )


def read_pixels(data: bytes, header: Header) -> Raw:
    """Return a frame: grey as uint8 or uint16, or as float32 where it is signed or rescaled; colours as RGB."""
    dataset = _read(data, None)
    if not any(name in dataset for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise Fault("image_no_pixels")
    frame = stored_frame(dataset, _syntax(dataset), header.where.page or 0, _frames(dataset))
    if frame.shape[:2] != (header.height, header.width):
        raise Fault("image_damaged")
    photometric = str(dataset.PhotometricInterpretation)
    if photometric == "PALETTE COLOR":
        return _from_palette(frame, dataset)
    if photometric not in _MONOCHROME:
        return np.ascontiguousarray(frame) if frame.dtype in (np.uint8, np.uint16) else finite_float(frame)
    return _measured(frame, dataset, photometric)


def _measured(frame: Any, dataset: Dataset, photometric: str) -> Raw:
    """Return what a grey frame measures, black as the least."""
    if frame.dtype.kind != "f":
        frame = _as_said(frame, int(dataset.BitsStored), bool(dataset.get("PixelRepresentation", 0)))
    inverted = photometric == "MONOCHROME1"
    if inverted:
        bits = int(dataset.BitsStored)
        frame = (
            -1 - frame if frame.dtype.kind == "i" else -frame if frame.dtype.kind == "f" else (1 << bits) - 1 - frame
        )
    if "ModalityLUTSequence" in dataset and not inverted:
        from pydicom.pixels.processing import apply_modality_lut

        return finite_float(apply_modality_lut(frame, dataset))
    slope, intercept = _rescale(dataset)
    if frame.dtype.kind == "u" and frame.dtype.itemsize <= 2 and (slope, intercept) == (1, 0):
        spread = 255 if int(dataset.BitsAllocated) == 1 else 1
        return np.ascontiguousarray(frame * frame.dtype.type(spread))
    return finite_float(frame.astype(np.float64) * slope + intercept)


def _as_said(frame: Any, bits: int, signed: bool) -> Any:
    """Return whole numbers of which only the low `bits` count, signed or not, whatever the decoder made of them."""
    size = frame.dtype.itemsize * 8
    if not 0 < bits <= size:
        raise Fault("image_damaged")
    plain = frame.view(f"{frame.dtype.byteorder}u{frame.dtype.itemsize}").astype(f"=u{frame.dtype.itemsize}")
    if signed:
        shifted = (plain << np.uint8(size - bits)).view(f"=i{frame.dtype.itemsize}")
        return shifted >> np.uint8(size - bits).astype(shifted.dtype)
    return plain & plain.dtype.type((1 << bits) - 1)


def _from_palette(frame: Any, dataset: Dataset) -> Raw:
    from pydicom.pixels.processing import apply_color_lut

    colours: Any = apply_color_lut(frame, dataset)
    return np.ascontiguousarray((colours >> 8 if colours.dtype.itemsize > 1 else colours).astype(np.uint8)[..., :3])


def _read(data: bytes, tags: list[str] | None) -> Dataset:
    _hush()
    return read_elements(io.BytesIO(data), tags)


def _hush() -> None:
    """What pydicom finds wrong reaches the user as a reason; its own lines would only clutter the terminal."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    if not any(getattr(entry[3], "pattern", None) == _QUIET for entry in warnings.filters):
        warnings.filterwarnings("ignore", module=_QUIET)


def _syntax(said: Dataset) -> str:
    return str(getattr(said, "file_meta", {}).get("TransferSyntaxUID", ""))


def _frames(said: Dataset) -> int:
    return max(1, int(said.get("NumberOfFrames") or 1))


def _shared(said: Dataset, sequence: str) -> Any:
    """Return the first item of a group that all frames share, or the data set itself."""
    for group in said.get("SharedFunctionalGroupsSequence") or []:
        for item in group.get(sequence) or []:
            return item
    return said


def _rescale(said: Dataset) -> tuple[float, float]:
    item = _shared(said, "PixelValueTransformationSequence")
    slope, intercept = item.get("RescaleSlope"), item.get("RescaleIntercept")
    return (1.0 if slope is None else float(slope)), (0.0 if intercept is None else float(intercept))


def _depth(said: Dataset, photometric: str) -> int:
    """Return the bit depth of what `read_pixels` gives."""
    bits = int(said.get("BitsStored", said.BitsAllocated))
    if photometric not in _MONOCHROME:
        allocated = int(said.BitsAllocated)
        return 8 if allocated <= 8 or photometric == "PALETTE COLOR" else 16 if allocated == 16 else 32
    if said.get("PixelRepresentation", 0) or _rescale(said) != (1, 0) or int(said.BitsAllocated) > 16:
        return 32
    return 8 if int(said.BitsAllocated) <= 8 else 12 if bits <= 12 else 16


def _pixel_size(said: Dataset) -> tuple[float, float] | None:
    item = _shared(said, "PixelMeasuresSequence")
    spacing = item.get("PixelSpacing") or said.get("ImagerPixelSpacing")
    if not spacing or len(spacing) != 2:
        return None
    down, across = (1000 * float(value) for value in spacing)
    return (across, down) if across > 0 and down > 0 else None


def _window(said: Dataset) -> tuple[float, float] | None:
    """Return the least and the greatest of the (first) window, by the formula of PS3.3 C.11.2.1.2."""
    item = _shared(said, "FrameVOILUTSequence")
    centre, width = (_first(item.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if centre is None or width is None or width <= 1:
        return None
    if str(said.get("PhotometricInterpretation")) == "MONOCHROME1":
        slope, intercept = _rescale(said)
        bits = int(said.get("BitsStored", said.BitsAllocated))
        top = -1 if said.get("PixelRepresentation", 0) else (1 << bits) - 1
        centre = slope * top + 2 * intercept - centre + 1
    return centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2


def _first(value: Any) -> float | None:
    if value is None or value == "":
        return None
    first = (
        value
        if isinstance(value, (str, float, int))
        else next(iter(value), None)
        if hasattr(value, "__iter__")
        else value
    )
    return None if first is None else float(first)


def _taken_at(said: Dataset) -> str | None:
    whole = str(said.get("AcquisitionDateTime") or "")
    moments = [(whole[:8], whole[8:])]
    moments += [(str(said.get(date) or ""), str(said.get(time) or "")) for date, time in _TIMES]
    for date, time in moments:
        if re.fullmatch(r"[12]\d{7}", date, re.ASCII):
            digits = re.match(r"\d{0,6}", time, re.ASCII)
            clock = (digits[0] if digits else "").ljust(6, "0")
            return f"{date[:4]}-{date[4:6]}-{date[6:]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return None
