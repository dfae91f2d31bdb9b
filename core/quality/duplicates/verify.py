"""Whether two images show the same pixels: laid over one another, first small, then as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.errors import UnreadableImage
from core.progress import Progress
from core.quality.duplicates.registration import Registration, judge, register
from core.quality.duplicates.structure import Structure, repeats, shared_structure
from core.quality.duplicates.turns import first_maps
from core.translation import mark

ReadRgb = Callable[[int], NDArray[np.uint8]]
"""Returns the image of a row, (H, W, 3) uint8, or raises `UnreadableImage`; any thread may call it."""
Pairs = NDArray[np.int64]

COVERED: Final = 0.72
"""Share of the inner picture that lies within the other: two crops of a scene that merely overlap are not the same."""
CONTAINED: Final = 0.33
"""Share of the outer picture that the inner one shows."""
_SIZE: Final = 96
_SMALL_BANDS: Final = ((0.5, 3.0, 2.0),)
_COARSE_FINE_PX: Final = 1.0
_BLOCK: Final = 4_096
_SMALL_BATCH, _BATCH = 512, 64
_THREADS: Final = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """What two pictures have to reach to be laid over one another in more detail, and to be told as a match.

    Attributes
    ----------
    first
        Correlation before any refinement, at 16 pixels.
    coarse_agrees, coarse_detail
        Correlation, and that of the fine structure, laid over one another at 16 pixels.
    small_agrees, small_texture
        At 32 pixels, where they do not differ grossly: correlation, and that of their structure (Fisher's z).
    agrees
        Correlation at full detail, where they do not differ grossly.
    kept
        Share of what both show where they do not.
    covered, contained
        Shares of the frame within the host, and of the host within the frame.
    """

    first: float = 0.65
    coarse_agrees: float = 0.8
    coarse_detail: float = 0.5
    small_agrees: float = 0.87
    small_texture: float = 0.85
    agrees: float = 0.87
    kept: float = 0.75
    covered: float = COVERED
    contained: float = CONTAINED


STRICT: Final = Limits()
KNOWN: Final = Limits(0.3, 0.3, -1.0, 0.6, -1.0, 0.75, 0.3)
"""For two pictures that somebody says are the same."""
ANY: Final = Limits(0.65, -1.0, -1.0, -1.0, -9.0, -1.0, 0.0, 0.5, 0.2)
"""For seeing how much look-alikes agree."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two images that show the same.

    Attributes
    ----------
    frame, host
        Rows; the frame lies in the host, or both show the same part.
    map
        (2, 3) from places in the frame to places in the host, each -1 to 1 along its own image.
    agreement
        Correlation where they do not differ grossly.
    bands
        What they share of each band of detail, as in `Structure`.
    covered, contained
        Shares of the frame within the host, and of the host within the frame.
    gain, offset
        Levels of the frame are `gain` × levels of the host + `offset` (0 to 255).
    certainty
        How sure it is that they are no mere look-alikes, 0 to 1 (`distinct`).
    copied
        How sure it is that one was made from the other's file, rather than taken or cut out again, 0 to 1.
    repeats
        How well they agree with themselves once moved, 0 to 1.
    """

    frame: int
    host: int
    map: NDArray[np.float32]
    agreement: float
    bands: tuple[float, ...]
    covered: float
    contained: float
    gain: float
    offset: float
    certainty: float = 1.0
    repeats: float = 0.0
    copied: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether both show all of the same, but for corners."""
        return min(self.covered, self.contained) >= 0.85


def verified(
    pairs: Pairs, small: NDArray[np.uint8], read: ReadRgb, progress: Progress, limits: Limits = STRICT
) -> list[Match]:
    """Return which of the pairs (P, 2) show the same, in their order.

    Parameters
    ----------
    small
        (N, 32, 32) grey pictures, stretched, of all rows.
    """
    progress.begin(mark("Laying images over one another"), len(pairs))
    found: list[Match] = []
    for start in range(0, len(pairs), _BLOCK):
        block = pairs[start : start + _BLOCK]
        ordered, maps = _alike(block, small, limits, progress)
        found += _proven(ordered, maps, read, limits, progress)
        progress.advance(len(block))
    return found


def _alike(pairs: Pairs, small: NDArray[np.uint8], limits: Limits, progress: Progress) -> tuple[Pairs, Tensor]:
    """Return the pairs that agree at 32 pixels, the frame first, and their maps (n, 2, 3)."""
    ordered, maps, agreement = first_maps(small, pairs)
    hopeful = np.flatnonzero(agreement >= limits.first)
    ordered, maps = ordered[hopeful], maps[torch.from_numpy(hopeful)]
    kept, better = [np.empty(0, dtype=np.int64)], [torch.empty(0, 2, 3)]
    for start in range(0, len(ordered), _SMALL_BATCH):
        part = slice(start, start + _SMALL_BATCH)
        places, found = _laid_over(ordered[part], maps[part], small, limits)
        kept.append(start + places.numpy())
        better.append(found)
        progress.checkpoint()
    return ordered[np.concatenate(kept)], torch.cat(better)


def _laid_over(pairs: Pairs, maps: Tensor, small: NDArray[np.uint8], limits: Limits) -> tuple[Tensor, Tensor]:
    """Return which pairs (n,) agree at 16 and then at 32 pixels, and their maps: most are told apart at 16."""
    frames, hosts = (torch.from_numpy(small[pairs[:, side]].astype(np.float32)) for side in (0, 1))
    half = avg_pool2d(torch.stack([frames, hosts]), 2)
    maps = register(half[0], half[1], maps, turns=2, blur=0.8, middle=True)
    judged = judge(half[0], half[1], maps, fine=_COARSE_FINE_PX)
    places = torch.nonzero(_good(judged, limits)).flatten()
    if not len(places):
        return places, maps[:0]
    frames, hosts = frames[places], hosts[places]
    maps = register(frames, hosts, maps[places], turns=2, blur=0.5)
    shared = shared_structure(frames, hosts, maps, bands=_SMALL_BANDS, edge=1)
    good = (shared.agreement >= limits.small_agrees) & (shared.bands[:, 0] >= limits.small_texture)
    good &= _within(shared, limits, slack=0.1)
    return places[good], maps[good]


def _proven(pairs: Pairs, maps: Tensor, read: ReadRgb, limits: Limits, progress: Progress) -> Iterator[Match]:
    """Yield the pairs that agree at full detail."""
    pictures = _pictures(np.unique(pairs), read)
    there = np.array([a in pictures and b in pictures for a, b in pairs.tolist()], dtype=np.bool_)
    pairs, maps = pairs[there], maps[torch.from_numpy(there)]
    for start in range(0, len(pairs), _BATCH):
        part = slice(start, start + _BATCH)
        frames, hosts = (
            torch.from_numpy(np.stack([pictures[row] for row in pairs[part, side].tolist()])).float() for side in (0, 1)
        )
        yield from _matches(pairs[part], frames, hosts, maps[part], limits)
        progress.checkpoint()


def _matches(pairs: Pairs, frames: Tensor, hosts: Tensor, maps: Tensor, limits: Limits) -> Iterator[Match]:
    found = register(frames, hosts, maps, turns=3, blur=1.0, every=3)
    shared = shared_structure(frames, hosts, found)
    good = (shared.agreement >= limits.agrees) & (shared.kept >= limits.kept) & _within(shared, limits)
    again = torch.zeros(len(pairs))
    if limits is not ANY and good.any():
        again[good] = torch.minimum(repeats(frames[good]), repeats(hosts[good]))
    numbers = torch.stack([shared.covered, shared.contained, shared.gain, shared.offset], dim=1).tolist()
    for place in torch.nonzero(good).flatten().tolist():
        frame, host = pairs[place].tolist()
        agreement, bands = float(shared.agreement[place]), tuple(shared.bands[place].tolist())
        laid = found[place].numpy()
        covered, contained, gain, offset = numbers[place]
        moved = float(again[place])
        yield Match(frame, host, laid, agreement, bands, covered, contained, gain, offset, repeats=moved)


def _good(judged: Registration, limits: Limits) -> Tensor:
    agrees = (judged.agreement >= limits.coarse_agrees) & (judged.detail >= limits.coarse_detail)
    return agrees & _within(judged, limits, slack=0.2)


def _within(judged: Registration | Structure, limits: Limits, slack: float = 0.0) -> Tensor:
    return (judged.covered >= limits.covered - slack) & (judged.contained >= limits.contained - slack)


def _pictures(rows: NDArray[np.int64], read: ReadRgb) -> dict[int, NDArray[np.uint8]]:
    """Return grey pictures of `_SIZE` pixels of the rows that can be read."""

    def one(row: int) -> NDArray[np.uint8] | None:
        with suppress(UnreadableImage):
            return picture(read(row))
        return None

    with ThreadPoolExecutor(_THREADS) as pool:
        found = zip(rows.tolist(), pool.map(one, rows.tolist()), strict=True)
        return {row: grey for row, grey in found if grey is not None}


def picture(rgb: NDArray[np.uint8], size: int = _SIZE) -> NDArray[np.uint8]:
    """Return (size, size) grey, stretched, of an image (H, W, 3)."""
    import cv2

    grey = cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY)
    shrinks = min(grey.shape) >= size
    found: NDArray[np.uint8] = cv2.resize(
        grey, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    return found
