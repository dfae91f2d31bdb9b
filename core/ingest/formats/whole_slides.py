"""Whole slides, cut into tiles: the slide is the group, its folder the label; glass is left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import UnreadableImage, UserError
from core.images.decode import readable
from core.images.formats import MAX_BYTES, MAX_PIXELS, SLIDE_SUFFIXES, Fault
from core.images.slides import SlideFacts, slide_facts, tile_values
from core.images.trees import Tree, TreeFile
from core.ingest.assign import natural_key
from core.ingest.csv_table import Assignment
from core.ingest.formats.catalogue import Catalogue
from core.ingest.formats.films import said_by_rules
from core.ingest.formats.folders import entry_of
from core.ingest.formats.lazy import LazyEntries
from core.ingest.formats.spec import Entry, ImportOptions, Offer, Problem
from core.progress import Progress

_TIFF: Final = (".tif", ".tiff", ".btf")
_SUSPECT_BYTES: Final = 2**24
_LOOKED_AT: Final = 20
_EXTRA_MISSING: Final = "image_needs_wsi"
_NO_TILES: Final = "slide_no_tiles"

_Tile = tuple[str, str, Assignment]


def has_slides(tree: Tree, files: Catalogue) -> bool:
    """Whether there is a whole slide: by its name, or a TIFF that is too large for an image and known to OpenSlide."""
    return any(map(_named_slide, files.images)) or bool(_pyramids(tree, files, _LOOKED_AT))


def read_slides(tree: Tree, files: Catalogue, options: ImportOptions, progress: Progress) -> Offer:
    """Return the tiles of the slides, and the other images as they are.

    Raises
    ------
    UserError
        ``extra_missing`` where there are only slides and what reads them is not installed; ``slide_no_tiles``.
    """
    large = {file.path for file in _pyramids(tree, files)}
    found = sorted(files.images, key=lambda file: file.path)
    said = said_by_rules(tree, found, options)
    tiles: list[_Tile] = []
    problems: list[Problem] = []
    for file in found:
        progress.checkpoint()
        of = said[file.path]
        if not (_named_slide(file) or file.path in large):
            tiles.append((file.path, "", of))
            continue
        of = replace(of, group=of.group or file.path)
        try:
            values = _values(tree, file, options)
            tiles += [(file.path, value, of) for value in values]
            if not values:
                problems.append((file.path, _NO_TILES))
        except UnreadableImage as error:
            problems.append((file.path, error.code))
    if not tiles and any(code == _EXTRA_MISSING for _, code in problems):
        raise UserError("extra_missing", extra="wsi")
    if not tiles and any(code == _NO_TILES for _, code in problems):
        raise UserError(_NO_TILES, path=tree.root)
    names = {name for one in said.values() for name in one.names or ()}
    return Offer("slides", tree, LazyEntries(tiles, _entry), tuple(sorted(names, key=natural_key)), False, problems)


def level_of(facts: SlideFacts, options: ImportOptions) -> int:
    """Return the level to cut: the one that is said, or whose pixels are nearest in size to those asked for.

    Raises
    ------
    Fault
        ``slide_no_level``, or ``slide_no_pixel_size`` where the slide does not say how large its pixels are.
    """
    if options.um_per_pixel is None:
        if options.level >= len(facts.levels):
            raise Fault("slide_no_level")
        return options.level
    if facts.pixel_size_um is None:
        raise Fault("slide_no_pixel_size")
    wanted = options.um_per_pixel / facts.pixel_size_um[0]
    return min(range(len(facts.levels)), key=lambda at: abs(math.log(facts.levels[at][2] / wanted)))


def _entry(tile: _Tile) -> Entry:
    path, value, said = tile
    return entry_of(f"{path}::tile={value}" if value else path, said)


def _values(tree: Tree, file: TreeFile, options: ImportOptions) -> Sequence[str]:
    """Return the values of a slide's tiles; raises `UnreadableImage`."""
    with readable(Path(tree.root) / file.path):
        path, kept = tree.local(file.path), tree.opened
        return tile_values(
            path, options.tile_size, level_of(slide_facts(path, kept), options), options.min_tissue, kept
        )


def _named_slide(file: TreeFile) -> bool:
    dot = file.path.rfind(".")
    return dot > 0 and file.path[dot:].lower() in SLIDE_SUFFIXES


def _pyramids(tree: Tree, files: Catalogue, at_most: int | None = None) -> list[TreeFile]:
    """Return the TIFFs that are too large to be read as images and that OpenSlide can read in parts."""
    suspects = [file for file in files.images if file.size_bytes > _SUSPECT_BYTES and file.path.lower().endswith(_TIFF)]
    return [file for file in suspects[:at_most] if _is_large(tree, file) and _is_known(tree, file)]


def _is_large(tree: Tree, file: TreeFile) -> bool:
    import tifffile

    try:
        with tifffile.TiffFile(tree.local(file.path)) as tiff:
            page = tiff.pages.first
            return bool(page.imagewidth * page.imagelength > MAX_PIXELS or page.nbytes > MAX_BYTES)
    except (UnreadableImage, OSError, ValueError, tifffile.TiffFileError, RecursionError, LookupError):
        return False


def _is_known(tree: Tree, file: TreeFile) -> bool:
    try:
        from openslide import OpenSlide
    except (ImportError, OSError):  # the package without its library is no use either
        return False
    return OpenSlide.detect_format(str(tree.local(file.path))) is not None
