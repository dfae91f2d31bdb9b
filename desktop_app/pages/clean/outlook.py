"""What is to be expected of the label suspects, and what a decision about them says."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.domain.metrics import Metric


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of the label suspects.

    Attributes
    ----------
    expected
        Number of labels that are still wrong.
    total
        Of how many.
    answers
        Whether they are answers, a label of an image each, as an image may have several.
    looked_at, wrong
        How many cases were decided, and how many of these labels were wrong.
    stop, more
        Whether it is time to stop; else how many more cases until then, about.
    order
        The open cases, by finding id, the most suspicious first.
    alike
        By finding id of the first of these: the open cases that share its doubt.
    """

    expected: Metric
    total: int
    answers: bool = False
    looked_at: int = 0
    wrong: int = 0
    stop: bool = False
    more: int = 0
    order: tuple[int, ...] = ()
    alike: dict[int, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A decision about label suspects: which, whether their labels were wrong, and which label is right."""

    finding_ids: tuple[int, ...]
    wrong: bool
    label: str | None
