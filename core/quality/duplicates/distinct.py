"""Whether two images agree far better than look-alikes of this data set do.

Silhouettes on black agree almost wholly with any other of their kind. What counts is what an image has of its own:
the rest of it, once the shapes that the images of the set have in common are taken away (the first principal
components, as with eigenfaces: Turk & Pentland, 1991). Look-alikes, laid over one another, agree in that rest by
chance; how much is learnt from the set's own, as Fisher's z of their correlation (Fisher, 1921), and a pair has to lie
beyond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.progress import Progress
from core.quality.duplicates.registration import judge, register, warped
from core.quality.duplicates.turns import first_maps
from core.quality.duplicates.verify import Match

Pairs = NDArray[np.int64]

_SHAPES: Final = 48
_IMAGES_PER_SHAPE: Final = 12
"""Shapes that fewer images bear out might be the images themselves."""
_SAMPLE: Final = 4_000
_LOOK_ALIKES: Final = 1_500
_ALIKE: Final = 0.9
"""Correlation from which two pictures look alike."""
_FIRST: Final = 0.78
_PLAIN_COPY: Final = 0.85
"""Agreement of the fine structure from which a match is no example of a look-alike."""
_BEFOREHAND: Final = (0.5, 0.3, 30.0)
"""What is taken for z of look-alikes before any is seen: middle, spread, and the look-alikes that it weighs."""
_BEYOND: Final = 4.0
"""Spreads beyond the middle that a pair lies at least."""
_LEAST, _MOST = 0.75, 2.1
_NO_LOOK_ALIKE: Final = 1.7
"""z from which a pair is likelier a copy that was not noticed than an example of a look-alike."""
_QUANTILES: Final = {0.9: 1.282, 0.97: 1.881, 0.99: 2.326}
"""With how many spreads above the middle they are of a normal distribution."""
_WIDEST: Final = 0.4
_EDGE_PX: Final = 2
_BATCH: Final = 512
_SEED: Final = 4


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """How much different images of a set agree in what each has of its own.

    Attributes
    ----------
    middle, spread
        Of Fisher's z of the correlation.
    count
        How many pairs that was learnt from.
    compared
        How many pairs are judged by it: of more, the most alike by chance are more alike.
    """

    middle: float
    spread: float
    count: int
    compared: int = 1

    @property
    def limit(self) -> float:
        """The z that one look-alike of a whole data set is expected to reach, were it normally distributed."""
        beyond = max(_BEYOND, (2 * np.log(max(self.compared, 1))) ** 0.5)
        return float(min(max(self.middle + beyond * self.spread, _LEAST), _MOST))

    def certainty(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how sure it is that pairs are no mere look-alikes, 0 to 1; a half at the limit."""
        excess = (z - self.limit) / self.spread
        found: NDArray[np.float64] = np.where(
            excess >= 0, 1 - 0.5 * np.exp(-np.abs(excess)), 0.5 * np.exp(-np.abs(excess))
        )
        return found


