"""Which files of a folder are images to predict: those that an import of the folder would take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import UnreadableImage, UserError
from core.images.formats import IMAGE_SUFFIXES
from core.progress import Progress
from core.store.project import SUFFIX as PROJECT_SUFFIX


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """The images found.

    Attributes
    ----------
    folder
        Where they are.
    paths
        Relative POSIX paths, sorted; one that is no valid Unicode has its bytes as ``\\xNN``.
    problems
        Paths that cannot be read because of their name, with the reason.
    """

    folder: Path
    paths: list[str]
    problems: dict[str, UnreadableImage] = field(default_factory=dict)


def image_files(root: Path, progress: Progress) -> ImageFiles:
    """Return the images in a folder, or `root` itself where it is a file.

    Hidden files and folders, linked folders and projects are left out.

    Raises
    ------
    UserError
        ``predict_source_missing`` or ``predict_no_images``.
    """
    if root.is_file():
        return ImageFiles(root.parent, [root.name])
    if not root.is_dir():
        raise UserError("predict_source_missing", path=str(root))
    paths, problems = [], {}
    for path in _walk(root, progress):
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        paths.append(shown)
        if shown != path:
            problems[shown] = UnreadableImage("image_name_invalid", path=shown)
    if not paths:
        raise UserError("predict_no_images", path=str(root))
    return ImageFiles(root, sorted(paths), problems)


def _walk(root: Path, progress: Progress) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and not name.endswith(PROJECT_SUFFIX)]
        for name in files:
            if Path(name).suffix.lower() in IMAGE_SUFFIXES and not name.startswith("."):
                yield (Path(folder) / name).relative_to(root).as_posix()
        progress.checkpoint()
