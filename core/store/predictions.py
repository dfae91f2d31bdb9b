"""What runs predict for samples, for queries: ``pred:``, ``conf:``, ``is:wrong``, and sorting by confidence."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.store.project import Project
from core.store.query_sql import ids_parameter

NO_LABEL: Final = 0
"""What stands for a label where a run gives a sample none."""


def write_predictions(
    project: Project,
    run_id: int,
    sample_ids: NDArray[np.int64],
    label_ids: NDArray[np.int64],
    confidences: NDArray[np.floating],
) -> Changes:
    """Keep what a run predicts, in place of what was kept of it before, in one transaction.

    Parameters
    ----------
    sample_ids, label_ids, confidences
        (M,) each: sample, label, and the probability of that label (0…1). With many labels an image, a sample has a
        row for each that the run gives it; one that gets none has a single row with label `NO_LABEL` and how sure
        the run is that it has none.
    """
    rows = zip(sample_ids.tolist(), label_ids.tolist(), confidences.tolist(), strict=True)
    with project.db.write() as connection:
        connection.execute("DELETE FROM prediction WHERE run_id = ?", (run_id,))
        connection.executemany(f"INSERT OR REPLACE INTO prediction VALUES ({int(run_id)}, ?, ?, ?)", rows)
    return Changes(runs=True)


def latest_predicted_run(project: Project) -> int | None:
    """Return the latest run whose predictions are kept: the one that a query means if it names none."""
    found = project.db.read().execute("SELECT max(run_id) FROM prediction").fetchone()[0]
    return int(found) if found is not None else None


def predictions_of(project: Project, run_id: int, ids: NDArray[np.int64]) -> dict[int, list[tuple[int, float]]]:
    """Return label and confidence of what a run predicts, the surest first, by sample; samples without are left out."""
    rows = project.db.read().execute(
        "SELECT sample_id, label_id, confidence FROM prediction"
        " WHERE run_id = ? AND sample_id IN (SELECT value FROM json_each(?)) ORDER BY confidence DESC, label_id",
        (run_id, ids_parameter(ids.tolist())),
    )
    found: dict[int, list[tuple[int, float]]] = {}
    for sample, label, confidence in rows:
        found.setdefault(sample, []).append((label, confidence))
    return found


def surest_labels(project: Project, run_id: int, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (N,) the label of which a run is surest for each of these samples, -1 where it predicts nothing.

    Parameters
    ----------
    ids
        (N,) ascending. As quick for a million as the table is read; nothing is kept of each sample meanwhile.
    """
    rows = project.db.read().execute(
        "SELECT sample_id, label_id, confidence FROM prediction WHERE run_id = ?", (run_id,)
    )
    read = np.fromiter(rows, dtype=[("sample", np.int64), ("label", np.int64), ("sure", np.float64)])
    # The last of each sample is the surest; of several the one with the smallest id, as in `predictions_of`.
    read = read[np.lexsort((-read["label"], read["sure"], read["sample"]))]
    last = read[np.flatnonzero(np.diff(read["sample"], append=-1))]
    found = np.full(len(ids), -1, dtype=np.int64)
    if len(last):
        at = np.minimum(np.searchsorted(last["sample"], ids), len(last) - 1)
        found = np.where(last["sample"][at] == ids, last["label"][at], -1)
    return found