class Distinct:
    """Tells copies from look-alikes.

    Parameters
    ----------
    small
        (N, 32, 32) grey pictures, stretched.
    candidates
        (P, 2) pairs of rows that were compared, copies or not.
    matches
        Those of them that agree.
    """

    def __init__(
        self, small: NDArray[np.uint8], candidates: Pairs, matches: Sequence[Match], progress: Progress
    ) -> None:
        self._small = small
        self._mean, self._shapes = _common(small, matches)
        plain = {_key(match.frame, match.host) for match in matches if match.detail >= _PLAIN_COPY}
        self.look_alikes = _learnt(self._z_of_look_alikes(candidates, plain, progress), len(candidates))

    def judged(self, matches: Sequence[Match]) -> list[Match]:
        """Return the matches, each with its `certainty`."""
        if not matches:
            return []
        pairs = np.array([(match.frame, match.host) for match in matches], dtype=np.int64)
        maps = torch.from_numpy(np.stack([match.map for match in matches]).astype(np.float32))
        certain = self.look_alikes.certainty(self._z(pairs, maps)).tolist()
        return [replace(match, certainty=sure) for match, sure in zip(matches, certain, strict=True)]

    def _z_of_look_alikes(
        self, candidates: Pairs, plain: set[tuple[int, int]], progress: Progress
    ) -> NDArray[np.float64]:
        """Return (n,) z of some candidates that look alike, but for plain copies."""
        random = np.random.default_rng(_SEED)
        picked = candidates[np.sort(random.permutation(len(candidates))[:_SAMPLE])]
        picked = picked[[_key(a, b) not in plain for a, b in picked.tolist()]] if len(picked) else picked
        pairs, maps, agreement = first_maps(self._small, picked)
        hopeful = np.flatnonzero(agreement >= _FIRST)
        hopeful = np.sort(random.permutation(hopeful)[:_LOOK_ALIKES])
        found = [np.empty(0)]
        for start in range(0, len(hopeful), _BATCH):
            part = hopeful[start : start + _BATCH]
            better, alike = self._laid(pairs[part], maps[torch.from_numpy(part)])
            found.append(self._z(pairs[part][alike], better[torch.from_numpy(alike)]))
            progress.checkpoint()
        return np.concatenate(found)

    def _laid(self, pairs: Pairs, maps: Tensor) -> tuple[Tensor, NDArray[np.bool_]]:
        """Return the maps under which pairs agree best, and whether they look alike then."""
        frames, hosts = self._pictures(pairs)
        half = avg_pool2d(torch.stack([frames, hosts]), 2)
        better = register(half[0], half[1], maps, turns=4, blur=0.8, middle=True)
        better = register(frames, hosts, better, turns=4, blur=0.5)
        found = judge(frames, hosts, better)
        alike = (found.agreement >= _ALIKE) & (found.covered >= 0.7) & (found.contained >= 0.4)
        return better, alike.numpy()

    def _pictures(self, pairs: Pairs) -> tuple[Tensor, Tensor]:
        frames, hosts = (torch.from_numpy(self._small[pairs[:, side]].astype(np.float32)) for side in (0, 1))
        return frames, hosts

    def _z(self, pairs: Pairs, maps: Tensor) -> NDArray[np.float64]:
        """Return (n,) Fisher's z of how pairs, so laid over one another, agree in what each has of its own."""
        if not len(pairs):
            return np.empty(0)
        found = []
        for start in range(0, len(pairs), _BATCH):
            part = slice(start, start + _BATCH)
            frames, hosts = self._pictures(pairs[part])
            seen, both = warped(hosts[:, None], maps[part])
            inner = both.clone()
            inner[:, :_EDGE_PX], inner[:, -_EDGE_PX:] = False, False
            inner[:, :, :_EDGE_PX], inner[:, :, -_EDGE_PX:] = False, False
            found.append(self._correlation(frames.flatten(1), seen[:, 0].flatten(1), both.flatten(1), inner.flatten(1)))
        return np.arctanh(np.clip(torch.cat(found).numpy().astype(np.float64), -0.999, 0.999))

    def _correlation(self, frames: Tensor, seen: Tensor, both: Tensor, inner: Tensor) -> Tensor:
        """Return (n,) the correlation of what is left of two pictures (n, 1024), where both are."""
        frame_mean, frame_spread = _level(frames, both)
        mean, spread = _level(seen, both)
        seen = torch.where(both, (seen - mean) * (frame_spread / spread) + frame_mean, frames)
        a, b, inner = self._usually_turned(frames, seen, inner)
        a, b = (own - own.sum(1, keepdim=True) / inner.sum(1, keepdim=True).clamp_min(1) * inner for own in (a, b))
        scale = (a.square().sum(1) * b.square().sum(1)).sqrt()
        return torch.where(scale > 1e-9, (a * b).sum(1) / scale.clamp_min(1e-9), torch.ones_like(scale))

    def _usually_turned(self, a: Tensor, b: Tensor, inner: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what two pictures have of their own and where both are, turned as the common shapes explain most."""
        left = torch.full((len(a),), torch.inf)
        found = torch.zeros(3, *a.shape)
        for turn in range(8 if len(self._shapes) else 1):
            mask = _turned(inner, turn).float()
            own = torch.stack([self._own(_turned(a, turn)) * mask, self._own(_turned(b, turn)) * mask, mask])
            energy = own[:2].square().sum((0, 2))
            found = torch.where((energy < left)[None, :, None], own, found)
            left = torch.minimum(energy, left)
        return found[0], found[1], found[2]

    def _own(self, pictures: Tensor) -> Tensor:
        """Return what pictures (n, 1024) have besides the common shapes."""
        apart = _standard(pictures) - self._mean
        return apart - (apart @ self._shapes.T) @ self._shapes


def _common(small: NDArray[np.uint8], matches: Sequence[Match]) -> tuple[Tensor, Tensor]:
    """Return the mean (1024,) and the shapes (k, 1024) that pictures have in common."""
    rows = _spread_out(len(small), matches)
    count = min(_SHAPES, len(rows) // _IMAGES_PER_SHAPE)
    if not count:
        return torch.zeros(small[0].size if len(small) else 0), torch.zeros(0, small[0].size if len(small) else 0)
    pictures = _standard(torch.from_numpy(small[rows].reshape(len(rows), -1).astype(np.float32)))
    mean = pictures.mean(0)
    apart = pictures - mean
    _, vectors = torch.linalg.eigh(apart.T @ apart)
    return mean, vectors[:, -count:].T.contiguous()


def _spread_out(count: int, matches: Sequence[Match]) -> NDArray[np.int64]:
    """Return rows to learn from, of many that match one another a few: copies are no common shape."""
    from core.quality.duplicates.clusters import clusters

    left_out = np.zeros(count, dtype=np.bool_)
    for members in clusters([(match.frame, match.host) for match in matches]):
        left_out[list(members[int(len(members) ** 0.5) :])] = True
    rows = np.flatnonzero(~left_out)
    random = np.random.default_rng(_SEED)
    return rows if len(rows) <= 2 * _SAMPLE else np.sort(random.choice(rows, 2 * _SAMPLE, replace=False))


def _learnt(z: NDArray[np.float64], compared: int) -> LookAlikes:
    """Return what look-alikes reach: quantiles, of which the higher ones tell whether the tail is a long one."""
    middle, spread, weight = _BEFOREHAND
    z = z[z < _NO_LOOK_ALIKE]
    if len(z) < 2:
        return LookAlikes(middle, spread, len(z), compared)
    half, *high = np.quantile(z, [0.5, *_QUANTILES])
    share = len(z) / (len(z) + weight)
    seen = max((one - half) / spreads for one, spreads in zip(high, _QUANTILES.values(), strict=True))
    seen = min(max(seen, 0.1), _WIDEST)
    middle, spread = share * half + (1 - share) * middle, share * seen + (1 - share) * spread
    return LookAlikes(float(middle), float(spread), len(z), compared)


def _turned(pictures: Tensor, turn: int) -> Tensor:
    """Return square pictures (n, S²) turned by quarters, and mirrored from the fourth turn on."""
    size = int(pictures.shape[1] ** 0.5)
    square: Tensor = torch.rot90(pictures.reshape(-1, size, size), turn % 4, (1, 2))
    return (square.flip(2) if turn >= 4 else square).flatten(1)


def _standard(pictures: Tensor) -> Tensor:
    apart = pictures - pictures.mean(1, keepdim=True)
    lengths = torch.linalg.vector_norm(apart, dim=1, keepdim=True)
    found: Tensor = apart / lengths.clamp_min(1e-3)
    return found


def _level(pictures: Tensor, where: Tensor) -> tuple[Tensor, Tensor]:
    count = where.sum(1, keepdim=True).clamp_min(1)
    mean = (pictures * where).sum(1, keepdim=True) / count
    spread = (((pictures - mean) * where).square().sum(1, keepdim=True) / count).sqrt()
    return mean, spread.clamp_min(1e-3)


def _key(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)
