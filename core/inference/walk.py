"""Which files are images to predict: those that an import of the same folder, ZIP or address would take."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.domain.samples import Source
from core.errors import UnreadableImage, UserError
from core.images.listing import is_image_name, tree_images
from core.images.place import Place, place_at
from core.paths import user_cache_dir
from core.progress import Progress
from core.settings import load_settings


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """The images found.

    Attributes
    ----------
    source
        Where they are.
    paths
        Relative POSIX paths, sorted; one that is no valid Unicode has its bytes as ``\\xNN``.
    problems
        Paths that cannot be read because of their name, with the reason.
    """

    source: Source
    paths: list[str]
    problems: dict[str, UnreadableImage] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """What the paths are relative to: a folder, a ZIP, or an address."""
        return Path(self.source.root)


def predict_place(root: Path | str, *, network: bool = False, progress: Progress | None = None) -> Place:
    """Return the tree of what is to be predicted.

    Raises
    ------
    UserError
        ``predict_source_missing``, or as `core.images.place.place_at`.
    """
    allowed = network or load_settings().downloads_allowed
    try:
        return place_at(root, cache_dir=user_cache_dir(), may_fetch=allowed, progress=progress)
    except UserError as error:
        if error.code not in ("source_missing", "source_not_folder"):
            raise
        raise UserError("predict_source_missing", path=str(root)) from error


def image_files(root: Path | str, progress: Progress, *, network: bool = False) -> ImageFiles:
    """Return the images in a folder, a ZIP or at an address, or `root` itself where it is a file.

    Hidden files and folders, linked folders and projects are left out.

    Raises
    ------
    UserError
        ``predict_no_images``, or as `predict_place`.
    """
    place = predict_place(root, network=network, progress=progress)
    if place.only:
        return ImageFiles(place.source, list(place.only))
    listing = tree_images(place.tree, progress)
    problems = {
        path: UnreadableImage(code, path=path)
        for path, code in listing.skipped
        if is_image_name(path) and code != "folder_linked"
    }
    paths = sorted([file.path for file in listing.files] + list(problems))
    if not paths:
        raise UserError("predict_no_images", path=str(root))
    return ImageFiles(place.source, paths, problems)
