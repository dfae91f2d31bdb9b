"""What a prediction answered, arranged for looking at: pure arithmetic over the table, quick enough for a slider.

One thing must stay true: what counts as answered and as refused here is what `PredictionTable.decisions` writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.images.display import Display
from core.images.intensity import Window
from core.inference.results import PredictionTable
from core.kit.metadata import KitLabel

Rows = NDArray[np.int64]
BINS: Final = 50


class Kind(StrEnum):
    """What part of the images is shown."""

    ALL = "all"
    LABEL = "label"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Shown:
    """A part of the images; `label` is the index of the label where the kind is `Kind.LABEL`."""

    kind: Kind = Kind.ALL
    label: int = -1


@dataclass(frozen=True, slots=True)
class ResultCounts:
    """How many images are answered (in all and (K,) by label), refused because of the threshold, and unreadable."""

    answered: int
    by_label: NDArray[np.int64]
    refused: int
    unreadable: int

    @property
    def total(self) -> int:
        """How many images there are."""
        return self.answered + self.refused + self.unreadable

    def of(self, shown: Shown) -> int:
        """Return how many images a part has."""
        match shown.kind:
            case Kind.ALL:
                return self.total
            case Kind.LABEL:
                return int(self.by_label[shown.label])
            case Kind.REFUSED:
                return self.refused
            case Kind.UNREADABLE:
                return self.unreadable


class ResultIndex:
    """The order and the counts of a table's rows at any threshold.

    Attributes
    ----------
    best
        (N,) the most probable label of each row; -1 where the image cannot be read.
    given
        (N, K) bool: the labels each row is given.
    confidence
        (N,) float64, how sure its answer is; NaN where the image cannot be read.
    """

    def __init__(self, table: PredictionTable) -> None:
        self.best = table.best
        self.given = table.given
        self._multi = table.multi
        # As Python's floats, which is how `decisions` compares them.
        self.confidence: NDArray[np.float64] = table.confidence.astype(np.float64)
        readable = np.flatnonzero(self.best >= 0)
        self._ascending = readable[np.argsort(self.confidence[readable], kind="stable")]
        self._sorted = self.confidence[self._ascending]
        self._unreadable = np.flatnonzero(self.best < 0)

    def counts(self, threshold: float) -> ResultCounts:
        """Count at a threshold."""
        first = self._first_answered(threshold)
        answered = self._ascending[first:]
        if self._multi:
            by_label = np.asarray(self.given[answered].sum(axis=0), dtype=np.int64)
        else:  # the same, quicker
            by_label = np.bincount(self.best[answered], minlength=self.given.shape[1]).astype(np.int64)
        return ResultCounts(len(answered), by_label, first, len(self._unreadable))

    def rows(self, shown: Shown, threshold: float, *, lowest_first: bool = True) -> Rows:
        """Return the rows of a part, by confidence; those without an answer come last."""
        first = self._first_answered(threshold)
        readable = self._ascending
        match shown.kind:
            case Kind.LABEL:
                answered = readable[first:]
                readable = answered[self.given[answered, shown.label]]
            case Kind.REFUSED:
                readable = readable[:first]
            case Kind.UNREADABLE:
                readable = readable[:0]
        rows = readable if lowest_first else readable[::-1]
        if shown.kind in (Kind.ALL, Kind.UNREADABLE):
            rows = np.concatenate([rows, self._unreadable])
        return rows.astype(np.int64)

    def histogram(self) -> NDArray[np.int64]:
        """Return how many confidences lie in each of `BINS` equal steps from 0 to 1."""
        return np.histogram(self._sorted, bins=BINS, range=(0.0, 1.0))[0].astype(np.int64)

    def _first_answered(self, threshold: float) -> int:
        return int(np.searchsorted(self._sorted, threshold, side="left"))


@dataclass(frozen=True, slots=True)
class Results:
    """One prediction.

    Attributes
    ----------
    model
        What answered, in words.
    of_run
        Whether it is a run of the project that was open.
    source
        The folder or the image that was given.
    labels
        K labels with their colours, in the order of the table's columns.
    provider
        The execution provider that truly ran, as ONNX Runtime names it.
    window
        Through which 16-bit images were seen, by a model that takes 8-bit ones.
    display
        How images of measured channels are shown: through the windows of the model; None for others.
    seconds
        How long the images took.
    """

    table: PredictionTable
    index: ResultIndex
    model: str
    of_run: bool
    source: str
    labels: tuple[KitLabel, ...]
    provider: str
    window: Window | None
    display: Display | None
    seconds: float
