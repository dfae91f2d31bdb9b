"""Which files the sample set holds, and what was planted in which: decided before anything is painted.

Every random choice comes from the seed through streams of its own, so that one file never depends on another's
painting and the same seed gives the same set, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import Final

import numpy as np
from numpy.random import Generator

from core.ingest.sample_set.cells import LABELS

N_SLIDES: Final = 20
N_CELLS: Final = 1150
N_WRONG: Final = 34
N_EXACT: Final = 15
N_NEAR: Final = 25
N_BLURRED: Final = 25

# A common cell is a hundred times commoner than a rare one in blood; a lab that collects for a classifier evens out.
SHARES: Final[dict[str, float]] = {
    "Basophil": 0.07,
    "Eosinophil": 0.13,
    "Erythroblast": 0.12,
    "Lymphocyte": 0.24,
    "Monocyte": 0.15,
    "Neutrophil": 0.29,
}
MISTAKEN_FOR: Final[dict[str, tuple[str, ...]]] = {
    "Basophil": ("Neutrophil", "Eosinophil", "Lymphocyte"),
    "Eosinophil": ("Neutrophil", "Basophil"),
    "Erythroblast": ("Lymphocyte", "Monocyte"),
    "Lymphocyte": ("Erythroblast", "Monocyte"),
    "Monocyte": ("Lymphocyte", "Neutrophil"),
    "Neutrophil": ("Eosinophil", "Monocyte", "Basophil"),
}


class Fault(StrEnum):
    """What was planted in a file."""

    WRONG_LABEL = "wrong_label"
    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    BLURRED = "blurred"
    FOREIGN = "foreign"


class Foreign(StrEnum):
    """What a file shows that shows no cell."""

    FIBRE = "fibre"
    BUBBLE = "bubble"
    PEN = "pen"
    EMPTY = "empty"


FOREIGN_OBJECTS: Final = (*[Foreign.FIBRE] * 3, *[Foreign.BUBBLE] * 2, *[Foreign.PEN] * 2, *[Foreign.EMPTY] * 3)


@dataclass(frozen=True, slots=True)
class Item:
    """One file to be.

    Attributes
    ----------
    stream
        Number of the random stream it is painted from, unique in the set.
    label
        What the cell is; None where there is none.
    given
        The folder it lies in.
    slide
        Index of its slide, from 0.
    cell
        Number of the file within its slide, from 1.
    faults
        What was planted in it; the copy carries the fault of a duplicate, the original does not.
    copy_of
        The stream of the original, for a duplicate.
    foreign
        What it shows instead of a cell.
    """

    stream: int
    label: str | None
    given: str
    slide: int
    cell: int = 0
    faults: tuple[Fault, ...] = ()
    copy_of: int | None = None
    foreign: Foreign | None = None

    @property
    def stem(self) -> str:
        """The file's path below the images, without its suffix."""
        return f"{self.given}/slide{self.slide + 1:02d}_cell{self.cell:04d}"


def make_plan(seed: int) -> list[Item]:
    """Return every file of the set, in the order of slide and cell."""
    rng = np.random.default_rng([seed, 0])
    cells = _cells(rng)
    chosen = iter(rng.permutation(len(cells)).tolist())
    for index in _take(chosen, N_WRONG):
        cells[index] = _mislabel(rng, cells[index])
    for index in _take(chosen, N_BLURRED):
        cells[index] = replace(cells[index], faults=(Fault.BLURRED,))
    copies = [_exact_copy(rng, cells[index], turn) for turn, index in enumerate(_take(chosen, N_EXACT))]
    copies += [_near_copy(rng, cells[index], turn) for turn, index in enumerate(_take(chosen, N_NEAR))]
    strangers = [_stranger(rng, foreign) for foreign in FOREIGN_OBJECTS]
    extras = [replace(item, stream=len(cells) + number) for number, item in enumerate(copies + strangers)]
    return _numbered(rng, cells + extras)


def _take(numbers: Iterator[int], count: int) -> list[int]:
    return list(islice(numbers, count))


def _cells(rng: Generator) -> list[Item]:
    """Return cells with exact shares of labels, spread over slides that differ in size and in what they hold."""
    labels = [label for label in LABELS for _ in range(round(N_CELLS * SHARES[label]))]
    sizes = rng.dirichlet(np.full(N_SLIDES, 9.0))
    chances = {}
    for label in LABELS:
        weights = sizes * rng.gamma(6.0, 1 / 6.0, N_SLIDES)
        chances[label] = weights / weights.sum()
    slides = [int(rng.choice(N_SLIDES, p=chances[label])) for label in labels]
    return [
        Item(stream=number, label=label, given=label, slide=slide)
        for number, (label, slide) in enumerate(zip(labels, slides, strict=True))
    ]


def _mistaken(rng: Generator, label: str) -> str:
    """Return a label that a tired person gives instead: four times in five one that looks alike."""
    others = [other for other in LABELS if other != label]
    return str(rng.choice(list(MISTAKEN_FOR[label]) if rng.random() < 0.8 else others))


def _mislabel(rng: Generator, item: Item) -> Item:
    return replace(item, given=_mistaken(rng, item.label or item.given), faults=(*item.faults, Fault.WRONG_LABEL))


def _exact_copy(rng: Generator, original: Item, turn: int) -> Item:
    """Return a copy: every third one under another label, every fifth one under another slide's name."""
    copy = replace(original, copy_of=original.stream, faults=(Fault.EXACT_DUPLICATE,))
    if turn % 5 == 4:
        copy = replace(copy, slide=_other_slide(rng, original.slide))
    return _mislabel(rng, copy) if turn % 3 == 2 else copy


def _near_copy(rng: Generator, original: Item, turn: int) -> Item:
    """Return a copy that was edited and saved again: every fifth one under another slide's name."""
    copy = replace(original, copy_of=original.stream, faults=(Fault.NEAR_DUPLICATE,))
    return replace(copy, slide=_other_slide(rng, original.slide)) if turn % 5 == 4 else copy


def _other_slide(rng: Generator, slide: int) -> int:
    return int((slide + rng.integers(1, N_SLIDES)) % N_SLIDES)


def _stranger(rng: Generator, foreign: Foreign) -> Item:
    given = str(rng.choice(list(LABELS)))
    slide = int(rng.integers(N_SLIDES))
    return Item(stream=0, label=None, given=given, slide=slide, faults=(Fault.FOREIGN,), foreign=foreign)


def _numbered(rng: Generator, items: list[Item]) -> list[Item]:
    """Number the files of each slide from 1, in an order that gives nothing away."""
    numbered: list[Item] = []
    shuffled = [items[index] for index in rng.permutation(len(items)).tolist()]
    for slide in range(N_SLIDES):
        held = [item for item in shuffled if item.slide == slide]
        numbered += [replace(item, cell=number) for number, item in enumerate(held, 1)]
    return numbered
