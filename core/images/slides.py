"""Whole slides through OpenSlide, an optional part: a reduced picture of the whole, and tiles of any level.

OpenSlide reads from files only, as slides are larger than memory; some are several files (MIRAX). Opening one takes
longer than reading a tile: whoever reads several says where open ones are kept (`core.images.opened`): the tree's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.images.formats import SLIDE_SUFFIXES, Fault, Header
from core.images.opened import OpenFiles

WHOLE_PX: Final = 2048
"""The longer side of a slide as a whole is at most this."""

MAX_TILE_PIXELS: Final = 2**26
_MAX_READ_PIXELS: Final = 2**26
_TILE: Final = re.compile(r"(-?\d{1,9}),(-?\d{1,9}),(\d{1,6}),(\d{1,6}),(\d{1,2})", re.ASCII)
_SUFFIXES: Final = tuple(SLIDE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class SlideFacts:
    """What a slide says of itself.

    Attributes
    ----------
    levels
        Width, height and downsampling of each level, the full one first.
    pixel_size_um
        Of the full level.
    objective
        The magnification of the objective, 20 or 40 mostly; None where it is not said.
    """

    levels: tuple[tuple[int, int, float], ...]
    pixel_size_um: tuple[float, float] | None
    objective: float | None
    vendor: str


def is_slide(path: str | PurePath) -> bool:
    """Whether a name is that of a whole slide, to be read by this module and never as bytes."""
    return str(path).lower().endswith(_SUFFIXES)


def slide_facts(path: Path, kept: OpenFiles | None = None) -> SlideFacts:
    """Return what a slide says of itself; raises `Fault`. To be called within `core.images.decode.readable`."""
    with _opened(path, kept) as slide:
        sizes, scales = slide.level_dimensions, slide.level_downsamples
        levels = tuple((*size, float(scale)) for size, scale in zip(sizes, scales, strict=True))
        said = slide.properties
        across, down = (_number(said.get(f"openslide.mpp-{axis}")) for axis in "xy")
        return SlideFacts(
            levels=levels,
            pixel_size_um=(across, down) if across and down else None,
            objective=_number(said.get("openslide.objective-power")),
            vendor=str(said.get("openslide.vendor", "")),
        )


def slide_header(path: Path, kept: OpenFiles | None = None) -> Header:
    """Return the header of what `read_slide` gives; raises `Fault`."""
    facts = slide_facts(path, kept)
    _, (width, height), scale = _reduced(facts)
    size = facts.pixel_size_um
    return Header(
        format="slide",
        width=width,
        height=height,
        channels=3,
        bit_depth=8,
        pixel_size_um=(size[0] * scale, size[1] * scale) if size is not None else None,
    )


def read_slide(path: Path, kept: OpenFiles | None = None) -> NDArray[np.uint8]:
    """Return the whole slide, (H, W, 3), its longer side at most `WHOLE_PX`.

    Raises
    ------
    Fault
        ``image_needs_wsi`` where OpenSlide is not installed, ``image_is_slide`` where no level is small enough, or
        ``image_unknown_format``.
    """
    from PIL import Image

    facts = slide_facts(path, kept)
    level, size, _ = _reduced(facts)
    width, height, _ = facts.levels[level]
    with _opened(path, kept) as slide:
        pixels = _on_background(slide, slide.read_region((0, 0), level, (width, height)))
    if (width, height) == size:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX)).copy()


def read_tile(path: Path, value: str, kept: OpenFiles | None = None) -> NDArray[np.uint8]:
    """Return a tile of a slide, (h, w, 3), white where it reaches outside.

    Parameters
    ----------
    value
        ``x,y,w,h,level``: the left upper corner in pixels of the full level, the size in pixels of `level`.

    Raises
    ------
    Fault
        ``image_no_part`` where it is outside of the slide or larger than `MAX_TILE_PIXELS`; as `read_slide`.
    """
    match = _TILE.fullmatch(value)
    if match is None:
        raise Fault("image_no_part")
    x, y, width, height, level = (int(number) for number in match.groups())
    if not 0 < width * height <= MAX_TILE_PIXELS:
        raise Fault("image_no_part")
    with _opened(path, kept) as slide:
        if level >= slide.level_count:
            raise Fault("image_no_part")
        full_width, full_height = slide.dimensions
        scale = slide.level_downsamples[level]
        if x >= full_width or y >= full_height or x + width * scale <= 0 or y + height * scale <= 0:
            raise Fault("image_no_part")
        return _on_background(slide, slide.read_region((x, y), level, (width, height)))


def tile_header(path: Path, value: str, kept: OpenFiles | None = None) -> Header:
    """Return the header of what `read_tile` gives; raises `Fault`."""
    match = _TILE.fullmatch(value)
    facts = slide_facts(path, kept)
    if match is None or int(match[5]) >= len(facts.levels):
        raise Fault("image_no_part")
    scale, size = facts.levels[int(match[5])][2], facts.pixel_size_um
    pixel = (size[0] * scale, size[1] * scale) if size is not None else None
    return Header("slide", int(match[3]), int(match[4]), 3, 8, pixel_size_um=pixel)


def tile_values(
    path: Path, size_px: int, level: int = 0, min_tissue: float = 0.0, kept: OpenFiles | None = None
) -> list[str]:
    """Return the values of the tiles that cover a slide, row by row, as `read_tile` takes them.

    Parameters
    ----------
    size_px
        Side of a tile, in pixels of `level`; those that would reach outside are left out.
    min_tissue
        The least part of a tile (0…1) that must not be background: coloured, as seen on the reduced picture.
    """
    facts = slide_facts(path, kept)
    if not 0 <= level < len(facts.levels) or size_px < 1:
        raise Fault("image_no_part")
    full_width, full_height, _ = facts.levels[0]
    step = size_px * facts.levels[level][2]
    corners = [
        (round(column * step), round(row * step))
        for row in range(int(full_height // step))
        for column in range(int(full_width // step))
    ]
    if min_tissue > 0:
        tissue = _tissue(read_slide(path, kept))
        scale = full_width / tissue.shape[1]
        corners = [(x, y) for x, y in corners if _part(tissue, x / scale, y / scale, step / scale) >= min_tissue]
    return [f"{x},{y},{size_px},{size_px},{level}" for x, y in corners]


def _tissue(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return where a reduced picture is coloured: glass is grey, whatever its brightness."""
    wide = picture.astype(np.int16)
    found: NDArray[np.bool_] = wide.max(axis=2) - wide.min(axis=2) > 20
    return found


