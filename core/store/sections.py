"""The headings of a query that groups its samples, with how many stand under each."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.query import SampleQuery
from core.store.project import Project
from core.store.query_sql import heading_sql, where_clause
from core.store.task import project_task


@dataclass(frozen=True, slots=True)
class Section:
    """One heading and the number of samples under it.

    `key` is what they have in common: of labels, the position (or in a project of many labels an image their ids,
    joined by commas); of splits and states, the code; of groups and findings, the name; of sources and predictions,
    the id. None for those that have none.
    """

    key: int | str | None
    count: int


def sections(project: Project, query: SampleQuery) -> list[Section]:
    """Return the headings of ``query.by``, in the order in which `core.store.samples.sample_ids` gives the samples."""
    if query.by is None:
        return []
    task = project_task(project)
    heading, values = heading_sql(query, task)
    where, parameters = where_clause(query, task)
    rows = project.db.read().execute(
        f"SELECT {heading} AS heading, count(*) FROM sample{where} GROUP BY heading ORDER BY heading IS NULL, heading",
        [*values, *parameters],
    )
    return [Section(key, count) for key, count in rows]
