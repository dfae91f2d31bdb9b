"""Splitting a project: the pure rule of `core.domain.split`, applied to its samples as one undoable edit."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.query import SampleQuery
from core.domain.samples import SampleTable
from core.domain.split import SplitRatios, assign_splits, parse_ratios
from core.domain.task import Task
from core.store.edits import set_splits
from core.store.labels import labels
from core.store.multilabel import label_matrix
from core.store.project import Project
from core.store.samples import group_names, sample_ids, sample_table
from core.store.task import project_task

DEFAULT_RATIOS = parse_ratios("70/15/15")
DEFAULT_SEED = 0
# Excluded and unreadable samples too: they keep to their group, should they come back one day.
_ALL = SampleQuery(excluded=None)
_PINNED = SampleQuery(excluded=None, pinned=True)


def assign_project_splits(
    project: Project, *, ratios: SplitRatios = DEFAULT_RATIOS, seed: int = DEFAULT_SEED, tool: str = "split"
) -> Changes:
    """Put every sample into a split, as one edit that can be undone.

    Samples that are in one stay there, and new ones join their group, so that results stay comparable as a project
    grows. Only other ratios or another seed than those in force deal everything out anew, but for what is pinned.
    """
    table, codes = propose_splits(project, ratios, seed)
    return set_splits(project, table.ids, codes, params=_params(ratios, seed), tool=tool)


def split_in_force(project: Project) -> tuple[SplitRatios, int]:
    """Return the ratios and seed of the latest split that was not undone, or the usual ones before there is one."""
    params = _params_in_force(project)
    return (parse_ratios(params["ratios"]), int(params["seed"])) if params else (DEFAULT_RATIOS, DEFAULT_SEED)


def propose_splits(project: Project, ratios: SplitRatios, seed: int) -> tuple[SampleTable, NDArray[np.int8]]:
    """Return every sample, and the split codes `assign_project_splits` would give them; nothing is changed."""
    table = sample_table(project, _ALL)
    in_force = _params_in_force(project)
    anew = in_force is not None and in_force != _params(ratios, seed)
    pinned = np.isin(table.ids, sample_ids(project, _PINNED))
    current = np.where(pinned, table.splits, 0).astype(np.int8) if anew else table.splits
    units, unit_of = _units(project, table)
    label_of: NDArray[np.int64] | NDArray[np.bool_] = table.label_ids
    if project_task(project) is Task.MULTI:
        label_of = label_matrix(project, table.ids, [label.id for label in labels(project)])
    return table, assign_splits(units, unit_of, label_of, current, ratios, seed)


def _params(ratios: SplitRatios, seed: int) -> dict[str, str]:
    return {"ratios": str(ratios), "seed": str(seed)}


def _params_in_force(project: Project) -> dict[str, str] | None:
    """Return the ratios and seed of the latest split that was not undone; None before there is one."""
    sql = (
        "SELECT params FROM edit WHERE kind = ? AND state = 'done' AND json_extract(params, '$.ratios') IS NOT NULL"
        " ORDER BY id DESC LIMIT 1"
    )
    row = project.db.read().execute(sql, (EditKind.SPLIT,)).fetchone()
    return dict(json.loads(row[0])) if row else None


def groups_straddling(project: Project) -> int:
    """Count the groups that have samples in more than one of train, val and test: it should be none."""
    row = (
        project.db.read()
        .execute(
            "SELECT count(*) FROM (SELECT group_id FROM sample WHERE group_id IS NOT NULL AND split > 0"
            " AND excluded = 0 AND problem IS NULL AND missing = 0 AND state = 0"
            " GROUP BY group_id HAVING count(DISTINCT split) > 1)"
        )
        .fetchone()
    )
    return int(row[0])


def _units(project: Project, table: SampleTable) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the names of the units that must stay whole, and each sample's index among them."""
    names = group_names(project)
    own = [
        f"group {names[group]}" if group >= 0 else f"sample {source} {path}"
        for group, source, path in zip(table.group_ids.tolist(), table.source_ids.tolist(), table.paths, strict=True)
    ]
    index: dict[str, int] = {}
    unit_of = np.fromiter((index.setdefault(name, len(index)) for name in own), dtype=np.int64, count=len(own))
    return list(index), unit_of
