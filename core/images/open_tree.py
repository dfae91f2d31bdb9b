"""Opening a source's tree by its kind."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import Source
from core.errors import BugError
from core.images.folder_tree import FolderTree
from core.images.trees import FOLDER, ZIP, Tree
from core.images.zip_tree import ZipTree


def open_tree(source: Source) -> Tree:
    """Return the tree of a source.

    Raises
    ------
    UserError
        ``source_unreadable`` or ``archive_damaged`` for a ZIP that cannot be opened.
    """
    scratch = Path(source.cache_dir) / "unpacked" if source.cache_dir else None
    if source.kind in (FOLDER, "idx"):
        return FolderTree(source.root, scratch)
    if source.kind == ZIP:
        return ZipTree(source.root, scratch)
    raise BugError(f"no such kind of source: {source.kind}")
