"""Which files of a folder are images to predict."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.progress import Progress

SUFFIXES: Final = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".webp", ".gif", ".tif", ".tiff"}
)


def image_files(root: Path, progress: Progress) -> tuple[Path, list[str]]:
    """Return the folder and the relative POSIX paths of the images in it, sorted.

    Hidden files and folders are left out, as at an import. Where `root` is a file, it is the only image.

    Raises
    ------
    UserError
        ``predict_source_missing`` or ``predict_no_images``.
    """
    if root.is_file():
        return root.parent, [root.name]
    if not root.is_dir():
        raise UserError("predict_source_missing", path=str(root))
    paths = sorted(_walk(root, progress))
    if not paths:
        raise UserError("predict_no_images", path=str(root))
    return root, paths


def _walk(root: Path, progress: Progress) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                yield (Path(folder) / name).relative_to(root).as_posix()
        progress.advance()
