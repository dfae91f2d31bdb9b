"""Which images of a source lie beside its data set without being part of it."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.address import parse_address
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.spec import Offer
from core.progress import Progress

_CHECKPOINT = 4096


def lying_beside(files: Catalogue, offers: Sequence[Offer], progress: Progress) -> list[str]:
    """Return the paths of the images that none of the entries is, or is a part of; what was left out is not counted."""
    images = files.images
    used: set[str] = set()
    for offer in offers:
        if offer.format == "folders" and len(offer.entries) >= len(images):
            return []
        for at, entry in enumerate(offer.entries):
            if at % _CHECKPOINT == 0:
                progress.checkpoint()
            used.add(parse_address(entry.path).container)
    left_out = {path for offer in offers for path, _ in offer.problems}
    return [file.path for file in images if file.path not in used and file.path not in left_out]
