"""FiftyOne's classification trees: ``data/`` with the images, ``labels.json`` with what they are.

https://docs.voxel51.com/user_guide/dataset_creation/datasets.html#fiftyoneimageclassificationdataset. A target is a
label, its number among the classes, an object that holds it under ``label``, or a list of those; null is no label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.samples import Split
from core.errors import UserError
from core.images.trees import Tree
from core.ingest.csv_table import split_named
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import all_documents, any_document, folder_of
from core.ingest.formats.gather import Gathering
from core.ingest.formats.names import split_in
from core.ingest.formats.spec import ImportOptions, Offer
from core.progress import Progress


def is_fiftyone(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a JSON document of labels by image."""
    return any_document(tree, files, _looks_right)


def read_fiftyone(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images with their labels."""
    gathering = Gathering(tree, files, options)
    for file, document in all_documents(tree, files):
        progress.checkpoint()
        if isinstance(document, UserError) or not _looks_right(document):
            continue
        classes = document.get("classes")
        names = classes if isinstance(classes, list) else []
        gathering.declare(names)
        base = f"{folder_of(file.path)}/data".lstrip("/")
        for key, target in document["labels"].items():
            path = gathering.image(key, base)
            if path is not None:
                _take(path, target, names, gathering)
    return gathering.offer("fiftyone", declared=True)


def _looks_right(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("labels"), dict) and "images" not in document


def _take(path: str, target: object, names: Sequence[Any], gathering: Gathering) -> None:
    extra = target if isinstance(target, dict) else {}
    attributes = extra.get("attributes")
    more: Mapping[str, Any] = attributes if isinstance(attributes, dict) else {}
    labels: list[object] | None = None
    if isinstance(target, list):
        gathering.multi = True
        labels = [_name(one, names) for one in target]
    elif _plain(target) is not None:
        labels = [_name(target, names)]
    group, tags = more.get("group"), more.get("tags")
    gathering.add(
        path,
        labels,
        group=group if isinstance(group, str) and group else None,
        split=_split(more, path),
        tags=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else (),
    )


def _split(more: Mapping[str, Any], path: str) -> Split:
    said = split_named(str(more.get("split", "")))
    return split_in(folder_of(path)) if said in (None, Split.NONE) else said


def _plain(target: object) -> object:
    return target.get("label") if isinstance(target, dict) else target


def _name(target: object, names: Sequence[Any]) -> object:
    """Return the label that a target names; a number counts among the classes, where there are any."""
    plain = _plain(target)
    if isinstance(plain, int) and not isinstance(plain, bool) and names:
        return names[plain] if 0 <= plain < len(names) else None
    return plain
