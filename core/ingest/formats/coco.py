"""COCO: one JSON of images, annotations and categories; each box becomes a crop, the image its group.

https://cocodataset.org/#format-data. An annotation without a box, or with one of the whole image, labels the image.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.samples import Split
from core.errors import UserError
from core.images.trees import Tree
from core.ingest.csv_table import split_named
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import all_documents, any_document, folder_of, numbers, rows_of
from core.ingest.formats.gather import Gathering
from core.ingest.formats.names import split_in
from core.ingest.formats.spec import ImportOptions, Offer
from core.progress import Progress


def is_coco(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a JSON document of COCO's shape."""
    return any_document(tree, files, _looks_right)


def read_coco(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the crops, and the images that are labelled as a whole."""
    gathering = Gathering(tree, files, options)
    for file, document in all_documents(tree, files):
        progress.checkpoint()
        if not isinstance(document, UserError) and _looks_right(document):
            _read(document, file.path, gathering)
    return gathering.offer("coco")


def _looks_right(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("images"), list) and "annotations" in document


def _read(document: dict[str, Any], place: str, gathering: Gathering) -> None:
    names = {row.get("id"): row.get("name") for row in rows_of(document, "categories") if _is_key(row.get("id"))}
    gathering.declare(names.values())
    images: dict[Any, tuple[str, Mapping[str, Any], Split]] = {}
    multi = document.get("info")
    gathering.multi = gathering.multi or (isinstance(multi, dict) and multi.get("task") == "multi")
    for row in rows_of(document, "images"):
        path = gathering.image(row.get("file_name"), folder_of(place))
        if path is not None and _is_key(row.get("id")):
            said = split_named(str(row.get("split", "")))
            images[row["id"]] = (path, row, said if said not in (None, Split.NONE) else split_in(place))
    labelled = set()
    rows = rows_of(document, "annotations")
    document.pop("annotations", None)
    rows.reverse()
    while rows:  # each is let go of once it is read, so that what is made of them can take their place in memory
        row = rows.pop()
        if not _is_key(row.get("image_id")) or row["image_id"] not in images:
            continue
        path, image, split = images[row["image_id"]]
        category = row.get("category_id")
        label = names.get(category) if _is_key(category) else None
        if label is None:
            gathering.problem(path, "annotation_unknown_label")
        elif row.get("iscrowd") != 1:
            labelled.add(path)
            _annotate(path, image, split, label, row, gathering)
    for path, image, split in images.values():
        if path not in labelled and "labelled" in image:
            known = () if image["labelled"] is True else None
            gathering.add(path, known, group=_text(image, "group"), split=split, tags=_tags(image))


def _annotate(
    path: str, image: Mapping[str, Any], split: Split, label: object, row: Mapping[str, Any], gathering: Gathering
) -> None:
    box = numbers(row.get("bbox"), 4)
    whole = numbers([0, 0, image.get("width"), image.get("height")], 4)
    if "bbox" not in row or box == whole:
        gathering.add(path, [label], group=_text(image, "group"), split=split, tags=_tags(image))
    elif box is None:
        gathering.problem(path, "image_box_outside")
    else:
        gathering.box(path, (box[0], box[1], box[2], box[3]), label, split=split)


def _is_key(value: object) -> bool:
    return isinstance(value, int | str)


def _text(row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    return value.strip() or None if isinstance(value, str) else None


def _tags(row: Mapping[str, Any]) -> list[str]:
    tags = row.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
