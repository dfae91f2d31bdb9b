"""Suggestions that a person accepted: edits like any other, with the tool ``suggestion`` in the ledger."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.store.edits import set_label
from core.store.project import Project

TOOL = "suggestion"


def accept_suggestions(project: Project, ids_by_labels: Mapping[tuple[str, ...], NDArray[np.int64]]) -> list[Changes]:
    """Give samples the labels that were suggested for them; one edit for each set of labels.

    Raises
    ------
    UserError
        ``samples_missing``; the edits before it hold.
    """
    return [set_label(project, ids, names[0], tool=TOOL) for names, ids in ids_by_labels.items() if len(ids)]
