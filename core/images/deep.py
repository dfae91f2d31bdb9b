"""Opening an image to look into it: small ones in memory, huge ones in a file that the system pages in and out.

A 20,000 × 20,000 picture takes 1.2 GB unpacked, and as much again with every other one compared to it. So beyond
`IN_MEMORY_BYTES` pixels are unpacked into a nameless file of the cache, that goes away with the last who looks at it,
and memory holds no more than what is being read. One thing must stay true: what a header claims is checked against
the size of the file, and of the disk, before anything is made.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.domain.address import parse_address
from core.errors import UnreadableImage
from core.images import deep_decoders
from core.images.channels_seen import ChannelStats, channel_stats
from core.images.contents import facts_of
from core.images.decode import ImageInfo, decode_bytes, read_info_bytes, readable
from core.images.exif import orientation_view
from core.images.files import read_file
from core.images.layers import Layers, layers_of
from core.images.pyramid import Pixels, PixelSource, Pyramid, build_pyramid
from core.images.reader import ImageReader
from core.images.slide_source import SlideSource
from core.images.slides import is_slide
from core.images.trees import FOLDER, REMOTE
from core.paths import user_cache_dir

IN_MEMORY_BYTES: Final = 64 * 2**20
MAX_DEEP_PIXELS: Final = 2**31
"""46,340 × 46,340: more than this belongs into a slide format, which is made for it."""

_SAMPLE_PIXELS: Final = 2**19
_SPARE_BYTES: Final = 2**30


@dataclass(frozen=True, slots=True)
class DeepImage:
    """An image to look into.

    Attributes
    ----------
    source
        Its pixels at every scale.
    stats
        Of each channel, from half a million pixels spread evenly.
    colour
        Whether three channels are red, green and blue.
    pixel_size_um
        Micrometres across one pixel, where the file says.
    channel_names
        As the file gives them, or empty.
    layers
        The other pages or planes of its file, where it has any and `open_sample` opened it.
    """

    source: PixelSource
    stats: tuple[ChannelStats, ...]
    colour: bool
    pixel_size_um: float | None = None
    channel_names: tuple[str, ...] = ()
    layers: Layers | None = None


def deep_image(raw: Pixels, info: ImageInfo | None = None) -> DeepImage:
    """Return decoded pixels, (H, W) or (H, W, C), as something to look into, wherever there is room for it."""
    if raw.nbytes <= IN_MEMORY_BYTES:
        return _looked_at(build_pyramid(raw), info)
    store = DiskStore()
    kept = store.make(raw.shape, raw.dtype)
    kept[...] = raw
    return _looked_at(build_pyramid(kept, store.make, store.relax), info)


def open_sample(reader: ImageReader, source_id: int, path: str) -> DeepImage:
    """Return a sample's image to look into; raises `UnreadableImage` as `ImageReader.raw` does."""
    return replace(_open_sample(reader, source_id, path), layers=layers_of(reader.tree(source_id), path))


def _open_sample(reader: ImageReader, source_id: int, path: str) -> DeepImage:
    if reader.kind(source_id) in (FOLDER, REMOTE) and parse_address(path).part is None:
        return open_deep(reader.file(source_id, path))
    raw, info = reader.raw(source_id, path), None
    with suppress(UnreadableImage):
        info = facts_of(reader.tree(source_id), path)
    return deep_image(raw, info)


def open_deep(path: Path) -> DeepImage:
    """Return the image at `path`, however large, the right way up.

    Raises
    ------
    UnreadableImage
        With the reason; ``image_no_room`` where the disk has no room to unpack it.
    """
    if is_slide(path):
        with readable(path):
            slide = SlideSource(path)
            return DeepImage(slide, channel_stats(slide.overview()), True, slide.pixel_size_um)
    unpack = deep_decoders.unpacker(path)
    if unpack is None or _bytes(unpack) <= IN_MEMORY_BYTES:
        data = read_file(path)
        return deep_image(decode_bytes(data, path), read_info_bytes(data, path))
    with readable(path):
        if unpack.shape[0] * unpack.shape[1] > MAX_DEEP_PIXELS:
            raise UnreadableImage("image_too_large", path=str(path))
        store = DiskStore(2 * _bytes(unpack))
        pixels = store.make(unpack.shape, unpack.dtype)
        unpack.into(pixels, store.relax)
        upright = orientation_view(pixels, unpack.orientation)
        return _looked_at(build_pyramid(upright, store.make, store.relax), None, unpack.pixel_size_um)


def _bytes(unpack: deep_decoders.Unpacker) -> int:
    return int(np.prod(unpack.shape, dtype=np.int64)) * unpack.dtype.itemsize


def _looked_at(pyramid: Pyramid, info: ImageInfo | None, pixel_size_um: float | None = None) -> DeepImage:
    names = info.channel_names if info is not None and len(info.channel_names) == pyramid.channels else ()
    size = info.pixel_size_um if info is not None else None
    return DeepImage(
        source=pyramid,
        stats=channel_stats(np.asarray(pyramid.sample(_SAMPLE_PIXELS))),
        colour=pyramid.channels == 3 and not names,
        pixel_size_um=size[0] if size is not None else pixel_size_um,
        channel_names=names,
    )


class DiskStore:
    """Arrays mapped to nameless files in the cache folder; each file goes away with its array.

    Parameters
    ----------
    wanted_bytes
        What is going to be unpacked; refused with ``image_no_room`` where the disk would be left without room.
    """

    def __init__(self, wanted_bytes: int = 0) -> None:
        self._folder = user_cache_dir()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._made: list[np.memmap[Any, Any]] = []
        if shutil.disk_usage(self._folder).free < wanted_bytes + _SPARE_BYTES:
            raise UnreadableImage("image_no_room", path=str(self._folder))

    def make(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Pixels:
        """Return an array of zeros that lies in a file."""
        with tempfile.TemporaryFile(dir=self._folder, prefix="loupe-") as file:
            array: np.memmap[Any, Any] = np.memmap(file, dtype, "w+", shape=shape)
        self._made.append(array)
        return array

    def relax(self) -> None:
        """Give back the memory that the arrays' pages take; what was written stays in the file."""
        for array in self._made:
            _let_go(array)


def _let_go(array: np.memmap[Any, Any]) -> None:
    import mmap

    mapped, advice = getattr(array, "_mmap", None), getattr(mmap, "MADV_DONTNEED", None)
    if mapped is not None and advice is not None:  # Windows trims the working set by itself
        mapped.madvise(advice)
