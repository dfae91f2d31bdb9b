"""What differs between two near-duplicates: the one laid over the other, in the background, kept for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from core.domain.findings import FindingKind
from core.translation import tr
from desktop_app.workers.background_cache import BackgroundCache
from desktop_app.workers.thumbnail_loader import ReadThumbnail, to_image

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop_app.pages.clean.case import CaseFacts

PAIRED: Final = frozenset({FindingKind.CONFLICTING_DUPLICATE, FindingKind.NEAR_DUPLICATE})
SIZE_PX: Final = 256
_EQUAL: Final = 128
_BUDGET_BYTES: Final = 64 * 2**20
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference image of a pair, and how large it is: 0 to 1, or None where they could not be aligned."""

    image: QImage
    apart: float | None

    @property
    def words(self) -> str:
        """How large it is, in the language in use."""
        if self.apart is None:
            return tr("could not be aligned")
        return tr("{d} % apart", d=f"{100 * self.apart:.1f}")


class Differences(QObject):
    """Difference images by pair of samples.

    Signals
    -------
    loaded
        Some arrived, well or not.
    """

    loaded = Signal()

    def __init__(self, read: ReadThumbnail, parent: QObject | None = None) -> None:
        """`read` gives the picture of a sample at a size, on worker threads."""
        super().__init__(parent)
        self._read = read
        self._cache: BackgroundCache[Pair, Difference] = BackgroundCache(
            self._load, lambda one: int(one.image.sizeInBytes()), budget_bytes=_BUDGET_BYTES, threads=1, parent=self
        )
        self._cache.loaded.connect(lambda _: self.loaded.emit())

    def reset(self) -> None:
        """Forget everything and wait for what is being made: another project, or none."""
        self._cache.reset()

    def want(self, cases: Iterable[CaseFacts]) -> None:
        """Make the differences of those of these cases that are pairs, in this order."""
        pairs = [case.members for case in cases if case.finding.kind in PAIRED and len(case.members) == 2]
        self._cache.want((first, second) for first, second in pairs)

    def of(self, first: int, second: int) -> Difference | None:
        """Return the difference of a pair, if it is here."""
        return self._cache.get((first, second))

    def failure(self, first: int, second: int) -> str:
        """Return why there is none, or an empty text."""
        return self._cache.failure((first, second))

    def forget(self) -> None:
        """Make all again when they are wanted: files may have changed."""
        self._cache.forget()

    def _load(self, pair: Pair) -> Difference:
        first, second = (self._read(sample_id, SIZE_PX) for sample_id in pair)
        return difference(first, second)


def difference(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Difference:
    """Return how two pictures (h, w, 3) differ once the one lies as the other does; grey where they are equal."""
    from core.quality.duplicates.pair import aligned_pair

    pair = aligned_pair(first, second)
    shown, apart = pair.difference, _apart(pair.difference)
    if first.shape == second.shape:
        # Laying one over the other costs a little sharpness: of equal pictures nothing may be left.
        plain = (_EQUAL + np.clip((first.astype(np.int16) - second) // 2, -_EQUAL, _EQUAL - 1)).astype(np.uint8)
        plainly = _apart(plain)
        if plainly == 0 or (pair.relation is not None and plainly < apart):
            return Difference(to_image(plain), plainly)
    return Difference(to_image(shown), apart if pair.relation is not None else None)


def _apart(difference: NDArray[np.uint8]) -> float:
    """Return how far a difference is from grey, 0 to 1."""
    return float(np.abs(difference.astype(np.int16) - _EQUAL).mean()) / _EQUAL
