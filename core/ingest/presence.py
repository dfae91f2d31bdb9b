"""Looking whether the images of a project are still where they were; those that are gone are marked, never dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.domain.address import parse_address
from core.domain.changes import Changes
from core.domain.samples import Source
from core.errors import UnreadableImage, UserError
from core.images.open_tree import open_tree
from core.images.trees import REMOTE, Tree
from core.progress import Progress
from core.store.missing import SampleFile, mark_missing, sample_files
from core.store.project import Project
from core.store.sources import sources
from core.translation import mark

_LOOKED_UP_ALONE = 200
"""Fewer files than this are looked up one by one rather than by listing the whole tree."""
_MARKED_AT_ONCE = 20_000
"""Of a million, writing all down in one go would take longer than anybody who stops it would wait."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What was found: how many images are there, how many are missing, and how many of the missing came back."""

    present: int
    missing: int
    returned: int
    changes: Changes


def check_presence(project: Project, progress: Progress) -> Presence:
    """Look for the file of every sample and record which are missing.

    Files on a server are there if the server says so, or, where it cannot be asked, if there is a copy here.

    Raises
    ------
    Cancelled
        What was recorded before stays.
    """
    found = list(sources(project).values())
    progress.begin(mark("Looking for the images"))
    present = missing = returned = 0
    changed = False
    for source in found:
        files = sample_files(project, source.id)
        is_there = _finder(source, files, progress)
        gone, back = [], []
        for file in files:
            there = is_there(file.path)
            present, missing = present + there, missing + (not there)
            if there and file.missing:
                back.append(file.id)
            elif not there and not file.missing:
                gone.append(file.id)
            progress.advance(detail=file.path)
        _mark(project, gone, progress, missing=True)
        _mark(project, back, progress, missing=False)
        changed, returned = changed or bool(gone or back), returned + len(back)
    return Presence(present, missing, returned, Changes(samples=changed))


def _mark(project: Project, ids: list[int], progress: Progress, *, missing: bool) -> None:
    for start in range(0, len(ids), _MARKED_AT_ONCE):
        progress.checkpoint()
        mark_missing(project, ids[start : start + _MARKED_AT_ONCE], missing=missing)


def _finder(source: Source, files: list[SampleFile], progress: Progress) -> Callable[[str], bool]:
    """Return what says of a path whether its file is there."""
    try:
        tree = open_tree(source, progress)
    except UserError:
        return lambda path: False
    listed: set[str] = set()
    containers = {parse_address(file.path).container for file in files}
    if source.kind == REMOTE or len(containers) > _LOOKED_UP_ALONE:
        try:
            listed = {file.path for file in tree.files(progress)}
        except UserError:
            listed = set()
    if source.kind == REMOTE:
        # What the server did not name is there only as a copy; it is not asked again for each file.
        tree = open_tree(replace(source, may_fetch=False), progress)
    known: dict[str, bool] = {}

    def is_there(path: str) -> bool:
        container = parse_address(path).container
        if container not in known:
            known[container] = container in listed or _has(tree, container)
        return known[container]

    return is_there


def _has(tree: Tree, path: str) -> bool:
    try:
        tree.stamp(path)
    except UnreadableImage as error:
        # Not to be read is not to be gone.
        return error.code == "image_denied"
    return True
