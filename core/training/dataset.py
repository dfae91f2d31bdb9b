"""The images of a run: chosen and checked when it begins, and remembered, so that it goes on with the same ones.

One thing must stay true: nothing is made before the checks have passed, and where they fail, nothing was changed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label
from core.domain.query import SampleQuery
from core.domain.samples import SPLIT_CODES, SampleTable, Split
from core.domain.split import parse_ratios
from core.errors import UserError
from core.paths import atomic_write
from core.store.edits import undo
from core.store.labels import labels
from core.store.project import Project, read_meta
from core.store.samples import sample_table, samples_by_id
from core.store.splits import DEFAULT_RATIOS, DEFAULT_SEED, assign_project_splits
from core.training.events import Notice

_FEWEST_LABELS: Final = 2
_FEWEST_IMAGES: Final = 2
_NAME: Final = "samples.npz"


@dataclass(frozen=True, slots=True)
class Dataset:
    """The labelled images of a run.

    Attributes
    ----------
    labels
        The K labels that are told apart, in their order in the project.
    table
        N samples, each in train, val or test.
    y
        (N,) int64, indexes into `labels`.
    """

    labels: tuple[Label, ...]
    table: SampleTable
    y: NDArray[np.int64]

    def rows(self, *splits: Split) -> NDArray[np.int64]:
        """Return the rows of the samples that are in one of the splits, in order."""
        codes = [SPLIT_CODES[split] for split in splits]
        return np.flatnonzero(np.isin(self.table.splits, codes)).astype(np.int64)

    def keep(self, rows: NDArray[np.bool_]) -> Dataset:
        """Return it with only the rows (N,) that are True."""
        return Dataset(self.labels, self.table.take(rows), self.y[rows])


def choose_dataset(project: Project) -> tuple[Dataset, list[Notice]]:
    """Return the labelled, readable images of a project, and what the user should know of them.

    Images that are in no split yet are split now, as an edit that can be undone.

    Raises
    ------
    UserError
        ``training_needs_labels``, ``training_label_too_small`` or ``training_needs_val``; nothing was changed.
    """
    dataset = _labelled(project)
    _check_labels(dataset)
    notices: list[Notice] = []
    split_now = bool((dataset.table.splits == SPLIT_CODES[Split.NONE]).any())
    if split_now:
        _assign_splits(project)
        dataset = _labelled(project)
        notices.append(Notice("splits_assigned", _split_counts(dataset)))
    try:
        check_splits(dataset)
    except UserError:
        if split_now:
            undo(project)
        raise
    val = np.bincount(dataset.y[dataset.rows(Split.VAL)], minlength=len(dataset.labels))
    names = (label.name for label, count in zip(dataset.labels, val, strict=True) if count == 0)
    return dataset, notices + [Notice("label_not_in_val", {"label": name}) for name in names]


def check_splits(dataset: Dataset) -> None:
    """Check that every label is in train and something is in val.

    Raises
    ------
    UserError
        ``training_label_not_in_train`` or ``training_needs_val``.
    """
    counts = np.bincount(dataset.y[dataset.rows(Split.TRAIN)], minlength=len(dataset.labels)).tolist()
    for label, count in zip(dataset.labels, counts, strict=True):
        if count == 0:
            raise UserError("training_label_not_in_train", label=label.name)
    if not len(dataset.rows(Split.VAL)):
        raise UserError("training_needs_val")


def keep_dataset(folder: Path, dataset: Dataset) -> None:
    """Remember the dataset in the folder of its run."""
    label_columns = {
        name: np.array([getattr(label, name) for label in dataset.labels]) for name in ("id", "name", "colour", "glyph")
    }
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        ids=dataset.table.ids,
        groups=dataset.table.group_ids,
        splits=dataset.table.splits,
        y=dataset.y,
        **{f"label_{name}": column for name, column in label_columns.items()},
    )
    with atomic_write(folder / _NAME) as part:
        part.write_bytes(buffer.getvalue())


def kept_dataset(project: Project, folder: Path) -> Dataset | None:
    """Return the dataset that a run began with, or None where it had not come so far."""
    path = folder / _NAME
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as file:
        kept = {name: file[name] for name in file.files}
    columns = [kept[f"label_{name}"].tolist() for name in ("id", "name", "colour", "glyph")]
    chosen = tuple(
        Label(label_id, name, colour, glyph, "", position)
        for position, (label_id, name, colour, glyph) in enumerate(zip(*columns, strict=True))
    )
    # The images may have been relocated since; what they are and what they were labelled stays as it was.
    samples = samples_by_id(project, kept["ids"])
    table = SampleTable(
        ids=kept["ids"],
        label_ids=np.array([chosen[index].id for index in kept["y"].tolist()], dtype=np.int64),
        group_ids=kept["groups"],
        splits=kept["splits"],
        source_ids=np.array([sample.source_id for sample in samples], dtype=np.int64),
        paths=[sample.path for sample in samples],
    )
    return Dataset(chosen, table, kept["y"])


def _labelled(project: Project) -> Dataset:
    table = sample_table(project, SampleQuery(unreadable=False))
    table = table.take(table.label_ids >= 0)
    used = set(table.label_ids.tolist())
    chosen = tuple(label for label in labels(project) if label.id in used)
    index = {label.id: position for position, label in enumerate(chosen)}
    y = np.array([index[label_id] for label_id in table.label_ids.tolist()], dtype=np.int64)
    return Dataset(chosen, table, y)


def _check_labels(dataset: Dataset) -> None:
    if len(dataset.labels) < _FEWEST_LABELS:
        raise UserError("training_needs_labels", count=len(dataset.labels))
    counts = np.bincount(dataset.y, minlength=len(dataset.labels)).tolist()
    for label, count in zip(dataset.labels, counts, strict=True):
        if count < _FEWEST_IMAGES:
            raise UserError("training_label_too_small", label=label.name, count=count, needed=_FEWEST_IMAGES)


def _assign_splits(project: Project) -> None:
    # As the user split before, if they did: other ratios would deal everything out anew.
    before = read_meta(project, "split")
    if isinstance(before, dict):
        ratios, seed = parse_ratios(str(before["ratios"])), int(before["seed"])
        assign_project_splits(project, ratios=ratios, seed=seed, tool="train")
    else:
        assign_project_splits(project, ratios=DEFAULT_RATIOS, seed=DEFAULT_SEED, tool="train")


def _split_counts(dataset: Dataset) -> dict[str, str]:
    return {split.value: f"{len(dataset.rows(split)):,}" for split in (Split.TRAIN, Split.VAL, Split.TEST)}
