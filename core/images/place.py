"""What the user points at, as a tree of files: a folder, a ZIP, an address on a server, or one file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.samples import FOLLOW_LINKS, Source
from core.errors import UserError
from core.images.open_tree import open_tree
from core.images.remote.servers import checked_address, is_address, parent_and_file
from core.images.trees import FOLDER, REMOTE, ZIP, Tree
from core.progress import Progress

_ZIP_MAGIC: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Place:
    """Where images come from.

    Attributes
    ----------
    source
        How it would be recorded, without an id.
    only
        The one file in the tree that is meant, or nothing for all of it.
    """

    source: Source
    tree: Tree
    only: tuple[str, ...] = ()


def place_at(
    root: Path | str,
    *,
    cache_dir: Path,
    may_fetch: bool,
    follow_links: bool = False,
    progress: Progress | None = None,
) -> Place:
    """Return the tree at `root`.

    Parameters
    ----------
    root
        A path, or a ``gs://``, ``s3://``, ``sftp://`` or ``https://`` address.
    cache_dir
        What keeps that which is fetched or unpacked.
    may_fetch
        Whether the user allows the network to be used.
    follow_links
        Whether the user allows links in a folder to lead out of it.

    Raises
    ------
    UserError
        ``source_unnamed``, ``remote_zip``, ``source_missing``, ``source_not_folder``,
        ``source_unreadable``, ``archive_damaged``, or what is wrong with an address.
    """
    if is_address(str(root)):
        return _on_server(str(root), cache_dir, progress, may_fetch=may_fetch)
    if not str(root):
        raise UserError("source_unnamed")
    try:
        place = Path(root).expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise UserError("source_missing", path=str(root)) from error
    if place.is_file() and _is_zip(place):
        return _place(ZIP, str(place), cache_dir, progress)
    options = json.dumps({FOLLOW_LINKS: True}) if follow_links else "{}"
    if place.is_file():
        return _place(FOLDER, str(place.parent), cache_dir, progress, only=(place.name,), options=options)
    if not place.is_dir():
        raise UserError("source_not_folder", path=str(root))
    return _place(FOLDER, str(place), cache_dir, progress, options=options)


def _place(
    kind: str,
    root: str,
    cache_dir: Path,
    progress: Progress | None,
    *,
    only: tuple[str, ...] = (),
    options: str = "{}",
) -> Place:
    source = Source(0, kind, root, options, cache_dir=str(cache_dir))
    return Place(source, open_tree(source, progress), only)


def _on_server(url: str, cache_dir: Path, progress: Progress | None, *, may_fetch: bool) -> Place:
    """Return the folder at an address; for a file the folder that it is in, of which nothing but the file is asked."""
    from core.images.remote_tree import RemoteTree

    checked_address(url)
    folder, name = parent_and_file(url)
    if name.lower().endswith(".zip"):
        raise UserError("remote_zip", url=url)
    source = Source(0, REMOTE, folder, cache_dir=str(cache_dir), may_fetch=may_fetch)
    tree = RemoteTree(folder, cache_dir, may_fetch=may_fetch, progress=progress, only=name)
    return Place(source, tree, (name,) if name else ())


def _is_zip(file: Path) -> bool:
    """Return whether a file is a ZIP by its name and first bytes: many other formats are ZIPs inside."""
    if file.suffix.lower() != ".zip":
        return False
    try:
        with file.open("rb") as stream:
            return stream.read(4) == _ZIP_MAGIC
    except OSError as error:
        raise UserError("source_unreadable", path=str(file)) from error
