"""The queues of the Clean page as a table: what is worked through together, in the order of what harms most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.domain.findings import FindingCounts, FindingKind
from core.translation import mark

K = FindingKind


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: its cases are of these kinds. `title` is marked for translation."""

    id: str
    title: str
    kinds: tuple[FindingKind, ...]


QUEUES: Final = (
    Queue("conflicts", mark("Conflicting duplicates"), (K.CONFLICTING_DUPLICATE,)),
    Queue("suspects", mark("Label suspects"), (K.LABEL_SUSPECT,)),
    Queue("leakage", mark("Leakage across splits"), (K.LEAKAGE,)),
    Queue("outliers", mark("Outliers"), (K.OUTLIER,)),
    Queue("duplicates", mark("Near-duplicates"), (K.EXACT_DUPLICATE, K.NEAR_DUPLICATE)),
    Queue(
        "quality",
        mark("Image quality"),
        (
            K.BLURRY,
            K.DARK,
            K.BRIGHT,
            K.LOW_INFORMATION,
            K.SATURATED,
            K.CUT_OFF,
            K.ODD_SIZE,
            K.ODD_ASPECT,
            K.ODD_COLOUR,
        ),
    ),
    Queue("unreadable", mark("Unreadable"), (K.UNREADABLE,)),
    Queue("confounds", mark("Confounds"), (K.CONFOUND,)),
    Queue("balance", mark("Balance"), (K.IMBALANCE, K.TOO_FEW, K.SIMILAR_LABELS)),
)

KIND_NAMES: Final[Mapping[FindingKind, str]] = {
    K.CONFLICTING_DUPLICATE: mark("Conflicting duplicates"),
    K.EXACT_DUPLICATE: mark("Exact duplicates"),
    K.NEAR_DUPLICATE: mark("Near-duplicates"),
    K.LEAKAGE: mark("Leakage across splits"),
    K.LABEL_SUSPECT: mark("Label suspects"),
    K.OUTLIER: mark("Outliers"),
    K.BLURRY: mark("Blurred"),
    K.DARK: mark("Dark"),
    K.BRIGHT: mark("Bright"),
    K.LOW_INFORMATION: mark("Little in it"),
    K.ODD_SIZE: mark("Odd size"),
    K.ODD_ASPECT: mark("Odd shape"),
    K.ODD_COLOUR: mark("Odd colour"),
    K.SATURATED: mark("Saturated"),
    K.CUT_OFF: mark("Cut off"),
    K.UNREADABLE: mark("Unreadable"),
    K.IMBALANCE: mark("Imbalance"),
    K.TOO_FEW: mark("Too few images"),
    K.SIMILAR_LABELS: mark("Similar labels"),
    K.CONFOUND: mark("Confounds"),
}

_QUEUE_OF: Final = {kind: queue for queue in QUEUES for kind in queue.kinds}
_BY_ID: Final = {queue.id: queue for queue in QUEUES}
ALL_KINDS: Final = tuple(_QUEUE_OF)


def queue_of(kind: FindingKind) -> Queue:
    """Return the queue that cases of a kind are in."""
    return _QUEUE_OF[kind]


def queue_by_id(queue_id: str) -> Queue:
    """Return a queue; the first for an id that is unknown."""
    return _BY_ID.get(queue_id, QUEUES[0])


def open_in(queue: Queue, counts: Mapping[FindingKind, FindingCounts]) -> int:
    """Return how many cases of a queue are open."""
    return sum(counts[kind].open for kind in queue.kinds if kind in counts)
