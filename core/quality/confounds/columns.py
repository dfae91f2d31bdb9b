"""What is known of images apart from what they show, in families, each as columns of numbers or of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.quality.facts.image_facts import ImageFacts

_NUMBERS: Final = re.compile(r"\d+|[^\W\d_]+")
MOST_TOKENS: Final = 6
_DAY_NS: Final = 86_400 * 10**9
_SIDES: Final = ("top", "right", "bottom", "left")


@dataclass(frozen=True, slots=True)
class Column:
    """One thing known of n images.

    Attributes
    ----------
    name
        Of the fact, as in `core.quality.facts.columns`, or of the part of the file name.
    values
        (n,) float64, NaN where it is not known; of a column of names, indexes into `words`.
    words
        What a name stands for; None of a column of numbers.
    """

    name: str
    values: NDArray[np.float64]
    words: Sequence[str] | None = None

    @property
    def varies(self) -> bool:
        """Whether it could tell anything: it is not the same for all, being unknown counting as a value."""
        known = np.isfinite(self.values)
        return bool(known.any()) and (not known.all() or bool((self.values != self.values[0]).any()))


@dataclass(frozen=True, slots=True)
class Family:
    """Columns about the same thing.

    Attributes
    ----------
    weight
        0 to 1: how badly a classifier that learns from this would mislead.
    biology
        Whether the labels may differ in it because of what they are.
    """

    name: str
    columns: tuple[Column, ...]
    weight: float
    biology: bool = False


_WEIGHTS: Final[dict[str, tuple[float, bool]]] = {
    "device": (1.0, False),
    "date": (0.95, False),
    "encoding": (0.9, False),
    "border": (0.7, True),
    "file_date": (0.5, False),
    "size": (0.45, True),
    "aspect": (0.4, True),
    "name": (0.35, False),
}


def families(facts: ImageFacts | None, paths: Sequence[str], label_names: Sequence[str]) -> list[Family]:
    """Return what is known of n images, by family; only columns that vary.

    Parameters
    ----------
    facts
        Of the same n images; None leaves only their names.
    """
    found = _of_facts(facts) if facts is not None else {}
    found["name"] = name_columns(paths, label_names)
    return [
        Family(name, tuple(kept), *_WEIGHTS[name])
        for name, columns in found.items()
        if (kept := [column for column in columns if column.varies])
    ]


def _of_facts(facts: ImageFacts) -> dict[str, list[Column]]:
    def numbers(*names: str) -> list[Column]:
        table = facts.columns(names).astype(np.float64)
        return [Column(name, table[:, i]) for i, name in enumerate(names)]

    def tags(*names: str) -> list[Column]:
        codes = [facts.tag(name).astype(np.float64) for name in names]
        return [
            Column(name, np.where(code < 0, np.nan, code), facts.words) for name, code in zip(names, codes, strict=True)
        ]

    width, height = numbers("width", "height")
    modified = np.where(facts.modified_ns > 0, facts.modified_ns // _DAY_NS, np.nan)
    border = [f"border_{side}_{colour}" for side in _SIDES for colour in ("red", "green", "blue", "deviation")]
    corners = [f"corner_{place}" for place in ("nw", "ne", "se", "sw")]
    return {
        "device": tags("make", "model", "software", "device", "modality")
        + numbers("pixel_size_um", "exposure_s", "iso"),
        "date": numbers("taken_day", "taken_second"),
        "encoding": tags("format", "jpeg_tables", "icc")
        + numbers("jpeg_quality", "jpeg_subsampling", "channels", "bit_depth"),
        "border": numbers(*border, *corners, "background", "background_noise"),
        # Whole days: files that were copied together differ by the order they were copied in.
        "file_date": [Column("file_day", modified)],
        "size": [width, height, Column("pixels", width.values * height.values)],
        "aspect": [Column("aspect", width.values / np.maximum(height.values, 1.0))],
    }


def name_columns(paths: Sequence[str], label_names: Sequence[str]) -> list[Column]:
    """Return what the parts of file names say: the words and the numbers, by their place.

    A part that is a label's own name says nothing new, and neither do the folders, which often are the labels.
    """
    labels = {name.casefold() for name in label_names}
    words = np.full((len(paths), MOST_TOKENS), "", dtype=object)
    counts = np.full((len(paths), MOST_TOKENS), np.nan)
    for row, path in enumerate(paths):
        stem = path.rsplit("/", 1)[-1].split("::")[0].rsplit(".", 1)[0]
        word = number = 0
        for token in _NUMBERS.findall(stem)[: 2 * MOST_TOKENS]:
            if token[0].isdecimal() and number < MOST_TOKENS:
                counts[row, number] = float(token[:15])
                number += 1
            elif not token[0].isdecimal() and word < MOST_TOKENS:
                words[row, word] = "" if token.casefold() in labels else token
                word += 1
    return [_words_column(f"word_{i + 1}", words[:, i]) for i in range(MOST_TOKENS)] + [
        Column(f"number_{i + 1}", counts[:, i]) for i in range(MOST_TOKENS)
    ]


def _words_column(name: str, words: NDArray[np.object_]) -> Column:
    known, codes = np.unique(words.astype(str), return_inverse=True)
    values = np.where(words == "", np.nan, codes.ravel().astype(np.float64))
    return Column(name, values, known.tolist())
