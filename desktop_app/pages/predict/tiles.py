"""What the grid says of each predicted image: its label, how sure that is, and why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from core.domain.labels import UNLABELLED_COLOUR
from core.kit.metadata import KitLabel
from core.translation import tr
from desktop_app.pages.predict.results import Results
from desktop_app.widgets.sample_grid.tiles import Pill, Tile

_MOST_DETAILS: Final = 3


class PredictionTiles:
    """Makes the tiles of rows; `results` answers what is shown now, `threshold` below what it abstains."""

    def __init__(self, results: Callable[[], Results | None], threshold: Callable[[], float]) -> None:
        self._results, self._threshold = results, threshold

    def prepare(self, ids: Sequence[int]) -> None:
        """Nothing to fetch: everything is here."""

    def tile(self, sample_id: int) -> Tile:
        """Return the tile of a row."""
        results = self._results()
        if results is None or sample_id >= len(results.table):
            return Tile("")
        name = PurePosixPath(results.table.paths[sample_id]).name
        error = results.table.errors[sample_id]
        if error is not None:
            return Tile(name, problem=error)
        confidence = float(results.index.confidence[sample_id])
        refused = confidence < self._threshold()
        return Tile(
            name,
            pills=tuple(_pill(label, refused=refused) for label in given_labels(results, sample_id)),
            corner=tr("{share} · refused", share=percent(confidence)) if refused else percent(confidence),
            details=tuple(_details(results, sample_id)),
        )


def given_labels(results: Results, row: int) -> list[KitLabel]:
    """Return the labels a row is given; with many labels an image there may be none."""
    return [results.labels[index] for index in np.flatnonzero(results.index.given[row]).tolist()]


def _pill(label: KitLabel, *, refused: bool) -> Pill:
    colour, glyph = UNLABELLED_COLOUR if refused else (label.colour, label.glyph)
    return Pill(label.name, glyph, colour)


def percent(share: float) -> str:
    """Return a share as ``97 %``; never ``100 %`` or ``0 %`` for what is not quite certain."""
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    if share < 0.001:
        return "< 0.1 %"
    digits = 0 if 0.01 <= share < 0.99 else 1
    return f"{min(share, 0.999) * 100:.{digits}f} %"


def ranked(results: Results, row: int) -> list[tuple[int, float]]:
    """Return (label's index, probability) of a row, the most probable first."""
    values = results.table.probabilities[row].tolist()
    return sorted(enumerate(values), key=lambda pair: -pair[1])


def _details(results: Results, row: int) -> list[str]:
    return [
        tr("{label}: {probability}", label=results.labels[index].name, probability=percent(value))
        for index, value in ranked(results, row)[:_MOST_DETAILS]
    ]
