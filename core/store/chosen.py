"""What the samples a user chose have in common: how many of them have each label, tag and state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import STATES_BY_CODE, SampleState
from core.domain.task import Task
from core.progress import Progress
from core.store.project import Project
from core.store.query_sql import LABELLED, ids_parameter
from core.store.task import project_task

Ids = NDArray[np.int64]
_AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many of `count` samples have what.

    Attributes
    ----------
    labels
        By the label's id; labels that none has are left out.
    tags
        By name; likewise.
    states
        By state, `SampleState.NONE` too.
    known
        How many have known labels, if only that they have none.
    pinned, excluded
        How many are kept in their split, and left out of everything.
    """

    count: int = 0
    labels: dict[int, int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    states: dict[SampleState, int] = field(default_factory=dict)
    known: int = 0
    pinned: int = 0
    excluded: int = 0


def look_at(project: Project, ids: Ids, progress: Progress | None = None) -> Chosen:
    """Count what these samples have, some thousands at a time, so that it can be stopped and holds nobody up."""
    task, found = project_task(project), Chosen()
    for start in range(0, len(ids), _AT_ONCE):
        if progress is not None:
            progress.checkpoint()
        found = _sum(found, _look_at_some(project, ids_parameter(ids[start : start + _AT_ONCE].tolist()), task))
    return found


def _look_at_some(project: Project, chosen: str, task: Task) -> Chosen:
    connection, among = project.db.read(), "IN (SELECT value FROM json_each(?))"
    of_labels = (
        f"SELECT label_id, count(*) FROM sample WHERE id {among} AND label_id IS NOT NULL GROUP BY label_id"
        if task is Task.SINGLE
        else f"SELECT label_id, count(*) FROM sample_label WHERE sample_id {among} GROUP BY label_id"
    )
    of_tags = f"SELECT name, count(*) FROM sample_tag JOIN tag ON tag.id = tag_id WHERE sample_id {among} GROUP BY name"
    states: dict[SampleState, int] = {}
    known = pinned = excluded = 0
    rows = connection.execute(
        f"SELECT state, count(*), sum({LABELLED[task]}), sum(pinned), sum(excluded)"
        f" FROM sample WHERE id {among} GROUP BY state",
        (chosen,),
    )
    for state, count, with_labels, kept, left_out in rows:
        states[STATES_BY_CODE[state]] = count
        known, pinned, excluded = known + with_labels, pinned + kept, excluded + left_out
    return Chosen(
        count=sum(states.values()),
        labels=dict(connection.execute(of_labels, (chosen,)).fetchall()),
        tags=dict(connection.execute(of_tags, (chosen,)).fetchall()),
        states=states,
        known=known,
        pinned=pinned,
        excluded=excluded,
    )


def _sum(one: Chosen, other: Chosen) -> Chosen:
    return Chosen(
        count=one.count + other.count,
        labels=dict(Counter(one.labels) + Counter(other.labels)),
        tags=dict(Counter(one.tags) + Counter(other.tags)),
        states=dict(Counter(one.states) + Counter(other.states)),
        known=one.known + other.known,
        pinned=one.pinned + other.pinned,
        excluded=one.excluded + other.excluded,
    )


def with_their_groups(project: Project, ids: Ids) -> int:
    """Return how many samples these are together with the whole of their groups: as far as a pin reaches."""
    chosen = ids_parameter(ids.tolist())
    row = project.db.read().execute(
        "WITH chosen AS (SELECT id, group_id FROM sample WHERE id IN (SELECT value FROM json_each(?)))"
        " SELECT (SELECT count(*) FROM chosen WHERE group_id IS NULL) + (SELECT count(*) FROM sample"
        " WHERE group_id IN (SELECT group_id FROM chosen WHERE group_id IS NOT NULL))",
        (chosen,),
    )
    return int(row.fetchone()[0])


def having_label(project: Project, label_id: int) -> int:
    """Return how many samples have a label, whether they can be used or not."""
    row = project.db.read().execute(
        "SELECT (SELECT count(*) FROM sample WHERE label_id = ?1)"
        " + (SELECT count(*) FROM sample_label WHERE label_id = ?1)",
        (label_id,),
    )
    return int(row.fetchone()[0])
