"""The formats that can be dropped, most specific first: the first one that recognises the files reads them."""

from __future__ import annotations

from typing import Final

from core.errors import UserError
from core.ingest.formats import folders
from core.ingest.formats.spec import FormatSpec
from core.translation import mark

FORMATS: Final[tuple[FormatSpec, ...]] = (
    FormatSpec("pets", mark("File names as of the Oxford-IIIT Pets"), folders.are_pets, folders.read_pets),
    FormatSpec("folders", mark("Folders of images"), folders.has_images, folders.read_folders),
)


def format_spec(name: str) -> FormatSpec:
    """Return the format with this id; raises `UserError` ``format_unknown``."""
    for spec in FORMATS:
        if spec.id == name:
            return spec
    raise UserError("format_unknown", name=name, known=", ".join(["auto", *(spec.id for spec in FORMATS)]))
