"""The queues of the Clean page as a table: what is worked through together, in the order of what harms most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.domain.findings import IMAGE_QUALITY, FindingCounts, FindingKind
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
    Queue("quality", mark("Image quality"), IMAGE_QUALITY),
    Queue("unreadable", mark("Unreadable"), (K.UNREADABLE,)),
    Queue("confounds", mark("Confounds"), (K.CONFOUND,)),
    Queue("balance", mark("Balance"), (K.IMBALANCE, K.TOO_FEW, K.SIMILAR_LABELS)),
)

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
