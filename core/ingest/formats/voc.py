"""Pascal VOC: an XML file per image with the boxes of its objects; each box becomes a crop, the image its group.

http://host.robots.ox.ac.uk/pascal/VOC/. Pixels count from 1 there; ``ImageSets/Main/train.txt`` and its kin name the
images of a split.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from core.domain.samples import Split
from core.errors import UnreadableImage, UserError
from core.images.trees import Tree
from core.ingest.csv_table import split_named
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import folder_of, load_xml
from core.ingest.formats.gather import Gathering
from core.ingest.formats.names import split_in
from core.ingest.formats.spec import ImportOptions, Offer
from core.progress import Progress

_LOOKED_AT = 5


def is_voc(tree: Tree, files: Catalogue) -> bool:
    """Whether one of the first XML files is an annotation."""
    for file in files.with_suffix(".xml")[:_LOOKED_AT]:
        try:
            if load_xml(tree, file).tag == "annotation":
                return True
        except UserError:
            continue
    return False


def read_voc(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the crops."""
    gathering = Gathering(tree, files, options)
    splits = _splits(tree, files)
    for file in files.with_suffix(".xml"):
        progress.checkpoint()
        try:
            root = load_xml(tree, file)
        except UserError:
            gathering.problem(file.path, "document_damaged")
            continue
        if root.tag != "annotation":
            continue
        stem = file.path.rpartition("/")[2].rpartition(".")[0]
        path = gathering.image(root.findtext("filename") or stem, folder_of(file.path))
        if path is not None:
            split = splits.get(stem) or split_in(folder_of(file.path))
            for found in root.iter("object"):
                _take(path, found, split, gathering)
    return gathering.offer("voc", declared=False)


def _take(path: str, found: Element, split: Split, gathering: Gathering) -> None:
    corners = found.find("bndbox")
    try:
        left, top, right, bottom = (
            float((corners.findtext(name) if corners is not None else None) or "nan")
            for name in ("xmin", "ymin", "xmax", "ymax")
        )
    except ValueError:
        gathering.problem(path, "image_box_outside")
        return
    tags = [name for name in ("truncated", "difficult", "occluded") if (found.findtext(name) or "").strip() == "1"]
    box = (left - 1, top - 1, right - left + 1, bottom - top + 1)
    gathering.box(path, box, (found.findtext("name") or "").strip(), split=split, tags=tags)


def _splits(tree: Tree, files: Catalogue) -> dict[str, Split]:
    """Return the split of images by the stems of their names."""
    found: dict[str, Split] = {}
    for file in files.named(r"(train|val|test)\.txt"):
        if "ImageSets" not in file.path:
            continue
        try:
            lines = tree.read(file.path).decode("utf-8", "replace").splitlines()
        except (UnreadableImage, OSError):
            continue
        split = split_named(file.path.rpartition("/")[2].rpartition(".")[0]) or Split.NONE
        found |= {line.split()[0]: split for line in lines if line.strip()}
    return found
