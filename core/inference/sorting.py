"""Images into one folder per decision, as copies or links.

Three things must stay true: nothing is moved or changed where it was, nothing that exists is overwritten, and a file
that carries its final name is complete.
"""

from __future__ import annotations

import filecmp
import os
import re
import secrets
import shutil
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.inference.results import PredictionTable
from core.paths import disk_errors
from core.progress import Progress
from core.translation import mark


class SortMode(StrEnum):
    """How a file gets into its folder; a link falls back to a copy where the system does not allow it."""

    COPY = "copy"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class SortReport:
    """What was done: files `placed` now, `present` already; images `skipped`, without an answer or gone."""

    placed: int
    present: int
    skipped: int


_RESERVED: Final = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def sort_into(
    table: PredictionTable,
    root: Path,
    directory: Path,
    *,
    mode: SortMode = SortMode.COPY,
    threshold: float | None = None,
    progress: Progress | None = None,
) -> SortReport:
    """Put every image that has a decision into ``directory/DECISION/``, under its own name.

    Two images of one name get ``_2``, ``_3``, … before the ending. Running it again adds nothing twice. An image of
    many labels goes into the folder of each: a copy into the first, and hard links to it into the others, where the
    system has them; one without any goes to the folder ``(none)``.

    Parameters
    ----------
    root
        The folder that the table's paths are relative to, or the one image that was predicted.
    threshold
        Below it, images go to the folder ``abstain``.

    Raises
    ------
    UserError
        ``sort_inside_source`` where `directory` is inside `root`; ``threshold_invalid``, ``disk_full``.
    """
    root = root.parent if root.is_file() else root
    check_sort_target(root, directory)
    progress = progress or Progress()
    decisions = table.decided(threshold)
    folders = _folder_names({*table.labels, *(name for names in decisions for name in names)})
    placed = present = skipped = 0
    stage = mark("Sorting into folders")
    for path, names in progress.track(zip(table.paths, decisions, strict=True), stage, len(table)):
        if not names or not (root / path).is_file():  # no answer, or gone since
            skipped += 1
            continue
        with disk_errors(directory):
            new = _place_all(root / path, [directory / folders[name] for name in names], SortMode(mode))
        placed += new
        present += len(names) - new
    return SortReport(placed, present, skipped)


def check_sort_target(root: Path, directory: Path) -> None:
    """Raise `UserError` where images of `root` may not be sorted into `directory`; worth asking before predicting."""
    if root.is_dir() and directory.resolve().is_relative_to(root.resolve()):
        raise UserError("sort_inside_source", path=str(directory), root=str(root))


def folder_name(label: str) -> str:
    """Return a name for the label's folder that every system accepts."""
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", unicodedata.normalize("NFC", label)).strip(" .")
    return f"_{name}" if not name or name.split(".")[0].lower() in _RESERVED else name


def _folder_names(labels: set[str]) -> dict[str, str]:
    """Return a folder name for each label, different ones also where letter case does not count."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for label in sorted(labels):
        base = name = folder_name(label)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.casefold())
        names[label] = name
    return names


def _place_all(source: Path, folders: list[Path], mode: SortMode) -> int:
    """Put `source` into each of the folders; return into how many it was put now."""
    new, twin = 0, None
    for folder in folders:
        target, placed = _place(source, folder, mode, twin)
        new += placed
        twin = target
    return new


def _place(source: Path, folder: Path, mode: SortMode, twin: Path | None) -> tuple[Path, bool]:
    """Put `source` into `folder`; return where it is, and False where the same content was there already.

    `twin` is a copy made before, which a hard link can stand for.
    """
    made = _new_folders(folder)
    part = folder / f".{secrets.token_hex(8)}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make(source, part, mode, twin)
        number = 1
        while True:
            suffix = f"_{number}" if number > 1 else ""
            target = folder / f"{source.stem}{suffix}{source.suffix}"
            if _claim(part, target):
                return target, True
            if target.is_file() and filecmp.cmp(source, target, shallow=False):
                return target, False
            number += 1
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
        for path in made:  # those that got no image, where something went wrong
            with suppress(OSError):
                path.rmdir()


def _new_folders(folder: Path) -> list[Path]:
    """Return `folder` and those above it that are not there yet, the innermost first."""
    return [path for path in (folder, *folder.parents) if not path.exists()]


def _make(source: Path, part: Path, mode: SortMode, twin: Path | None) -> None:
    if mode is SortMode.LINK:
        with suppress(OSError, NotImplementedError):
            part.symlink_to(source.resolve())
            return
    elif twin is not None:
        with suppress(OSError, NotImplementedError):
            os.link(twin, part)
            return
    shutil.copyfile(source, part)
    shutil.copystat(source, part)
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _claim(part: Path, target: Path) -> bool:
    """Give `part` its final name, unless that is taken."""
    if os.path.lexists(target):
        return False
    if os.name == "nt":
        try:
            part.rename(target)  # refuses there where the target exists
        except FileExistsError:
            return False
        return True
    try:
        os.link(part, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError:
        part.rename(target)  # a file system without hard links
        return True
    part.unlink()
    return True
