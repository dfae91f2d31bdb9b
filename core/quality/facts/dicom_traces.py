"""DICOM: manufacturer, model, station, software and protocol. Nothing about the patient is kept."""

from __future__ import annotations

import io
from typing import Any, Final

from core.images.dicom_elements import read_elements
from core.quality.facts.texts import Traces, plain, said

_TAGS: Final = [
    "Manufacturer",
    "ManufacturerModelName",
    "StationName",
    "DeviceSerialNumber",
    "SoftwareVersions",
    "InstitutionName",
    "Modality",
    "ProtocolName",
    "ExposureTime",
]


def read_traces(data: bytes) -> Traces:
    """Return what the elements say; raises `Fault` or what pydicom raises."""
    found: dict[str, Any] = dict.fromkeys(_TAGS)
    elements = read_elements(io.BytesIO(data), _TAGS)
    found |= {name: elements.get(name) for name in _TAGS}
    device = [found[name] for name in ("StationName", "DeviceSerialNumber", "InstitutionName")]
    modality = [found[name] for name in ("Modality", "ProtocolName")]
    tags = said(
        make=found["Manufacturer"],
        model=found["ManufacturerModelName"],
        software=found["SoftwareVersions"],
        device=" ".join(plain(text) for text in device if text),
        modality=" ".join(plain(text) for text in modality if text),
    )
    milliseconds = plain(found["ExposureTime"])
    numbers = {"exposure_s": float(milliseconds) / 1000} if milliseconds.isdecimal() else {}
    return Traces(numbers, tags)
