"""What an operation changed, so that whoever shows it knows whether to look again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.domain.edits import Edit


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed.

    Attributes
    ----------
    sample_ids
        (N,) int64, the samples whose label, split, group or exclusion changed.
    samples
        Whether samples were added.
    labels, runs
        Whether the list of labels, of runs, changed.
    findings
        Whether findings came, went, or were decided about.
    display
        Whether images look different now: their intensity windows or colours.
    edit
        The edit that was made, undone or redone.
    """

    sample_ids: NDArray[np.int64] | None = None
    samples: bool = False
    labels: bool = False
    runs: bool = False
    findings: bool = False
    display: bool = False
    edit: Edit | None = None
