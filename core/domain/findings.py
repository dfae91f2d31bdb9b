"""A finding: one suspected problem of the data set, which stays open until somebody decides about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from core.domain.samples import Split

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class FindingKind(StrEnum):
    """What is suspected; also the word behind ``finding:`` in a query and in ``--kinds``."""

    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    LEAKAGE = "leakage"
    LABEL_SUSPECT = "label_suspect"
    OUTLIER = "outlier"
    BLURRY = "blurry"
    DARK = "dark"
    BRIGHT = "bright"
    LOW_INFORMATION = "low_information"
    ODD_SIZE = "odd_size"
    ODD_ASPECT = "odd_aspect"
    ODD_COLOUR = "odd_colour"
    SATURATED = "saturated"
    CUT_OFF = "cut_off"
    UNREADABLE = "unreadable"
    IMBALANCE = "imbalance"
    TOO_FEW = "too_few"
    SIMILAR_LABELS = "similar_labels"
    CONFOUND = "confound"


FINDING_CODES: Final[dict[FindingKind, int]] = {kind: code for code, kind in enumerate(FindingKind, start=1)}
"""Numbers of the kinds in the ledger; one that was given is never given again."""

IMAGE_QUALITY: Final = (
    FindingKind.BLURRY,
    FindingKind.DARK,
    FindingKind.BRIGHT,
    FindingKind.LOW_INFORMATION,
    FindingKind.SATURATED,
    FindingKind.CUT_OFF,
    FindingKind.ODD_SIZE,
    FindingKind.ODD_ASPECT,
    FindingKind.ODD_COLOUR,
)
"""Kinds that depend on nothing but the pixels of their image."""

WHOLE_DATA_SET: Final = frozenset(
    {FindingKind.IMBALANCE, FindingKind.TOO_FEW, FindingKind.SIMILAR_LABELS, FindingKind.CONFOUND}
)
"""Kinds that are about the data set as a whole; their samples are examples."""


OF_SEVERAL: Final = frozenset(
    {
        FindingKind.CONFLICTING_DUPLICATE,
        FindingKind.EXACT_DUPLICATE,
        FindingKind.NEAR_DUPLICATE,
        FindingKind.LEAKAGE,
    }
)
"""Kinds that are about what samples are to one another: of one alone there is nothing to say."""


def needed_samples(kind: FindingKind) -> int:
    """Return how many of a finding's samples must take part for it to be a case at all; the others are excluded."""
    if kind in WHOLE_DATA_SET:
        return 0
    return 2 if kind in OF_SEVERAL else 1


class FindingState(StrEnum):
    """What was decided: nothing yet, that it is a problem and was mended, or that it is none."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


FINDING_STATES: Final = tuple(FindingState)
"""By their codes in the database: 0, 1, 2."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a check suspects, on its way into the project.

    Attributes
    ----------
    key
        What makes it the same one at the next check, within its kind.
    members
        Ids of the samples it is about, the principal first.
    score
        0 to 1; the worst come first.
    p_wrong
        Calibrated probability that it is a real problem; None where the check makes no such claim.
    suggested
        Id of the label that the principal should have.
    stamp
        How its members were when they were looked at.
    """

    kind: FindingKind
    key: str
    members: tuple[int, ...]
    score: float
    evidence: Mapping[str, Json] = field(default_factory=dict)
    p_wrong: float | None = None
    suggested: int | None = None
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One suspected problem.

    Attributes
    ----------
    sample_id, members
        The principal, and all samples it is about, the principal first.
    score
        0 to 1; the worst come first.
    p_wrong
        Calibrated probability that it is a real problem; None where the check makes no such claim.
    suggested
        Name of the label that the principal should have.
    stale
        Whether a member's pixels, labels, split or group are no longer as they were when it was looked at, or the
        numbers of images that it tells.
    found_at
        UTC, ISO 8601.
    """

    id: int
    kind: FindingKind
    key: str
    sample_id: int
    members: tuple[int, ...]
    score: float
    p_wrong: float | None
    suggested: str | None
    evidence: Mapping[str, Json]
    state: FindingState
    stale: bool
    found_at: str


@dataclass(frozen=True, slots=True)
class FindingCounts:
    """How many findings of a kind are in each state; `stale` ones are among the open."""

    open: int = 0
    accepted: int = 0
    dismissed: int = 0
    stale: int = 0


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """One check of a data set.

    Attributes
    ----------
    id
        Of the record; 0 while it is not in the project.
    at, seconds
        When it began (UTC, ISO 8601), and how long it took.
    samples
        How many samples were looked at.
    kinds
        What was looked for.
    backbone
        What the embeddings were made with; empty where none were needed.
    found
        How many findings of each kind.
    summaries
        Numbers about the data set, by check.
    notes
        Why a check could not be made, as a sentence in the language of the moment, by check.
    """

    id: int
    at: str
    seconds: float
    samples: int
    kinds: tuple[FindingKind, ...]
    backbone: str
    found: Mapping[FindingKind, int] = field(default_factory=dict)
    summaries: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """A decision about one finding, and what it does to samples.

    Attributes
    ----------
    relabel
        The labels that samples have from now on, by sample: one, several where an image can have many, or none.
    exclude
        Samples that are left out from now on.
    pin
        The split into which all members go, with their groups, to stay.
    """

    finding_id: int
    state: FindingState
    relabel: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[int, ...] = ()
    pin: Split | None = None
