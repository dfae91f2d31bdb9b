"""JSON and XML from outside: bounded, never followed anywhere, and looked at with suspicion."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from core.errors import UnreadableImage, UserError
from core.images.trees import Tree, TreeFile
from core.ingest.formats.catalogue import Catalogue
from core.translation import tr

MAX_JSON_BYTES: Final = 2**29
MAX_XML_BYTES: Final = 2**24
MAX_JSON_MEMORY: Final = 5 * 2**28
"""The most memory, by a careful guess, that what a JSON document says may take beside its text."""

_THING_BYTES, _LIST_BYTES, _VALUE_BYTES, _QUOTE_BYTES = 240, 88, 40, 12
_OUTLINES: Final = re.compile(r'("(?:segmentation|counts|keypoints)"\s*+:\s*+)\[[\[\]\d.eE+\-,\s]*\]')
"""What is the bulk of a COCO file, and of no use here. Numbers hold no quotes, so that no text is gone over twice."""

_LOOKED_AT: Final = 20
_LARGE: Final = 2**24
_OF_ANNOTATIONS: Final = ("image_id", "category_id", "bbox", "iscrowd")


def load_json(tree: Tree, file: TreeFile) -> Any:
    """Return a JSON document.

    Raises
    ------
    UserError
        ``document_unreadable`` where it is none, is nested too deeply, is larger than 512 MB, or would take more than
        `MAX_JSON_MEMORY`.
    """
    if file.size_bytes > MAX_JSON_BYTES:
        raise UserError("document_unreadable", path=file.path, reason=tr("it is larger than 512 MB"))
    try:
        text = _text(tree.read(file.path))
        if _memory(text) > MAX_JSON_MEMORY:
            text = _OUTLINES.sub(r"\1[]", text)
        if _memory(text) > MAX_JSON_MEMORY:
            raise UserError("document_unreadable", path=file.path, reason=tr("it unpacks to more than 1 GB"))
        return json.loads(text, object_hook=_what_is_used) if len(text) > _LARGE else json.loads(text)
    except (ValueError, RecursionError, UnreadableImage, OSError) as error:
        raise UserError("document_unreadable", path=file.path, reason=str(error)[:200]) from error


def _what_is_used(thing: dict[str, Any]) -> dict[str, Any]:
    """Return an annotation of COCO's without what is never asked for: half of what large documents would take."""
    if "image_id" not in thing:
        return thing
    return {key: thing[key] for key in _OF_ANNOTATIONS if key in thing}


def _text(data: bytes) -> str:
    return data.decode(json.detect_encoding(data), "surrogatepass").removeprefix("\ufeff")


def _memory(text: str) -> int:
    """Return how many bytes a document takes at most, about, when it is unpacked: three letters can make 72."""
    quotes = max(0, text.count('"') - 2 * text.count('":'))  # names of the same letters are kept once
    values = _VALUE_BYTES * text.count(",") + _QUOTE_BYTES * quotes
    return _THING_BYTES * text.count("{") + _LIST_BYTES * text.count("[") + values


def load_xml(tree: Tree, file: TreeFile) -> Element:
    """Return the root of an XML document without entities; raises `UserError` ``document_unreadable``."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if file.size_bytes > MAX_XML_BYTES:
        raise UserError("document_unreadable", path=file.path, reason=tr("it is larger than 16 MB"))
    try:
        root: Element = fromstring(tree.read(file.path))
    except (ParseError, DefusedXmlException, ValueError, RecursionError, UnreadableImage, OSError) as error:
        raise UserError("document_unreadable", path=file.path, reason=str(error)[:200]) from error
    return root


def any_document(tree: Tree, files: Catalogue, looks_right: Callable[[Any], bool]) -> bool:
    """Return whether one of the first few JSON documents looks right; only one at a time is held."""
    for file in files.with_suffix(".json")[:_LOOKED_AT]:
        with suppress(UserError):
            document = _taken(tree, files, file)
            files.document = (file.path, document)
            if looks_right(document):
                return True
    return False


def _taken(tree: Tree, files: Catalogue, file: TreeFile) -> Any:
    """Return a document: the one that was read last, or read now, the one before being let go of first."""
    known, files.document = files.document, None
    if known is not None and known[0] == file.path:
        return known[1]
    del known
    return load_json(tree, file)


def all_documents(tree: Tree, files: Catalogue) -> Iterator[tuple[TreeFile, Any]]:
    """Yield every JSON document; for one that cannot be read, the `UserError` in its place."""
    for file in files.with_suffix(".json"):
        try:
            yield file, _taken(tree, files, file)
        except UserError as error:
            yield file, error


def folder_of(path: str) -> str:
    """Return the folder of a file in a tree; empty for the root."""
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent


def rows_of(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the objects in the list under a key; whatever else is there is passed over."""
    found = document.get(key)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def numbers(values: object, count: int) -> tuple[float, ...] | None:
    """Return a list of this many finite numbers; None where it is anything else."""
    if not isinstance(values, list | tuple) or len(values) != count:
        return None
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return None
    return tuple(float(value) for value in values) if all(abs(value) < 1e12 for value in values) else None
