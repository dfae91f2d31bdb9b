"""What the runs of a format 1 project predicted, for queries; that format kept it in files of the runs only."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import numpy as np

from core.evaluation.calibration import softmax


def keep_past_predictions(connection: sqlite3.Connection, runs_dir: Path) -> None:
    """Write the label and its probability of every image that a run was judged on; a run that is damaged has none."""
    for (run_id,) in connection.execute("SELECT id FROM run ORDER BY id").fetchall():
        try:
            rows = _rows(runs_dir / f"{run_id:04d}" / "predictions.npz")
        except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile):
            continue
        connection.executemany(
            "INSERT OR IGNORE INTO prediction SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM sample WHERE id = ?2)",
            ((run_id, *row) for row in rows),
        )


def _rows(path: Path) -> list[tuple[int, int, float]]:
    """Return sample, label and confidence of each prediction in a file."""
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        samples, labels = file["sample_ids"].astype(np.int64), file["label_ids"].astype(np.int64)
        probabilities = softmax(file["logits"], float(file["temperature"]))
    chosen = probabilities.argmax(axis=1)
    confidences = probabilities[np.arange(len(chosen)), chosen]
    if len(samples) != len(chosen) or not np.isfinite(confidences).all():
        raise ValueError("predictions that do not fit together")
    return list(zip(samples.tolist(), labels[chosen].tolist(), confidences.tolist(), strict=True))
