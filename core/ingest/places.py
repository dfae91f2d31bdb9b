"""What the user points at to import it: as `core.images.place`, for a project and with the user's settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.images.place import place_at
from core.images.trees import REMOTE, Tree
from core.paths import user_cache_dir
from core.progress import Progress
from core.settings import load_settings
from core.store.project import Project


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
    options
        Those of the source, as they are recorded with it.
    """

    kind: str
    root: Path | str
    tree: Tree
    only: tuple[str, ...] = ()
    options: str = "{}"


def open_place(
    root: Path | str,
    project: Project | None = None,
    progress: Progress | None = None,
    *,
    network: bool = False,
    follow_links: bool = False,
) -> Place:
    """Return the tree at `root`.

    Parameters
    ----------
    project
        Whose cache keeps what is fetched or unpacked; None: the user's own.
    network
        Whether the user allows the network to be used this once; the settings may allow it always.
    follow_links
        Whether the user allows links in a folder to lead out of it.

    Raises
    ------
    UserError
        ``source_is_project``, or as `core.images.place.place_at`.
    """
    cache = project.cache_dir if project is not None else user_cache_dir()
    may_fetch = network or load_settings().downloads_allowed
    found = place_at(root, cache_dir=cache, may_fetch=may_fetch, follow_links=follow_links, progress=progress)
    kind, place = found.source.kind, found.source.root
    if kind == REMOTE:
        return Place(kind, place, found.tree, found.only)
    if project is not None and Path(place).is_relative_to(project.root.resolve()):
        raise UserError("source_is_project", path=str(root))
    return Place(kind, Path(place), found.tree, found.only, found.source.options)
