"""Counting what was exported, and what the format's own files could not say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from core.domain.samples import SampleState, Split
from core.export.dataset.names import safe_name
from core.export.dataset.spec import DatasetFormat, Fact, Item, Subject
from core.ingest.assign import natural_key
from core.ingest.formats.sidecar import TABLE


@dataclass(frozen=True, slots=True)
class NotHeld:
    """What a format could not say: of how many images (or labels), and the file beside it that says it."""

    what: Fact
    count: int
    kept_in: str = TABLE


_SAID: Final = (
    Fact.MANY,
    Fact.NO_LABEL,
    Fact.GROUP,
    Fact.SPLIT,
    Fact.TAGS,
    Fact.STATE,
    Fact.REASON,
    Fact.EXCLUDED,
    Fact.PIN,
    Fact.NAMES,
)
"""What is asked of each image, in this order."""


class Tally:
    """Counts images by label, split and group, and what is said of them."""

    def __init__(self, subject: Subject) -> None:
        self.images = 0
        self.made = 0
        self.labels: Counter[str] = Counter()
        self.splits: Counter[Split] = Counter()
        self.groups: set[str] = set()
        self._subject = subject
        self._awkward: dict[str, bool] = {}
        self._kinds: Counter[tuple[int | bool, ...]] = Counter()

    def add(self, item: Item) -> None:
        """Count an image."""
        sample, labels = item.sample, item.labels
        self.images += 1
        for name in labels or ():
            self.labels[name] += 1
        self.splits[sample.split] += 1
        if sample.group is not None:
            self.groups.add(sample.group)
        said = (
            labels is not None and len(labels) > 1,
            labels == (),
            sample.group is not None,
            sample.split is not Split.NONE,
            bool(sample.tags),
            sample.state is not SampleState.NONE,
            sample.reason is not None,
            sample.excluded,
            sample.pinned,
            any(self._is_awkward(name) for name in (*(labels or ()), *sample.tags)),
        )
        self._kinds[said] += 1

    def not_held(self, format: DatasetFormat) -> list[NotHeld]:
        """Return what there was to say that the format's own files do not, in the order of `Fact`."""
        labels = self._subject.labels
        names = [label.name for label in labels]
        facts: Counter[Fact] = Counter()
        for said, count in self._kinds.items():
            facts.update({fact: count for fact, holds in zip(_SAID, said, strict=True) if holds})
        facts[Fact.ORDER] = len(names) if names != sorted(names, key=natural_key) else 0
        facts[Fact.UNUSED] = sum(name not in self.labels for name in names)
        facts[Fact.PARENTS] = sum(label.parent_id is not None for label in labels)
        held = format.holds[self._subject.task]
        return [NotHeld(fact, facts[fact]) for fact in Fact if facts[fact] and fact not in held]

    def _is_awkward(self, name: str) -> bool:
        """Whether a name may mean something else as a folder, or in a cell with others."""
        if name not in self._awkward:
            self._awkward[name] = safe_name(name) != name or any(c in name for c in ";|")
        return self._awkward[name]
