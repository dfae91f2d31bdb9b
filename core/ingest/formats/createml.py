"""Create ML: a JSON list of images with labels, and boxes where objects are meant; boxes become crops.

https://developer.apple.com/documentation/createml. A box is given by its centre and its size, in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.samples import Split
from core.errors import UserError
from core.images.trees import Tree
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import all_documents, any_document, folder_of, numbers
from core.ingest.formats.gather import Gathering
from core.ingest.formats.names import split_in
from core.ingest.formats.spec import ImportOptions, Offer
from core.progress import Progress

_IMAGE_KEYS = ("image", "imagefilename", "imageFilename")
_LABEL_KEYS = ("annotations", "annotation", "label")


def is_createml(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a JSON document of Create ML's shape."""
    return any_document(tree, files, _looks_right)


def read_createml(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the crops, and the images that are labelled as a whole."""
    gathering = Gathering(tree, files, options)
    for file, document in all_documents(tree, files):
        progress.checkpoint()
        if isinstance(document, UserError) or not _looks_right(document):
            continue
        for row in document:
            path = gathering.image(_first(row, _IMAGE_KEYS), folder_of(file.path)) if isinstance(row, dict) else None
            if path is not None:
                _take(path, _first(row, _LABEL_KEYS), split_in(file.path), gathering)
    return gathering.offer("createml", declared=False)


def _looks_right(document: Any) -> bool:
    first = document[0] if isinstance(document, list) and document else None
    return isinstance(first, dict) and any(key in first for key in _IMAGE_KEYS) and any(k in first for k in _LABEL_KEYS)


def _take(path: str, annotations: object, split: Split, gathering: Gathering) -> None:
    if isinstance(annotations, str):
        gathering.add(path, [annotations], split=split)
        return
    for row in annotations if isinstance(annotations, list) else []:
        if isinstance(row, str):
            gathering.add(path, [row], split=split)
        elif isinstance(row, dict):
            _annotate(path, row, split, gathering)


def _annotate(path: str, row: Mapping[str, Any], split: Split, gathering: Gathering) -> None:
    place = row.get("coordinates")
    if not isinstance(place, dict):
        gathering.add(path, [row.get("label")], split=split)
        return
    box = numbers([place.get(key) for key in ("x", "y", "width", "height")], 4)
    if box is None:
        gathering.problem(path, "image_box_outside")
        return
    x, y, width, height = box
    gathering.box(path, (x - width / 2, y - height / 2, width, height), row.get("label"), split=split)


def _first(row: Mapping[str, Any], keys: tuple[str, ...]) -> object:
    return next((row[key] for key in keys if key in row), None)
