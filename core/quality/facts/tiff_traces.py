"""TIFF: the tags about the device, and the instrument that OME's XML tells of."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from core.quality.facts.texts import Traces, icc_name, plain, said

if TYPE_CHECKING:
    from tifffile import TiffPage

_MAKE, _MODEL, _SOFTWARE, _ICC = 271, 272, 305, 34675
_MOST_XML: Final = 2**22
_ABOUT: Final = ("Microscope", "Detector", "Objective", "Instrument")


def read_traces(data: bytes) -> Traces:
    """Return what the first directory says; raises what tifffile raises."""
    from tifffile import TiffFile

    with TiffFile(io.BytesIO(data), _multifile=False) as file:
        page: TiffPage = file.pages.first
        found = {tag: page.tags.valueof(tag) for tag in (_MAKE, _MODEL, _SOFTWARE, _ICC)}
        description = page.description or ""
    tags = {
        name: text
        for name, value in (("make", found[_MAKE]), ("model", found[_MODEL]), ("software", found[_SOFTWARE]))
        if isinstance(value, str) and (text := plain(value))
    }
    if isinstance(found[_ICC], bytes):
        tags["icc"] = icc_name(found[_ICC])
    return Traces({}, _instrument(description) | tags)


def _instrument(description: str) -> dict[str, str]:
    """Return manufacturer, model and parts of the instrument that OME's XML describes."""
    if "<OME" not in description[:2000] or len(description) > _MOST_XML:
        return {}
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(description.strip().encode("utf-8", "replace"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        return {}
    parts: dict[str, Any] = {name: next(_named(root, name), {}) for name in _ABOUT}
    microscope, detector, objective = parts["Microscope"], parts["Detector"], parts["Objective"]
    device = (
        microscope.get("SerialNumber"),
        detector.get("Model"),
        objective.get("Model") or objective.get("NominalMagnification"),
    )
    return said(
        make=microscope.get("Manufacturer"),
        model=microscope.get("Model") or parts["Instrument"].get("ID"),
        software=root.get("Creator"),
        device=" ".join(text for text in device if text),
    )


def _named(root: Any, name: str) -> Iterator[Any]:
    for node in root.iter():
        if isinstance(node.tag, str) and node.tag.rpartition("}")[2] == name:
            yield node
