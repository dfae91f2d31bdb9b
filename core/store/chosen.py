"""What the samples a user chose have in common: how many of them have each label, tag and state."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import STATES_BY_CODE, SampleState
from core.domain.task import Task
from core.store.project import Project
from core.store.query_sql import LABELLED, ids_parameter
from core.store.task import project_task

Ids = NDArray[np.int64]


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


def look_at(project: Project, ids: Ids) -> Chosen:
    """Count what these samples have."""
    connection, task, chosen = project.db.read(), project_task(project), ids_parameter(ids.tolist())
    among = "IN (SELECT value FROM json_each(?))"
    of_labels = (
        f"SELECT label_id, count(*) FROM sample WHERE id {among} AND label_id IS NOT NULL GROUP BY label_id"
        if task is Task.SINGLE
        else f"SELECT label_id, count(*) FROM sample_label WHERE sample_id {among} GROUP BY label_id"
    )
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
    of_tags = (
        f"SELECT name, count(*) FROM sample_tag JOIN tag ON tag.id = tag_id WHERE sample_id {among}"
        " GROUP BY name ORDER BY name"
    )
    return Chosen(
        count=sum(states.values()),
        labels=dict(connection.execute(of_labels, (chosen,)).fetchall()),
        tags=dict(connection.execute(of_tags, (chosen,)).fetchall()),
        states=states,
        known=known,
        pinned=pinned,
        excluded=excluded,
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
