"""The labels of many samples as arrays, in projects of either kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.store.project import Project
from core.store.query_sql import ids_parameter


def label_matrix(project: Project, ids: NDArray[np.int64], label_ids: Sequence[int]) -> NDArray[np.bool_]:
    """Return (N, K): whether sample ``ids[i]`` has label ``label_ids[j]``."""
    matrix = np.zeros((len(ids), len(label_ids)), dtype=np.bool_)
    row_of = {sample: row for row, sample in enumerate(ids.tolist())}
    column_of = {label: column for column, label in enumerate(label_ids)}
    chosen = "(SELECT value FROM json_each(?))"
    pairs = project.db.read().execute(
        f"SELECT sample_id, label_id FROM sample_label WHERE sample_id IN {chosen}"
        f" UNION ALL SELECT id, label_id FROM sample WHERE id IN {chosen} AND label_id IS NOT NULL",
        [ids_parameter(ids.tolist())] * 2,
    )
    for sample, label in pairs:
        if label in column_of:
            matrix[row_of[sample], column_of[label]] = True
    return matrix


def labelled(project: Project, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return (N,): whether the labels of sample ``ids[i]`` are known."""
    rows = project.db.read().execute(
        "SELECT id FROM sample WHERE id IN (SELECT value FROM json_each(?)) AND (label_id IS NOT NULL OR labelled = 1)",
        (ids_parameter(ids.tolist()),),
    )
    return np.isin(ids, np.fromiter((number for (number,) in rows), dtype=np.int64))
