"""Makes the sample set: stained blood cells painted from a seed, with planted faults and the truth about them.

    DIRECTORY/images/LABEL/slideNN_cellNNNN.jpg   what the app reads; the group pattern is (slide\\d+)_
    DIRECTORY/truth.json                          what really is in each file; the app never reads it

One thing must stay true: the same seed gives the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from core.errors import UserError
from core.ingest.sample_set.cells import LABELS
from core.ingest.sample_set.faults import hopeless_defocus_um, nearly_the_same
from core.ingest.sample_set.foreign import foreign_picture
from core.ingest.sample_set.optics import Image, encode
from core.ingest.sample_set.plan import N_SLIDES, Fault, Item, make_plan
from core.ingest.sample_set.scene import picture_of
from core.ingest.sample_set.stains import Slide, make_slide
from core.paths import atomic_write, disk_errors
from core.progress import Progress
from core.translation import mark

GROUP_PATTERN: Final = r"(slide\d+)_"
VERSION: Final = 1  # of the recipe: raised whenever a seed's pictures change


@dataclass(frozen=True, slots=True)
class SampleSet:
    """Where the sample set lies.

    Attributes
    ----------
    images
        The folder to import; its folders are the labels.
    truth
        The JSON file that says what was planted, beside the images.
    """

    images: Path
    truth: Path


def make_sample_set(directory: Path, *, seed: int = 7, progress: Progress) -> SampleSet:
    """Make the sample set in a folder; one that is there already, whole and from the same seed, is left as it is.

    Parameters
    ----------
    directory
        Made if need be. It gets a folder ``images`` and a file ``truth.json``.
    seed
        0 or more. Another seed gives other slides, cells and faults.
    progress
        One step a file; stopping leaves no half-made set.

    Raises
    ------
    UserError
        ``sample_set_in_the_way`` where ``images`` exists and is something else; ``disk_full``.
    """
    found = SampleSet(directory / "images", directory / "truth.json")
    if found.images.exists():
        if not _is_whole(found, seed):
            raise UserError("sample_set_in_the_way", path=str(found.images))
        return found
    part = directory / ".images.part"
    try:
        with disk_errors(directory):
            shutil.rmtree(part, ignore_errors=True)
            for label in LABELS:
                (part / label).mkdir(parents=True)
            truth = _write(part, seed, progress)
            with atomic_write(found.truth) as file:
                file.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
            os.replace(part, found.images)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return found


def _is_whole(found: SampleSet, seed: int) -> bool:
    try:
        truth = json.loads(found.truth.read_text(encoding="utf-8"))
        return (truth["seed"], truth["version"]) == (seed, VERSION) and all(
            (found.images / path).is_file() for path in truth["files"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write(images: Path, seed: int, progress: Progress) -> dict[str, Any]:
    """Write every file of the set, and return the truth about them, by path in the order of their names."""
    items = make_plan(seed)
    by_stream = {item.stream: item for item in items}
    painter = _Painter(seed)
    paths: dict[int, str] = {}
    for item in progress.track(items, mark("Painting the sample set")):
        original = by_stream[item.copy_of] if item.copy_of is not None else None
        suffix, data = painter.file(item, original)
        paths[item.stream] = item.stem + suffix
        (images / paths[item.stream]).write_bytes(data)
    partners = {item.copy_of: item.stream for item in items if item.copy_of is not None}
    files = {
        paths[item.stream]: _truth_of(item, by_stream, paths, partners.get(item.stream, item.copy_of)) for item in items
    }
    return {"version": VERSION, "seed": seed, "labels": list(LABELS), "files": dict(sorted(files.items()))}


def _truth_of(item: Item, by_stream: dict[int, Item], paths: dict[int, str], partner: int | None) -> dict[str, Any]:
    shown = by_stream[item.copy_of] if item.copy_of is not None else item
    return {
        "label": item.label,
        "given": item.given,
        "cell": None if item.foreign else f"slide{shown.slide + 1:02d}_cell{shown.cell:04d}",
        "slide": f"slide{item.slide + 1:02d}",
        "faults": [str(fault) for fault in item.faults],
        "partner": None if partner is None else paths[partner],
        "shows": str(item.foreign) if item.foreign else None,
    }


class _Painter:
    """Turns plan items into files; every item has random streams of its own."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._slides: list[Slide] = [make_slide(self._rng(1, number), number + 1) for number in range(N_SLIDES)]

    def file(self, item: Item, original: Item | None) -> tuple[str, bytes]:
        """Return the suffix and the bytes of an item's file; for a duplicate, `original` is what it shows."""
        if original is None:
            return encode(self._picture(item), self._slides[item.slide].quality)
        picture = self._picture(original)
        if Fault.NEAR_DUPLICATE in item.faults:
            return encode(*nearly_the_same(self._rng(3, item.stream), picture))
        return encode(picture, self._slides[original.slide].quality)

    def _picture(self, item: Item) -> Image:
        rng, slide = self._rng(2, item.stream), self._slides[item.slide]
        if item.foreign is not None:
            return foreign_picture(rng, item.foreign, slide)
        defocus_um = hopeless_defocus_um(rng) if Fault.BLURRED in item.faults else 0.0
        return picture_of(rng, str(item.label), slide, defocus_um=defocus_um)

    def _rng(self, purpose: int, number: int) -> Generator:
        return np.random.default_rng([self._seed, purpose, number])


def files_of(truth: dict[str, Any], fault: Fault) -> Iterator[str]:
    """Yield the paths, below the images, of the files in which a fault was planted."""
    return (path for path, entry in truth["files"].items() if fault in entry["faults"])
