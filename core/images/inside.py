"""Making sure that a path stays inside of its source."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.errors import UnreadableImage


def safe_parts(path: str) -> tuple[str, ...]:
    """Return the parts of a relative POSIX path.

    Raises
    ------
    UnreadableImage
        ``image_outside`` for an empty or absolute path, one with “..” or, on Windows, with a drive.
    """
    parts = PurePosixPath(path)
    if not path or parts.is_absolute() or ".." in parts.parts or (os.name == "nt" and PureWindowsPath(path).drive):
        raise UnreadableImage("image_outside", path=path)
    return parts.parts


def inside(root: str, path: str) -> Path:
    """Return ``root/path`` where that is inside of `root` (a real path), links followed.

    Raises
    ------
    UnreadableImage
        ``image_outside``, ``image_missing`` or ``image_link_loop``.
    """
    full = os.path.join(root, *safe_parts(path))  # noqa: PTH118
    try:
        real = os.path.realpath(full)
    except (OSError, ValueError):
        raise UnreadableImage("image_missing", path=full) from None
    if real != full and os.path.commonpath([real, root]) != root:
        raise UnreadableImage("image_outside", path=full)
    return Path(full)
