"""Labels and splits by the names of folders: which level of a tree says what."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.labels import ABSTAIN, label_name
from core.domain.samples import Split
from core.ingest.csv_table import Assignment, split_named
from core.translation import tr

_Parts = tuple[str, ...]

_NO_LABELS: Final = re.compile(
    r"(?:(?:patient|pat|pt|p|subject|subj|sub|s|case|donor|slide|plate|well|video|study|series|scan|visit|session|batch"
    r"|fov|field|roi)[\s_.-]*\d+|images?|imgs?|pictures|photos|raw)",
    re.IGNORECASE,
)
"""Folders that part what one label holds, rather than being labels: ``slide_12``, ``images``."""


@dataclass(frozen=True, slots=True)
class FolderLabels:
    """What the folders say.

    Attributes
    ----------
    assign
        Gives label and split of a file, by its path.
    note
        Which level was taken, where others could have been; empty where that is plain.
    """

    assign: Callable[[str], Assignment]
    note: str = ""


def by_folder(paths: Sequence[str], *, direct: bool) -> FolderLabels:
    """Return the labels and splits that the names of folders say.

    A level of which every name is ``train``, ``val`` or ``test`` is the split, wherever it is; a folder ``none`` beside
    those is of no split. A folder ``abstain``, where sorting by prediction puts what the model does not decide, gives
    no label.

    Parameters
    ----------
    direct
        Whether the label is the folder that holds the image, whatever the tree looks like. Otherwise the level is
        chosen that fits: the deepest that every image has, above folders of patients, slides and the like.

    Raises
    ------
    UserError
        ``label_name_invalid`` where the folder of a label cannot be one.
    """
    folders = sorted({tuple(path.split("/")[:-1]) for path in _one_of_each_folder(paths)})
    at_split = _split_level(folders)
    left = [rest for parts in folders if (rest := _without(parts, at_split))]
    level = None if direct else _label_level(left)
    labels = {name: _label(name) for name in sorted({_at(rest, level) for rest in left})}
    known = {"/".join(parts): _said(parts, at_split, level, labels) for parts in folders}
    note = "" if direct or level is None else _note(left, level)
    return FolderLabels(lambda path: known.get(path.rpartition("/")[0], Assignment()), note)


def _one_of_each_folder(paths: Sequence[str]) -> list[str]:
    return [f"{folder}/" for folder in {path[: path.rfind("/")] for path in paths if "/" in path}]


def _said(parts: _Parts, at_split: int | None, level: int | None, labels: dict[str, str | None]) -> Assignment:
    rest = _without(parts, at_split)
    split = split_named(parts[at_split]) if at_split is not None else None
    return Assignment(label=labels[_at(rest, level)] if rest else None, split=split or Split.NONE)


def _label(name: str) -> str | None:
    return None if name.casefold() == ABSTAIN else label_name(name)


def _without(parts: _Parts, at: int | None) -> _Parts:
    return parts if at is None else parts[:at] + parts[at + 1 :]


def _at(parts: _Parts, level: int | None) -> str:
    return parts[-1] if level is None else parts[level]


def _split_level(folders: Sequence[_Parts]) -> int | None:
    """Return the level of which every name means a split; below the first one, every folder must reach to it."""
    for level in range(min(map(len, folders), default=0)):
        names = {parts[level] for parts in folders}
        splits = {split_named(name) for name in names}
        real = splits - {None, Split.NONE}
        wrapped = level == 0 or len({parts[:level] for parts in folders}) == 1
        if None not in splits and real and (wrapped or len(real) > 1):
            return level
    return None


def _label_level(folders: Sequence[_Parts]) -> int | None:
    """Return the deepest level that all have and that names labels rather than parts of them."""
    deepest = min(map(len, folders), default=0) - 1
    for level in range(deepest, -1, -1):
        if not all(_NO_LABELS.fullmatch(parts[level]) for parts in folders):
            return level
    return deepest if deepest >= 0 else None


def _note(folders: Sequence[_Parts], level: int) -> str:
    most = max(map(len, folders))
    varied = [at for at in range(most) if len({parts[at] for parts in folders if len(parts) > at}) > 1]
    if set(varied) <= {level} and most == level + 1:
        return ""
    return tr(
        "The folders have {levels} levels; the labels are those of level {level}, such as “{name}”. "
        "Where another level is meant, take the labels from a pattern.",
        levels=most,
        level=level + 1,
        name=folders[0][level],
    )
