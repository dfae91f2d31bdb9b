"""Splitting a project: the pure rule of `core.domain.split`, applied to its samples as one undoable edit."""

from __future__ import annotations

import numpy as np

from core.domain.changes import Changes
from core.domain.query import SampleQuery
from core.domain.samples import SampleTable
from core.domain.split import SplitRatios, assign_splits, parse_ratios
from core.store.edits import set_splits
from core.store.project import Project, read_meta, write_meta
from core.store.samples import group_names, sample_table

DEFAULT_RATIOS = parse_ratios("70/15/15")
DEFAULT_SEED = 0
_USABLE = SampleQuery(unreadable=False)


def assign_project_splits(
    project: Project, *, ratios: SplitRatios = DEFAULT_RATIOS, seed: int = DEFAULT_SEED, tool: str = "split"
) -> Changes:
    """Put every usable sample into a split.

    Samples that are in one stay there, and new ones join their group, so that results stay comparable as a project
    grows. Only other ratios or another seed than last time deal everything out anew.
    """
    table = sample_table(project, _USABLE)
    asked = {"ratios": str(ratios), "seed": seed}
    same = read_meta(project, "split") in (None, asked)
    current = table.splits if same else np.zeros_like(table.splits)
    units, unit_of = _units(project, table)
    codes = assign_splits(units, unit_of, table.label_ids, current, ratios, seed)
    changes = set_splits(project, table.ids, codes, params={"ratios": str(ratios), "seed": str(seed)}, tool=tool)
    write_meta(project, "split", asked)
    return changes


def groups_straddling(project: Project) -> int:
    """Count the groups that have samples in more than one of train, val and test: it should be none."""
    row = (
        project.db.read()
        .execute(
            "SELECT count(*) FROM (SELECT group_id FROM sample WHERE group_id IS NOT NULL AND split > 0"
            " AND excluded = 0 AND problem IS NULL GROUP BY group_id HAVING count(DISTINCT split) > 1)"
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
