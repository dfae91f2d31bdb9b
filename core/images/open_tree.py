"""Opening a source's tree by its kind."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import Source
from core.errors import BugError
from core.images.folder_tree import FolderTree
from core.images.trees import FOLDER, REMOTE, ZIP, Tree
from core.images.zip_tree import ZipTree
from core.paths import user_cache_dir
from core.progress import Progress


def open_tree(source: Source, progress: Progress | None = None) -> Tree:
    """Return the tree of a source.

    Parameters
    ----------
    progress
        What cancels the fetching of files from a server.

    Raises
    ------
    UserError
        ``source_unreadable`` or ``archive_damaged`` for a ZIP that cannot be opened; ``remote_address`` or
        ``remote_secret``.
    """
    cache = Path(source.cache_dir) if source.cache_dir else user_cache_dir()
    if source.kind == FOLDER:
        return FolderTree(source.root, cache / "unpacked", follow_links=source.follows_links)
    if source.kind == ZIP:
        return ZipTree(source.root, cache / "unpacked")
    if source.kind == REMOTE:
        from core.images.remote_tree import RemoteTree

        return RemoteTree(source.root, cache, may_fetch=source.may_fetch, progress=progress)
    raise BugError(f"no such kind of source: {source.kind}")
