"""Makes the sample set: stained blood cells painted from a seed, with planted faults and the truth about them.

    DIRECTORY/images/LABEL/slideNN_cellNNNN.jpg   what the app reads; the group pattern is (slide\\d+)_
    DIRECTORY/truth.json                          what really is in each file; the app never reads it

One thing must stay true: the same seed gives the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import UserError
from core.ingest.sample_set.cells import LABELS
from core.ingest.sample_set.darkroom import Darkroom
from core.ingest.sample_set.plan import Item, make_plan
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
                file.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8", newline="\n")
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
    darkroom = Darkroom(seed)
    paths: dict[int, str] = {}
    for item in progress.track(items, mark("Painting the sample set")):
        original = by_stream[item.copy_of] if item.copy_of is not None else None
        suffix, data = darkroom.file(item, original)
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
