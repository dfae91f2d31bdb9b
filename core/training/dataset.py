"""The images of a run: chosen and checked when it begins, and remembered, so that it goes on with the same ones.

One thing must stay true: nothing is made before the checks have passed, and where they fail, nothing was changed.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label
from core.domain.query import USABLE_SAMPLES
from core.domain.samples import SPLIT_CODES, SampleTable, Split
from core.domain.task import Task, Truth, task_of
from core.errors import UserError
from core.paths import atomic_write
from core.store.labels import labels
from core.store.multilabel import label_matrix, labelled
from core.store.project import Project
from core.store.runs import run_dir
from core.store.samples import sample_table, samples_by_id
from core.store.sources import sources
from core.store.splits import assign_project_splits, propose_splits, split_in_force
from core.store.task import project_task
from core.training.events import Notice

_FEWEST_LABELS: Final = {Task.SINGLE: 2, Task.MULTI: 1}
_FEWEST_IMAGES: Final = 2
_NAME: Final = "samples.npz"
_SOFT: Final = "soft"
_LABEL_COLUMNS: Final = ("id", "name", "colour", "glyph")
_COLUMNS: Final = ("ids", "groups", "splits", "y", *(f"label_{name}" for name in _LABEL_COLUMNS))


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
        (N,) int64, indexes into `labels`; of a `MULTI` task (N, K) bool.
    soft
        (N, K) float32: how the readers of each image voted, as shares, where the run learns from that.
    """

    labels: tuple[Label, ...]
    table: SampleTable
    y: Truth
    soft: NDArray[np.float32] | None = None

    @property
    def task(self) -> Task:
        """Whether an image has one label or many."""
        return task_of(self.y)

    def counts(self, *splits: Split) -> NDArray[np.int64]:
        """Return (K,) how many samples of the splits have each label; of all where none is named."""
        y = self.y[self.rows(*splits)] if splits else self.y
        if self.task is Task.MULTI:
            return np.asarray(y.sum(axis=0), dtype=np.int64)
        return np.bincount(y, minlength=len(self.labels)).astype(np.int64)

    def rows(self, *splits: Split) -> NDArray[np.int64]:
        """Return the rows of the samples that are in one of the splits, in order."""
        codes = [SPLIT_CODES[split] for split in splits]
        return np.flatnonzero(np.isin(self.table.splits, codes)).astype(np.int64)

    def with_soft(self, soft: NDArray[np.float32]) -> Dataset:
        """Return it with the shares (N, K) to learn from."""
        return replace(self, soft=soft)

    def keep(self, rows: NDArray[np.bool_]) -> Dataset:
        """Return it with only the rows (N,) that are True."""
        soft = None if self.soft is None else self.soft[rows]
        return Dataset(self.labels, self.table.take(rows), self.y[rows], soft)


def choose_dataset(project: Project) -> tuple[Dataset, list[Notice]]:
    """Return the labelled, readable images of a project, and what the user should know of them.

    Images that are in no split yet are split now, as an edit that can be undone.

    Raises
    ------
    UserError
        ``training_needs_labels``, ``training_label_too_small``, ``training_groups_straddle``, or what `check_sources`
        and `check_splits` raise; nothing was changed.
    """
    dataset = _labelled(project)
    _check_labels(dataset)
    check_sources(project, dataset)
    split_now = bool((dataset.table.splits == SPLIT_CODES[Split.NONE]).any())
    # As the user split before, if they did: other ratios would deal everything out anew.
    ratios, seed = split_in_force(project)
    if split_now:
        dataset = _with_splits(dataset, *propose_splits(project, ratios, seed))
    check_splits(dataset)
    _check_groups(dataset)
    notices: list[Notice] = []
    if split_now:
        # Only now: an edit that is written and taken back would cost the user what they could redo.
        assign_project_splits(project, ratios=ratios, seed=seed, tool="train")
        notices.append(Notice("splits_assigned", _split_counts(dataset)))
    val = dataset.counts(Split.VAL).tolist()
    names = (label.name for label, count in zip(dataset.labels, val, strict=True) if count == 0)
    return dataset, notices + [Notice("label_not_in_val", {"label": name}) for name in names]


def check_splits(dataset: Dataset) -> None:
    """Check that every label is in train and something is in val.

    Raises
    ------
    UserError
        ``training_label_not_in_train`` or ``training_needs_val``.
    """
    counts = dataset.counts(Split.TRAIN).tolist()
    for label, count in zip(dataset.labels, counts, strict=True):
        if count == 0:
            raise UserError("training_label_not_in_train", label=label.name)
    if not len(dataset.rows(Split.VAL)):
        raise UserError("training_needs_val")


def check_sources(project: Project, dataset: Dataset) -> None:
    """Check that the folders the images are in are there; raises `UserError` ``source_gone``."""
    roots = sources(project)
    for source_id in np.unique(dataset.table.source_ids).tolist():
        if not Path(roots[source_id].root).exists():
            raise UserError("source_gone", path=roots[source_id].root)


