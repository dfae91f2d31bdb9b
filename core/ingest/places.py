"""What the user points at, as a tree of files: a folder, a ZIP, an address on a server, or one file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.samples import Source
from core.errors import UserError
from core.images.open_tree import open_tree
from core.images.remote.servers import checked_address, is_address
from core.images.trees import FOLDER, REMOTE, ZIP, Tree
from core.paths import user_cache_dir
from core.progress import Progress
from core.settings import load_settings
from core.store.project import Project

_ABOUT_OTHERS: Final = frozenset({".csv", ".tsv", ".xlsx", ".json", ".jsonl", ".parquet", ".xml", ".txt"})
"""Files that are taken with their folder: what they say is about the images beside them."""

_ZIP_MAGIC: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Place:
    """Where images come from.

    Attributes
    ----------
    kind
        One of `core.images.trees.KINDS`.
    root
        As it is recorded with the source.
    only
        The one file in the tree that is meant, or nothing for all of it.
    """

    kind: str
    root: Path | str
    tree: Tree
    only: tuple[str, ...] = ()


def open_place(
    root: Path | str, project: Project | None = None, progress: Progress | None = None, *, network: bool = False
) -> Place:
    """Return the tree at `root`.

    Parameters
    ----------
    root
        A path, or a ``gs://``, ``s3://``, ``sftp://`` or ``https://`` address.
    project
        Whose cache keeps what is fetched or unpacked; None: the user's own.
    network
        Whether the user allows the network to be used this once; the settings may allow it always.

    Raises
    ------
    UserError
        ``source_missing``, ``source_is_project``, ``source_unreadable``, ``archive_damaged``, or what is wrong with
        an address.
    """
    cache = str(project.cache_dir if project is not None else user_cache_dir())
    if is_address(str(root)):
        address = checked_address(str(root))
        allowed = network or load_settings().downloads_allowed
        source = Source(0, REMOTE, address, cache_dir=cache, may_fetch=allowed)
        return Place(REMOTE, address, open_tree(source, progress))
    try:
        place = Path(root).expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError("source_missing", path=str(root)) from error
    if project is not None and place.is_relative_to(project.root.resolve()):
        raise UserError("source_is_project", path=str(root))
    if place.is_file() and _is_zip(place):
        return Place(ZIP, place, open_tree(Source(0, ZIP, str(place), cache_dir=cache), progress))
    folder = place.parent if place.is_file() else place
    only = (place.name,) if place.is_file() and place.suffix.lower() not in _ABOUT_OTHERS else ()
    if not folder.is_dir():
        raise UserError("source_not_folder", path=str(root))
    return Place(FOLDER, folder, open_tree(Source(0, FOLDER, str(folder), cache_dir=cache), progress), only)


def _is_zip(file: Path) -> bool:
    """Return whether a file is a ZIP by its name and first bytes: many other formats are ZIPs inside."""
    if file.suffix.lower() != ".zip":
        return False
    try:
        with file.open("rb") as stream:
            return stream.read(4) == _ZIP_MAGIC
    except OSError as error:
        raise UserError("source_unreadable", path=str(file)) from error
