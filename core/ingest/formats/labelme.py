"""labelme: a JSON file per image; its shapes become crops, or its flags labels where nothing was drawn.

https://github.com/wkentaro/labelme
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import UserError
from core.images.trees import Tree
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import all_documents, any_document, folder_of, numbers, rows_of
from core.ingest.formats.gather import Gathering
from core.ingest.formats.names import split_in
from core.ingest.formats.spec import ImportOptions, Offer
from core.progress import Progress


def is_labelme(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a JSON document of labelme's."""
    return any_document(tree, files, _looks_right)


def read_labelme(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the crops of all shapes; the images with their flags as labels where there is no shape at all."""
    gathering = Gathering(tree, files, options)
    found: list[tuple[str, Mapping[str, Any]]] = []
    for file, document in all_documents(tree, files):
        progress.checkpoint()
        if isinstance(document, UserError):
            gathering.problem(file.path, "document_damaged")
        elif _looks_right(document):
            stem = file.path.rpartition("/")[2].rpartition(".")[0]
            named = gathering.references.only(document.get("imagePath"), folder_of(file.path))
            path = named or gathering.image(stem, folder_of(file.path))
            if path is not None:
                found.append((path, document))
    if any(rows_of(document, "shapes") for _, document in found):
        for path, document in found:
            _take_shapes(path, document, gathering)
    else:
        for path, document in found:
            gathering.add(path, _flags(document), split=split_in(folder_of(path)))
        _many_flags(gathering, [document for _, document in found])
    return gathering.offer("labelme", declared=False)


def _looks_right(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("shapes"), list) and "imagePath" in document


def _take_shapes(path: str, document: Mapping[str, Any], gathering: Gathering) -> None:
    for shape in rows_of(document, "shapes"):
        box = _around(shape)
        if box is None:
            gathering.problem(path, "image_box_outside")
            continue
        tags = [*_flags(document), *_flags(shape)]
        gathering.box(path, box, shape.get("label"), split=split_in(folder_of(path)), tags=tags)


def _flags(row: Mapping[str, Any]) -> list[str]:
    flags = row.get("flags")
    return [str(name) for name, on in flags.items() if on is True] if isinstance(flags, dict) else []


def _many_flags(gathering: Gathering, found: list[Mapping[str, Any]]) -> None:
    """Say that an image can have several labels where one has no flag, but could have: none was set on purpose."""
    given = [_flags(document) for document in found]
    gathering.multi = any(len(flags) > 1 for flags in given)


def _around(shape: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Return the box around a shape's points; of a circle, given by its centre and a point of its edge, around it."""
    points = shape.get("points")
    found = [numbers(point, 2) for point in points] if isinstance(points, list) else []
    if len(found) < 2 or any(point is None for point in found):
        return None
    xs, ys = ([point[i] for point in found if point is not None] for i in range(2))
    if shape.get("shape_type") == "circle":
        radius = ((xs[1] - xs[0]) ** 2 + (ys[1] - ys[0]) ** 2) ** 0.5
        return xs[0] - radius, ys[0] - radius, 2 * radius, 2 * radius
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
