"""Taking one plane, page or frame of every file that has several, whatever format names the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.domain.address import parse_address
from core.errors import UserError
from core.images.formats import Where
from core.images.layers import layers_of
from core.images.trees import Tree
from core.ingest.formats.spec import Entry, Offer
from core.progress import Progress
from core.translation import mark


def with_plane(offers: Sequence[Offer], plane: int, progress: Progress) -> list[Offer]:
    """Return offers of the plane, counted from 0, of every image that has several; of the others, of what they are.

    Raises
    ------
    UserError
        ``plane_none`` where no image of the source has planes to choose from.
    """
    progress.begin(mark("Looking for planes"), sum(len(offer.entries) for offer in offers))
    chosen = [_chosen(offer, plane, progress) for offer in offers]
    if not any(found for _, found in chosen):
        raise UserError("plane_none", path=offers[0].tree.root if offers else "", plane=plane)
    return [offer for offer, _ in chosen]


def plane_of(tree: Tree, path: str, plane: int) -> str | None:
    """Return the address of a plane of the file that an image is; None where it has none to choose, or names its own.

    A plane that a file does not have is asked for all the same, so that the file is listed as unreadable: another one
    in its place would not be noticed.
    """
    if parse_address(path).part in ("page", "plane"):
        return None
    layers = layers_of(tree, path)
    if layers is None or (layers.array and layers.own.z is not None):
        return None
    if layers.own.page is not None:
        return layers.address(Where(page=plane))
    return layers.address(replace(layers.own, z=plane)) if len(layers.depths) > 1 else None


def _chosen(offer: Offer, plane: int, progress: Progress) -> tuple[Offer, bool]:
    """Return the offer with the plane of each image, and whether any has one."""
    entries: list[Entry] = []
    found = False
    for entry in offer.entries:
        path = plane_of(offer.tree, entry.path, plane)
        found = found or path is not None
        entries.append(entry if path is None else replace(entry, path=path))
        progress.advance(1, entry.path)
    return replace(offer, entries=entries, volumes=0), found
