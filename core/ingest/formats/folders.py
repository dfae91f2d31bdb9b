"""Folders of images: labels by the folders' names, by a table or a pattern that the user gives, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.domain.samples import Split
from core.images.trees import Tree, TreeFile
from core.images.zip_tree import ZipTree
from core.ingest.assign import assignments, natural_key
from core.ingest.bounded_pattern import compiled
from core.ingest.csv_table import Assignment, split_named
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.pages import pages_of
from core.ingest.formats.spec import Entry, ImportOptions, Offer
from core.ingest.patterns import PETS, assignment
from core.ingest.rules import LabelKind
from core.progress import Progress

_PETS_SHARE = 0.95


def has_images(tree: Tree, files: Catalogue) -> bool:
    """Whether there is an image."""
    return bool(files.images)


def read_folders(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images with what the rules say of them."""
    images = files.images
    base = wrapper(tree, images)
    paths = images.paths(base)
    notes: list[str] = []
    assign = assignments(Path(tree.root), paths, options.labels, options.groups, options.columns, notes)
    names = {name for path in paths for name in assign(path).names or ()}
    multi = any(assign(path).labels is not None for path in paths) if options.labels.kind is LabelKind.TABLE else False

    def entry(file: TreeFile) -> Entry:
        return entry_of(file.path, assign(file.path[len(base) :]))

    entries: Sequence[Entry] = LazyEntries(images, entry)
    if options.pages:
        progress.checkpoint()
        entries = [page for one in entries for page in _pages(tree, one)]
    return Offer("folders", tree, entries, tuple(sorted(names, key=natural_key)), multi, notes=tuple(notes))


def _pages(tree: Tree, entry: Entry) -> list[Entry]:
    """Return an entry for each page; pages of one file are much alike, so they are a group unless a rule says which."""
    paths = pages_of(tree, entry.path)
    group = entry.path if entry.group is None and len(paths) > 1 else entry.group
    return [replace(entry, path=path, group=group) for path in paths]


def are_pets(tree: Tree, files: Catalogue) -> bool:
    """Whether images lie flat and nearly all are named as the Oxford-IIIT Pets are: a word, ``_``, a number.

    Several names must occur, and each with several numbers: ``img_001.jpg`` says no label.
    """
    images = files.images
    if len(images) < 4 or len({file.path.rpartition("/")[0] for file in images}) > 1:
        return False
    pattern = re.compile(PETS)
    found = [match["label"] for file in images if (match := pattern.match(file.path.rpartition("/")[2]))]
    return len(found) >= _PETS_SHARE * len(images) and 2 <= len(set(found)) <= len(found) / 2


def read_pets(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images, labelled by fastai's rule for the Oxford-IIIT Pets."""
    pattern = compiled(PETS)

    def entry(file: TreeFile) -> Entry:
        return entry_of(file.path, assignment(pattern, file.path.rpartition("/")[2]))

    entries = LazyEntries(files.images, entry)
    names = {name for one in entries for name in one.labels or ()}
    return Offer("pets", tree, entries, tuple(sorted(names, key=natural_key)))


def entry_of(path: str, said: Assignment) -> Entry:
    """Return the entry of a file by what a rule says of it."""
    return Entry(path, said.names, said.group, said.split, said.tags)


def wrapper(tree: Tree, images: Sequence[TreeFile]) -> str:
    """Return the folder that an archive wraps everything in (``cells/`` of ``cells/WBC/1.png``); empty for none.

    A folder on the disk is taken as it is: rules and tables say its paths; labels by folders look through a wrapper.
    """
    if not isinstance(tree, ZipTree) or not images:
        return ""
    base = ""
    while True:
        head, found, _ = images[0].path[len(base) :].partition("/")
        longer = f"{base}{head}/"
        if not found or split_named(head) not in (None, Split.NONE):
            return base
        if not all(file.path.startswith(longer) and "/" in file.path[len(longer) :] for file in images):
            return base
        base = longer
