"""What the Clean page knows of the whole project: its labels with their counts, and how many findings there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.domain.findings import CheckRecord, FindingCounts, FindingKind
from core.domain.labels import Label

if TYPE_CHECKING:
    from core.store.project import Project


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """Read off the GUI thread whenever something changed.

    Attributes
    ----------
    totals
        How many images each label has, by label id.
    samples, labelled
        How many images there are (all but the excluded), and how many of them have a label.
    looked_for
        What any check so far has looked for.
    noted
        The kinds that each check looks for, and why the last one could not, where it could not.
    """

    labels: tuple[Label, ...] = ()
    totals: Mapping[int, int] = field(default_factory=dict)
    samples: int = 0
    labelled: int = 0
    counts: Mapping[FindingKind, FindingCounts] = field(default_factory=dict)
    record: CheckRecord | None = None
    looked_for: frozenset[FindingKind] = frozenset()
    noted: tuple[tuple[frozenset[FindingKind], str], ...] = ()

    def notes(self, kinds: Collection[FindingKind]) -> str:
        """Say why the last check could not look for any of these kinds; nothing where it could for one."""
        said = [note for looked, note in self.noted if not looked.isdisjoint(kinds)]
        return " ".join(dict.fromkeys(said)) if all(said) else ""

    @property
    def open(self) -> int:
        """How many cases are open."""
        return sum(one.open for one in self.counts.values())


def read_stale(project: Project) -> tuple[int, int]:
    """Return how many open cases are about samples that have changed since the check, and how many images it never saw.

    On a worker thread.
    """
    from core.store.findings import stale_counts
    from core.store.seen import unseen

    return sum(stale_counts(project).values()), unseen(project).images


def read_facts(project: Project) -> ProjectFacts:
    """Read what the page shows of the whole project; on a worker thread."""
    from core.quality.table import CHECKS
    from core.store.findings import finding_counts, last_check, looked_for
    from core.store.label_totals import label_totals
    from core.store.labels import labels
    from core.store.samples import counts

    known, counted = labels(project), counts(project)
    # Those that are stale are counted apart, where the page shows them: that takes twenty times as long.
    found = finding_counts(project, stale=False)
    samples, record = counted.samples - counted.excluded, last_check(project)
    notes = record.notes if record is not None else {}
    return ProjectFacts(
        labels=tuple(known),
        totals=label_totals(project, known, counted.labels_shown),
        samples=samples,
        labelled=samples - counted.unlabelled_shown,
        counts=found,
        record=record,
        looked_for=looked_for(project) | found.keys(),
        noted=tuple((frozenset(spec.kinds), notes.get(spec.id, "")) for spec in CHECKS),
    )
