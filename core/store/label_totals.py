"""How many samples each label has together with the labels below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.labels import Label, descendants
from core.domain.task import Task
from core.store.project import Project
from core.store.query_sql import ids_parameter
from core.store.task import project_task


def label_totals(project: Project, labels: Sequence[Label], own: Mapping[str, int]) -> dict[int, int]:
    """Return, by label id, how many samples have the label or one below it, all but the excluded.

    `own` are the counts of each label alone, by name (`core.store.samples.Counts.labels_shown`). In a project of
    many labels an image, one that has several labels of a branch counts once.
    """
    of = {label.id: own.get(label.name, 0) for label in labels}
    parents = {label.parent_id for label in labels if label.parent_id is not None}
    task, totals = project_task(project), dict(of)
    for parent in parents:
        branch = descendants(labels, parent)
        totals[parent] = sum(of.get(i, 0) for i in branch) if task is Task.SINGLE else _distinct(project, branch)
    return totals


def _distinct(project: Project, branch: set[int]) -> int:
    row = project.db.read().execute(
        "SELECT count(DISTINCT sample_id) FROM sample_label JOIN sample ON sample.id = sample_id"
        " WHERE sample_label.label_id IN (SELECT value FROM json_each(?))"
        " AND excluded = 0",
        (ids_parameter(sorted(branch)),),
    )
    return int(row.fetchone()[0])
