"""Images within files that a folder of images can hold too: frames of videos, DICOM series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import UnreadableImage
from core.images.contents import describe
from core.images.decode import readable
from core.images.dicom_elements import read_elements
from core.images.trees import Tree, TreeFile
from core.ingest.assign import assignments, natural_key
from core.ingest.csv_table import Assignment
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.folders import entry_of, wrapper
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.pages import pages_of
from core.ingest.formats.spec import Entry, ImportOptions, Offer, Problem
from core.ingest.rules import NO_GROUPS, GroupKind
from core.progress import Progress

VIDEO_SUFFIXES: Final = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv")
DICOM_SUFFIXES: Final = (".dcm", ".dicom", ".ima")
_LOOKED_AT: Final = 20
_DICOM_AT, _DICOM_MAGIC = 128, b"DICM"

_Frame = tuple[str, int, Assignment]


def is_video(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a video, by its name."""
    return bool(files.with_suffix(*VIDEO_SUFFIXES))


def read_video(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return every n-th frame of the videos; a video is a group, its folder the label.

    Raises
    ------
    UserError
        ``extra_missing`` where what reads videos is not installed.
    """
    from core.images.parts.frame import video
    from core.images.parts.table import shown, whole

    videos = files.with_suffix(*VIDEO_SUFFIXES)
    said = said_by_rules(tree, videos, options)
    frames: list[_Frame] = []
    problems: list[Problem] = []
    for file in videos:
        progress.checkpoint()
        try:
            with readable(shown(tree, file.path)):
                count = len(video(whole(tree, file.path)))
        except UnreadableImage as error:
            problems.append((file.path, error.code))
            continue
        of = said[file.path]
        of = replace(of, group=of.group or file.path)
        frames += [(file.path, at, of) for at in range(0, count, max(1, options.every))]
    entries = LazyEntries(frames, lambda frame: entry_of(f"{frame[0]}::frame={frame[1]}", frame[2]))
    return Offer("video", tree, entries, _names(said.values()), False, problems)


def is_dicom(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a DICOM file: by its name, or by its first bytes where names have no suffix."""
    return bool(dicoms(tree, files, at_most=_LOOKED_AT))


def dicoms(tree: Tree, files: Catalogue, at_most: int | None = None) -> list[TreeFile]:
    """Return the DICOM files; of those without a suffix only as many are opened as `at_most` says."""
    named = [file for file in files if file.path.lower().endswith(DICOM_SUFFIXES)]
    bare = [file for file in files.others if _is_bare(file.path.rpartition("/")[2])]
    looked_at = bare if at_most is None else bare[:at_most]
    return named + [file for file in looked_at if file.size_bytes > _DICOM_AT and _is_dicom(tree, file)]


def read_dicom(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the images, each frame of a DICOM that holds several; the patient is the group, the folder the label."""
    medical = set(dicoms(tree, files))
    found = sorted(medical.union(files.images), key=lambda file: file.path)
    said = said_by_rules(tree, found, options)
    entries: list[Entry] = []
    problems: list[Problem] = []
    for file in found:
        progress.checkpoint()
        try:
            patient, frames = _header(tree, file) if file in medical else (None, 1)
        except UnreadableImage as error:
            problems.append((file.path, error.code))
            continue
        of = said[file.path]
        pages = [file.path] if frames < 2 else [f"{file.path}::page={at}" for at in range(frames)]
        if options.pages and file not in medical:
            pages = pages_of(tree, file.path)
            patient = file.path if len(pages) > 1 else None
        of = replace(of, group=of.group or patient)
        entries += [entry_of(page, of) for page in pages]
    return Offer("dicom", tree, entries, _names(said.values()), False, problems)


def said_by_rules(tree: Tree, files: Sequence[TreeFile], options: ImportOptions) -> dict[str, Assignment]:
    """Return what the rules say of each of these files, by its path."""
    base = wrapper(tree, files)
    paths = [file.path[len(base) :] for file in files]
    groups = options.groups if options.groups.kind is GroupKind.PATTERN else NO_GROUPS
    assign = assignments(Path(tree.root), paths, options.labels, groups, options.columns)
    return {file.path: assign(path) for file, path in zip(files, paths, strict=True)}


def _names(said: Iterable[Assignment]) -> tuple[str, ...]:
    names = {name for one in said for name in one.names or ()}
    return tuple(sorted(names, key=natural_key))


def _is_bare(name: str) -> bool:
    """Whether a name has no suffix; what DICOM names by a UID ends in a dot and a number."""
    _, dot, last = name.rpartition(".")
    return not dot or last.isdecimal()


def _is_dicom(tree: Tree, file: TreeFile) -> bool:
    try:
        with tree.local(file.path).open("rb") as stream:
            stream.seek(_DICOM_AT)
            return stream.read(4) == _DICOM_MAGIC
    except (OSError, UnreadableImage):
        return False


def _header(tree: Tree, file: TreeFile) -> tuple[str | None, int]:
    """Return the patient and the number of frames; raises `UnreadableImage`."""
    path = tree.local(file.path)
    with readable(path):
        with path.open("rb") as stream:
            said = read_elements(stream, ["PatientID", "NumberOfFrames"])
        patient = str(said.get("PatientID", "") or "").strip()
        frames = int(said.get("NumberOfFrames", 1) or 1)
    # What claims many frames is held against what is there, before each of them becomes an image.
    return patient or None, describe(tree, file.path).pages if frames > 1 else 1