def keep_dataset(folder: Path, dataset: Dataset) -> None:
    """Remember the dataset in the folder of its run."""
    label_columns = {
        f"label_{name}": np.array([getattr(label, name) for label in dataset.labels]) for name in _LABEL_COLUMNS
    }
    if dataset.soft is not None:
        label_columns[_SOFT] = dataset.soft
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        ids=dataset.table.ids,
        groups=dataset.table.group_ids,
        splits=dataset.table.splits,
        y=dataset.y,
        **label_columns,
    )
    with atomic_write(folder / _NAME) as part:
        part.write_bytes(buffer.getvalue())


def kept_dataset(project: Project, run_id: int) -> Dataset | None:
    """Return the dataset that a run began with, or None where it had not come so far.

    Raises
    ------
    UserError
        ``run_damaged`` where its file is there and cannot be read.
    """
    path = run_dir(project, run_id) / _NAME
    if not path.is_file():
        return None
    try:
        # Opened here: numpy leaves the file open where it turns out to be none of its own.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            kept = {name: file[name] for name in (*_COLUMNS, *([_SOFT] if _SOFT in file else []))}
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError("run_damaged", path=_NAME, run=run_id, reason=str(error)) from error
    columns = [kept[f"label_{name}"].tolist() for name in _LABEL_COLUMNS]
    chosen = tuple(
        Label(label_id, name, colour, glyph, "", position)
        for position, (label_id, name, colour, glyph) in enumerate(zip(*columns, strict=True))
    )
    # The images may have been relocated since; what they are and what they were labelled stays as it was.
    samples = samples_by_id(project, kept["ids"])
    table = SampleTable(
        ids=kept["ids"],
        label_ids=_label_ids(kept["y"], chosen),
        group_ids=kept["groups"],
        splits=kept["splits"],
        source_ids=np.array([sample.source_id for sample in samples], dtype=np.int64),
        paths=[sample.path for sample in samples],
    )
    return Dataset(chosen, table, kept["y"], kept.get(_SOFT))


def _label_ids(y: Truth, chosen: tuple[Label, ...]) -> NDArray[np.int64]:
    """Return (N,) the id of each sample's label; -1 where it can have many."""
    if task_of(y) is Task.MULTI:
        return np.full(len(y), -1, dtype=np.int64)
    ids = np.array([label.id for label in chosen], dtype=np.int64)
    return ids[np.asarray(y, dtype=np.int64)]


def _labelled(project: Project) -> Dataset:
    table = sample_table(project, USABLE_SAMPLES)
    if project_task(project) is Task.MULTI:
        return _labelled_many(project, table)
    table = table.take(table.label_ids >= 0)
    used = set(table.label_ids.tolist())
    chosen = tuple(label for label in labels(project) if label.id in used)
    index = {label.id: position for position, label in enumerate(chosen)}
    y = np.array([index[label_id] for label_id in table.label_ids.tolist()], dtype=np.int64)
    return Dataset(chosen, table, y)


def _labelled_many(project: Project, table: SampleTable) -> Dataset:
    table = table.take(labelled(project, table.ids))
    every = tuple(labels(project))
    matrix = label_matrix(project, table.ids, [label.id for label in every])
    used = np.asarray(matrix.any(axis=0), dtype=np.bool_)
    chosen = tuple(label for label, there in zip(every, used.tolist(), strict=True) if there)
    return Dataset(chosen, table, matrix[:, used])


def _with_splits(dataset: Dataset, every: SampleTable, codes: NDArray[np.int8]) -> Dataset:
    """Return the dataset with the codes (M,) of every sample of the project in place of its splits."""
    code_of = dict(zip(every.ids.tolist(), codes.tolist(), strict=True))
    splits = np.array([code_of[sample_id] for sample_id in dataset.table.ids.tolist()], dtype=np.int8)
    return replace(dataset, table=replace(dataset.table, splits=splits))


def _check_labels(dataset: Dataset) -> None:
    if len(dataset.labels) < _FEWEST_LABELS[dataset.task]:
        raise UserError("training_needs_labels", count=len(dataset.labels))
    counts = dataset.counts().tolist()
    for label, count in zip(dataset.labels, counts, strict=True):
        if count < _FEWEST_IMAGES:
            raise UserError("training_label_too_small", label=label.name, count=count, needed=_FEWEST_IMAGES)


def _check_groups(dataset: Dataset) -> None:
    grouped = dataset.table.group_ids >= 0
    pairs = np.unique(np.stack([dataset.table.group_ids[grouped], dataset.table.splits[grouped]]), axis=1)
    straddling = int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())
    if straddling:
        raise UserError("training_groups_straddle", count=straddling)


def _split_counts(dataset: Dataset) -> dict[str, str]:
    return {split.value: f"{len(dataset.rows(split)):,}" for split in (Split.TRAIN, Split.VAL, Split.TEST)}