def _part(tissue: NDArray[np.bool_], left: float, top: float, side: float) -> float:
    rows = slice(int(top), max(int(top) + 1, math.ceil(top + side)))
    columns = slice(int(left), max(int(left) + 1, math.ceil(left + side)))
    piece = tissue[rows, columns]
    return float(piece.mean()) if piece.size else 0.0


def _reduced(facts: SlideFacts) -> tuple[int, tuple[int, int], float]:
    """Return the level to read for the whole, the size it is reduced to, and how many full pixels make one of it."""
    full_width, full_height, _ = facts.levels[0]
    scale = max(1.0, max(full_width, full_height) / WHOLE_PX)
    level = max((at for at, found in enumerate(facts.levels) if found[2] <= scale * 1.001), default=0)
    if facts.levels[level][0] * facts.levels[level][1] > _MAX_READ_PIXELS:
        raise Fault("image_is_slide")
    return level, (max(1, round(full_width / scale)), max(1, round(full_height / scale))), scale


def _on_background(slide: Any, region: Any) -> NDArray[np.uint8]:
    """Return RGB for a region of OpenSlide's, which is transparent where nothing was scanned."""
    from PIL import Image

    said = str(slide.properties.get("openslide.background-color", "FFFFFF"))
    colour = f"#{said}" if re.fullmatch(r"[0-9A-Fa-f]{6}", said) else "#FFFFFF"
    canvas = Image.new("RGB", region.size, colour)
    canvas.paste(region, mask=region.getchannel("A"))
    return np.asarray(canvas).copy()


@contextmanager
def _opened(path: Path, kept: OpenFiles | None) -> Iterator[Any]:
    try:
        from openslide import OpenSlide, OpenSlideError, OpenSlideUnsupportedFormatError
    except (ImportError, OSError):  # the package without its library is no use either
        raise Fault("image_needs_wsi") from None
    key: Hashable = None
    try:
        key = ("slide", str(path), path.stat().st_mtime_ns)
        if kept is None:
            with OpenSlide(path) as slide:
                yield slide
        else:  # OpenSlide lets any number of threads read from it
            yield kept.get(key, lambda: OpenSlide(path))
    except OpenSlideUnsupportedFormatError:
        raise Fault("image_unknown_format") from None
    except OpenSlideError:
        if kept is not None:
            kept.drop(key)  # a slide that failed once fails ever after
        raise Fault("image_damaged") from None
    except FileNotFoundError:
        raise Fault("image_missing") from None


def _number(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if 0 < value < 1e9 else None
