"""What a grid needs to know of each of its items, and where it gets it from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QImage


@dataclass(frozen=True, slots=True)
class Pill:
    """A small coloured plate with a glyph and a text, such as a label; a dashed outline where it is `suggested`."""

    text: str
    glyph: str
    colour: str
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One item of a grid.

    Attributes
    ----------
    name
        The file's name, for tooltips and screen readers.
    pills
        Plates at the bottom left, the first one lowest; a tile shows the first three and counts the rest.
    note
        A few characters at the bottom right, such as a confidence.
    corner
        A few characters at the top left, such as the split.
    warning
        What was found about it, in words; shown as a round mark at the top right.
    problem
        Why it cannot be read; shown in place of the picture.
    dimmed
        Whether it is left out of everything.
    details
        More lines for the tooltip.
    """

    name: str
    pills: tuple[Pill, ...] = ()
    note: str = ""
    corner: str = ""
    warning: str = ""
    problem: str = ""
    dimmed: bool = False
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over tiles that have something in common, with glyph and colour where that is a label."""

    text: str
    glyph: str = ""
    colour: str = ""


class TileSource(Protocol):
    """Gives the tiles of ids; on the GUI thread, so it must answer at once."""

    def prepare(self, ids: Sequence[int]) -> None:
        """Be told which ids are about to be asked for, to fetch them in one go."""

    def tile(self, sample_id: int) -> Tile:
        """Return the tile of an id."""


class ThumbnailSource(Protocol):
    """Gives the pictures of ids, as they arrive; a `desktop_app.workers.thumbnail_loader.ThumbnailLoader`."""

    @property
    def loaded(self) -> SignalInstance:
        """Emitted with the ids of which pictures have arrived; at most once a frame."""

    def image(self, sample_id: int, size_px: int) -> QImage | None:
        """Return the picture, or None while it is not here."""

    def failure(self, sample_id: int, size_px: int) -> str:
        """Return why there is none, or an empty text."""

    def want(self, sample_ids: Iterable[int], size_px: int) -> None:
        """Be told what is wanted now, most urgent first."""
