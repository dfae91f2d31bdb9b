"""The facts of a data set's images as arrays in the data set's own order, read through memory maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.quality.facts.bank import ARRAYS, FactsBank
from core.quality.facts.columns import COLUMNS, TAGS

CHUNK_ROWS: Final = 65_536
_COLUMN: Final = {name: index for index, name in enumerate(COLUMNS)}
_TAG: Final = {name: index for index, name in enumerate(TAGS)}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What was measured of N images.

    Attributes
    ----------
    bank
        Where it lies on disk.
    rows
        (N,) int64, each image's row there, -1 of one that could not be read.
    modified_ns
        (N,) int64, when each file was last written, in ns since 1970; 0 where that is not known.
    size_bytes
        (N,) int64, of each file.
    problems
        Why an image could not be read, by index: English, a key of the translations (show it with `tr`).
    measured
        How many were decoded now; the others were known.
    """

    bank: FactsBank
    rows: NDArray[np.int64]
    modified_ns: NDArray[np.int64]
    size_bytes: NDArray[np.int64]
    problems: dict[int, str] = field(default_factory=dict)
    measured: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def readable(self) -> NDArray[np.bool_]:
        """(N,) whether there are facts of it."""
        return self.rows >= 0

    @property
    def small(self) -> NDArray[np.uint8]:
        """(N, 32, 32) grey, stretched, each pixel the mean of what it covers; zeros where unreadable.

        Measured channels (16 bits, floats) run from the image's own least to its greatest 0.1 %.
        """
        return self.array("small")

    @property
    def colours(self) -> NDArray[np.uint8]:
        """(N, 8, 8, 3) the same in colours; grey images thrice."""
        return self.array("colours")

    @property
    def pixel_digest(self) -> NDArray[np.uint8]:
        """(N, 16) BLAKE2b-128 of the decoded pixels, their type and shape; zeros where unreadable."""
        return self.array("pixel_digest")

    @property
    def words(self) -> Sequence[str]:
        """The texts that tags count into."""
        return self.bank.words

    @property
    def taken_s(self) -> NDArray[np.float64]:
        """(N,) seconds since 1970, local time, of the moment that the picture says it was taken; NaN without."""
        day, second = self.column("taken_day").astype(np.float64), self.column("taken_second").astype(np.float64)
        return day * 86_400 + second

    def column(self, name: str) -> NDArray[np.float32]:
        """Return (N,) float32, a number of `core.quality.facts.columns.COLUMNS`; NaN where there is none."""
        return self.columns([name])[:, 0]

    def columns(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return (N, len(names)) float32, as `column`."""
        chosen = [_COLUMN[name] for name in names]
        found = np.full((len(self), len(chosen)), np.nan, dtype=np.float32)
        mapped = self.bank.mapped("numbers")
        for part, rows in self._parts():
            found[part] = mapped[rows][:, chosen]
        return found

    def tag(self, name: str) -> NDArray[np.int32]:
        """Return (N,) int32, a tag of `core.quality.facts.columns.TAGS` as an index into `words`, -1 without."""
        found = np.full(len(self), -1, dtype=np.int32)
        mapped = self.bank.mapped("tags")
        for part, rows in self._parts():
            found[part] = mapped[rows][:, _TAG[name]]
        return found

    def array(self, name: str) -> NDArray[Any]:
        """Return (N, …) one of `core.quality.facts.bank.ARRAYS`.

        A view of the memory map where the images lie in the bank in this order; otherwise a copy in memory.
        """
        mapped, rows = self.bank.mapped(name), self.rows
        if len(rows) and rows[0] >= 0 and bool((np.diff(rows) == 1).all()):
            return mapped[int(rows[0]) : int(rows[-1]) + 1]
        kind, shape = ARRAYS[name]
        found: NDArray[Any] = np.zeros((len(rows), *shape), dtype=kind)
        for part, chosen in self._parts():
            found[part] = mapped[chosen]
        return found

    def take(self, indexes: NDArray[np.int64]) -> ImageFacts:
        """Return the facts of some of the images, in this order."""
        chosen = enumerate(indexes.tolist())
        problems = {new: self.problems[index] for new, index in chosen if index in self.problems}
        return ImageFacts(
            self.bank, self.rows[indexes], self.modified_ns[indexes], self.size_bytes[indexes], problems, self.measured
        )

    def _parts(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield indexes of readable images and their rows, in the order they lie on disk, a part at a time."""
        known = np.flatnonzero(self.rows >= 0)
        order = known[np.argsort(self.rows[known], kind="stable")]
        for start in range(0, len(order), CHUNK_ROWS):
            part = order[start : start + CHUNK_ROWS]
            yield part, self.rows[part]
