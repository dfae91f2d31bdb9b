"""What a check of the data set is: a row of the table, and what it answers."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.progress import Progress

if TYPE_CHECKING:
    from core.quality.data import QualityData


class Need(StrEnum):
    """What has to be made before a check can look."""

    FEATURES = "features"
    NEIGHBOURS = "neighbours"
    FACTS = "facts"


@dataclass(frozen=True, slots=True)
class Case:
    """One suspected problem.

    Attributes
    ----------
    rows
        Rows of the data it is about, the principal first; at least one. A case of the whole data set has examples.
    score
        0 to 1, higher is worse; the order of the queue.
    evidence
        Why, as plain JSON; other samples by their ids.
    p_wrong
        Calibrated probability that it is a real problem, where the check can say.
    suggested
        Index of the label that the principal should have.
    key
        What makes it the same case at the next check; empty: its principal.
    """

    kind: FindingKind
    rows: tuple[int, ...]
    score: float
    evidence: Mapping[str, Json] = field(default_factory=dict)
    p_wrong: float | None = None
    suggested: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found.

    Attributes
    ----------
    summary
        Numbers about the data set.
    note
        Why it could not look, or not at everything: a sentence in the language in use.
    arrays
        What whoever works through the cases needs of all samples: arrays of N rows, kept in the project's cache.
    probabilities
        (N, K) what is believed of each label, by images that are neither the sample nor its copies; kept likewise.
    """

    cases: list[Case] = field(default_factory=list)
    summary: Mapping[str, Json] = field(default_factory=dict)
    note: str | None = None
    arrays: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    probabilities: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """One row of the table of checks.

    Attributes
    ----------
    title
        Marked for translation.
    source
        Where the method comes from.
    module, function
        What looks: imported when it does, as checks need heavy packages and the table is read by the window.
    """

    id: str
    title: str
    kinds: tuple[FindingKind, ...]
    needs: frozenset[Need]
    source: str
    module: str
    function: str

    def find(self, data: QualityData, progress: Progress) -> Found:
        """Look; raises `Cancelled` where the user stops it."""
        found: Found = getattr(importlib.import_module(self.module), self.function)(data, progress)
        return found
