"""Tables beside images: CSV, TSV or XLSX of labels, and the ``metadata`` files of Hugging Face's imagefolder.

https://huggingface.co/docs/datasets/image_dataset#imagefolder
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from core.domain.samples import Split
from core.errors import UnreadableImage, UserError
from core.images.trees import Tree, TreeFile
from core.ingest.assign import natural_key
from core.ingest.csv_table import Assignment, TableContent, table_content
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.documents import folder_of
from core.ingest.formats.folders import entry_of
from core.ingest.formats.names import References, split_in
from core.ingest.formats.spec import ImportOptions, Offer, Problem
from core.ingest.rules import GroupKind
from core.ingest.tables.columns import guess, names_path, with_header
from core.ingest.tables.sheet import MAX_BYTES, Sheet, open_sheet
from core.progress import Progress
from core.translation import tr, tr_n

_SUFFIXES: Final = (".csv", ".tsv", ".xlsx")
_METADATA: Final = r"metadata\.(csv|jsonl|parquet)"
_LOOKED_AT: Final = 20
_ROWS_LOOKED_AT: Final = 50
_SUSPECT_BYTES: Final = 2**24


def is_imagefolder(tree: Tree, files: Catalogue) -> bool:
    """Whether images and a file of metadata about them lie together."""
    return bool(files.images) and any(_lists_images(tree, files, file) for file in files.named(_METADATA)[:_LOOKED_AT])


def read_imagefolder(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images that the metadata files list; the folder of a file says its split."""
    return _read("imagefolder", tree, files, files.named(_METADATA), options, progress)


def may_list_images(file: TreeFile) -> bool:
    """Whether a file is a table or a metadata file by its name."""
    name = file.path.rsplit("/", 1)[-1].lower()
    return name.endswith(_SUFFIXES) or re.fullmatch(_METADATA, name) is not None


def is_table(tree: Tree, files: Catalogue) -> bool:
    """Whether one of the tables lists images that are there."""
    return bool(files.images) and any(_lists_images(tree, files, file) for file in _candidates(files))


def read_tables(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images that the tables list; ``train.csv`` and its kin say the split where no column does."""
    return _read("table", tree, files, _candidates(files), options, progress)


def listing_table(tree: Tree, files: Catalogue, format: str) -> TreeFile | None:
    """Return the first table that lists images, for one of the two formats here; None where there is none."""
    tables = files.named(_METADATA)[:_LOOKED_AT] if format == "imagefolder" else _candidates(files)
    return next((file for file in tables if _lists_images(tree, files, file)), None)


def table_finder(files: Catalogue, file: TreeFile) -> Callable[[str], list[str]]:
    """Return what gives the images that a name in this table may mean."""
    return _finder(_references(files), file)


def _candidates(files: Catalogue) -> list[TreeFile]:
    return sorted(files.with_suffix(*_SUFFIXES), key=lambda file: (file.path.count("/"), file.path))[:_LOOKED_AT]


def _read(
    format: str, tree: Tree, files: Catalogue, tables: list[TreeFile], options: ImportOptions, progress: Progress
) -> Offer:
    references = References(file.path for file in files.images)
    found: dict[str, Assignment] = {}
    contents: list[TableContent] = []
    problems: list[Problem] = []
    last: UserError | None = None
    for file in tables:
        progress.checkpoint()
        try:
            content = _content(tree, file, references, options)
        except UserError as error:
            last = error
            continue
        contents.append(content)
        problems += content.problems
        split = split_in(file.path)
        for path, said in content.assignments.items():
            found.setdefault(path, replace(said, split=split) if said.split is Split.NONE else said)
    if not contents and last is not None:
        raise last
    declared = dict.fromkeys(name for content in contents for name in content.labels)
    used = sorted({name for said in found.values() for name in said.names or ()}, key=natural_key)
    multi = any(content.multi for content in contents)
    entries = [entry_of(path, found[path]) for path in sorted(found)]
    return Offer(format, tree, entries, tuple(declared or used), multi, problems, notes=_notes(contents, used))


def _notes(contents: Sequence[TableContent], used: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if not used:
        notes.append(tr("The table was read, and no label in it. Say which column holds them."))
    uncertain = sum(content.uncertain for content in contents)
    if uncertain:
        notes.append(
            tr_n(
                "{n} cell says -1, that it is uncertain; the label is taken as not given.",
                "{n} cells say -1, that it is uncertain; the labels are taken as not given.",
                uncertain,
            )
        )
    return tuple(notes)


def _content(tree: Tree, file: TreeFile, references: References, options: ImportOptions) -> TableContent:
    said = dict(options.columns)
    if options.groups.kind is GroupKind.COLUMN:
        said["group"] = options.groups.column
    return table_content(file.path, table_data(tree, file), _finder(references, file), said, strict=False)


def _finder(references: References, file: TreeFile) -> Callable[[str], list[str]]:
    base = folder_of(file.path)
    return lambda name: references.find(name, base)


def table_data(tree: Tree, file: TreeFile) -> bytes:
    """Return the bytes of a table; raises `UserError`."""
    if file.size_bytes > MAX_BYTES:
        raise UserError("table_encoding", path=file.path)
    try:
        return tree.read(file.path)
    except (UnreadableImage, OSError) as error:
        raise UserError("table_missing", path=file.path) from error


def _lists_images(tree: Tree, files: Catalogue, file: TreeFile) -> bool:
    """Whether the first rows of a table name images that are there.

    Large tables of measurements lie beside many images: of those, only the header is trusted.
    """
    try:
        data = table_data(tree, file)
        find = _finder(_references(files), file)
        sheet = with_header(open_sheet(file.path, _first_lines(file, data), names_path), find)
        rows = [row for _, (_, row) in zip(range(_ROWS_LOOKED_AT), sheet.rows, strict=False)]
        columns = guess(sheet.header, rows, find, {}, file.path)
    except UserError:
        return False
    return columns is not None and _is_about_images(sheet, columns.path, rows, find)


def _is_about_images(sheet: Sheet, path: int, rows: list[list[str]], find: Callable[[str], list[str]]) -> bool:
    # Measurements of objects list an image in many rows: those are no labels of images.
    named = [row[path] for row in rows if path < len(row)]
    objects = {name.strip().casefold() for name in sheet.header} & {"objectnumber", "object_number"}
    return not objects and any(len(find(name)) == 1 for name in named)


def _first_lines(file: TreeFile, data: bytes) -> bytes:
    if len(data) <= _SUSPECT_BYTES or not re.search(r"\.(csv|tsv)$", file.path, re.IGNORECASE):
        return data
    end = data.rfind(b"\n", 0, 2**16)
    return data[: end + 1] if end > 0 else data[: 2**16]


def _references(files: Catalogue) -> References:
    return References(file.path for file in files.images)
